internal import Diagnostics

/// A revision that is written in SQL: a file whose first comment lines describe it, and whose
/// statements stand below `-- upgrade` and `-- downgrade`.
///
/// ```sql
/// -- Index the ledger by day
/// -- revision: 3f2a9c
/// -- down_revision: 81be07
/// -- upgrade
/// CREATE INDEX ledger_day ON ledger (day);
/// -- downgrade
/// DROP INDEX ledger_day;
/// ```
///
/// `down_revision`, `depends_on` and `branch_labels` take several names with commas between them.
/// `-- transaction: none` runs each statement by itself, as `CREATE INDEX CONCURRENTLY` needs.
public struct SQLRevision: Hashable, Sendable {
  /// What the header says.
  public var revision: Revision
  /// The text below `-- upgrade`, and the line that it begins on.
  public var upgrade: Section
  /// The text below `-- downgrade`; nil where there is none, and so no way down.
  public var downgrade: Section?
  /// Whether statements run in the revision's transaction.
  public var isTransactional = true

  /// A part of the file.
  public struct Section: Hashable, Sendable {
    /// The statements.
    public var text: String
    /// The line of the file that the text begins on, from 1.
    public var line: Int
  }

  /// Whether the text begins as a revision does; other files of SQL are no business of ours.
  static func isRevision(_ text: String) -> Bool {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).prefix(100) {
      let line = String(line).stripped
      if line.isEmpty { continue }
      guard let comment = comment(line) else { return false }
      if field(comment)?.name == "revision" { return true }
    }
    return false
  }

  /// Reads the text of a file.
  ///
  /// - Throws: `ProjectError` with the line.
  public init(parsing text: String, path: String) throws {
    var reader = SQLRevisionReader(path: path)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines { try reader.read(line.hasSuffix("\r") ? line.dropLast() : line) }
    self = try reader.finished()
  }

  fileprivate init(revision: Revision, upgrade: Section) {
    self.revision = revision
    self.upgrade = upgrade
  }

  fileprivate static func comment(_ line: String) -> String? {
    line.hasPrefix("--") ? String(line.drop { $0 == "-" }).stripped : nil
  }

  fileprivate static func field(_ comment: String) -> (name: String, value: String)? {
    guard let colon = comment.firstIndex(of: ":") else { return nil }
    let name = comment[..<colon].lowercased()
    guard fields.contains(name) else { return nil }
    return (name, String(comment[comment.index(after: colon)...]).stripped)
  }

  private static let fields: Set<String> = [
    "revision", "down_revision", "depends_on", "branch_labels", "transaction",
  ]
}

/// The state between two lines of a revision in SQL.
private struct SQLRevisionReader {
  let path: String
  private var number = 0
  private var fields: [String: String] = [:]
  private var message: [String] = []
  private var sections: [String: SQLRevision.Section] = [:]
  private var section: String?
  private var lines: [Substring] = []

  init(path: String) { self.path = path }

  mutating func read(_ line: Substring) throws(ProjectError) {
    number += 1
    let words = SQLRevision.comment(String(line))
    // Only at the start of a line: a comment further in belongs to the statement around it.
    if let words, ["upgrade", "downgrade"].contains(words.lowercased()) {
      endSection()
      section = words.lowercased()
      if sections[words.lowercased()] != nil { throw wrong("-- \(words) stands there twice") }
      sections[words.lowercased()] = SQLRevision.Section(text: "", line: number + 1)
    } else if section != nil {
      lines.append(line)
    } else {
      try header(String(line).stripped)
    }
  }

  private mutating func header(_ line: String) throws(ProjectError) {
    if line.isEmpty { return }
    guard let comment = SQLRevision.comment(line) else {
      throw wrong("a statement stands before -- upgrade")
    }
    guard let (name, value) = SQLRevision.field(comment) else { return message.append(comment) }
    if fields[name] != nil { throw wrong("-- \(name): stands there twice") }
    fields[name] = value
  }

  private mutating func endSection() {
    guard let section else { return }
    sections[section]?.text = lines.joined(separator: "\n")
    lines = []
  }

  mutating func finished() throws -> SQLRevision {
    endSection()
    guard let id = fields["revision"], !id.isEmpty else { throw wrong("-- revision: is empty") }
    guard let upgrade = sections["upgrade"] else { throw wrong("there is no -- upgrade") }
    let revision = Revision(
      id: id, downRevisions: names("down_revision"), dependencies: names("depends_on"),
      branchLabels: names("branch_labels"),
      longDoc: message.joined(separator: "\n").stripped, path: path, language: .sql)
    var result = SQLRevision(revision: revision, upgrade: upgrade)
    result.downgrade = sections["downgrade"]
    switch fields["transaction"]?.lowercased() {
    case nil, "yes", "on", "true": break
    case "none", "no", "off", "false": result.isTransactional = false
    case let other?: throw wrong("-- transaction: is \"\(other)\"; it can be \"none\"")
    }
    return result
  }

  private func names(_ field: String) -> [String] {
    let names = (fields[field] ?? "").split(separator: ",").map { String($0).stripped }
    return names == ["None"] ? [] : names.filter { !$0.isEmpty }
  }

  private func wrong(_ message: String) -> ProjectError {
    ProjectError(at: SourceLocation(file: path, line: number, column: 1), message)
  }
}
