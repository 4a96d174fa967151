internal import Diagnostics
internal import OrderedCollections
internal import PythonSubset

/// A revision that is about to be written, as `alembic revision` and `alembic merge` describe it.
public struct NewRevision: Hashable, Sendable {
  /// The message; nil makes Alembic's "empty message".
  public var message: String?
  /// The identifier; nil draws one.
  public var id: String?
  /// What it follows: `head`, identifiers, `label@head`, `base`.
  public var heads: RevisionNames = .one("head")
  /// Whether what it follows need not be a head.
  public var splices = false
  /// The label that begins a branch with it.
  public var branchLabel: String?
  /// The version folder; nil takes the only one, or that of what it follows.
  public var versionFolder: String?
  /// What it depends on.
  public var dependencies: [String] = []
  /// Whether it merges what it follows and does nothing itself.
  public var isMerge = false

  /// An ordinary revision on top of the head.
  public init() {}
}

/// The moment in which a revision is written, in the project's time zone.
public struct CreationDate: Hashable, Sendable {
  /// The parts, as a calendar has them.
  public var year, month, day, hour, minute, second, microsecond: Int
  /// Seconds since 1970.
  public var epoch: Int
  /// Seconds east of Greenwich; nil for a local time that says nothing of its zone.
  public var offset: Int?

  /// Names a moment.
  public init(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microsecond: Int,
    epoch: Int, offset: Int? = nil
  ) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
    (self.microsecond, self.epoch, self.offset) = (microsecond, epoch, offset)
  }

  /// As Python prints a datetime.
  var text: String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
    let digits = String(1_000_000 + microsecond).dropFirst()
    var text = "\(year)-\(two(month))-\(two(day)) \(two(hour)):\(two(minute)):\(two(second))"
    if microsecond != 0 { text += ".\(digits)" }
    guard let offset else { return text }
    let minutes = abs(offset) / 60
    return text + (offset < 0 ? "-" : "+") + "\(two(minutes / 60)):\(two(minutes % 60))"
  }
}

extension ScriptDirectory {
  /// Writes a new script from the project's `script.py.mako`.
  ///
  /// - Throws: `RevisionError` in Alembic's words, or `ProjectError` when the template or a folder
  ///   cannot be used.
  public func write(_ new: NewRevision, at date: CreationDate) throws -> Revision {
    let id = new.id ?? ScriptDirectory.drawnID()
    try Revision.verify(id: id)
    let heads = try heads(of: new)
    let folder = try folder(of: new, on: heads)
    if !new.splices, let other = heads.first(where: { !map.nodes[$0].next.isEmpty }) {
      throw RevisionError(
        .other,
        "Revision \(map.revisions[other].id) is not a head revision; please specify --splice to "
          + "create a new branch from this revision")
    }
    let path = Folder.absolute(try fileName(id, new.message, date), in: folder)
    let text = try text(of: new, id: id, heads: map.ids(heads), date)
    try Folder.make(Folder.parent(of: path))
    try Folder.create(path, text)
    let written = try PythonHeader(try Module.parse(Array(text.utf8), file: path))
      .revision(path: path)
    if let label = new.branchLabel, written.branchLabels.isEmpty {
      throw ProjectError(
        "Version \(id) specified branch_labels \(label), however the migration file \(path) does "
          + "not have them; have you upgraded your script.py.mako to include the 'branch_labels' "
          + "section?")
    }
    return written
  }

  /// Twelve hexadecimal digits.
  private static func drawnID() -> String {
    let digits = String(UInt64.random(in: 0..<(1 << 48)), radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }

  private func heads(of new: NewRevision) throws -> [Int] {
    let heads = try map.worded(
      multipleHeads: "Multiple heads are present; please specify the head revision on which the "
        + "new revision should be based, or perform a merge."
    ) { try map.landings(new.heads).compactMap { $0?.index } }
    if Set(heads).count != heads.count {
      throw RevisionError(.other, "Duplicate head revisions specified")
    }
    return heads
  }

  private func folder(of new: NewRevision, on heads: [Int]) throws -> String {
    if let named = new.versionFolder {
      guard project.versionFolders.contains(named) else {
        throw ProjectError("Path \(named) is not represented in current version locations")
      }
      return named
    }
    if project.versionFolders.count == 1 { return project.versionFolders[0] }
    guard let head = heads.first else {
      throw ProjectError("Multiple version locations present, please specify --version-path")
    }
    let beside = Folder.parent(of: map.revisions[head].path)
    let known = project.versionFolders.first { beside == $0 || Folder.resolved($0) == beside }
    guard let known else {
      throw ProjectError("Path \(beside) is not represented in current version locations")
    }
    return known
  }

  /// The file's name by the project's `file_template`, which is a format of Python's `%`.
  private func fileName(_ id: String, _ message: String?, _ date: CreationDate) throws -> String {
    let numbers: [(String, Int)] = [
      ("epoch", date.epoch), ("year", date.year), ("month", date.month), ("day", date.day),
      ("hour", date.hour), ("minute", date.minute), ("second", date.second),
    ]
    let values = PythonDict(
      [("rev", Value.string(id)), ("slug", Value.string(slug(message ?? "")))]
        + numbers.map { ($0.0, Value.int($0.1)) })
    let source = "def name(template, values):\n  return template % values + '.py'\n"
    do {
      let python = Interpreter()
      let module = try python.run(
        try Module.parse(Array(source.utf8), file: "file_template"), as: "file_template")
      let name = try python.call(
        try python.member("name", of: module), [.string(project.fileTemplate), .dict(values)])
      return try python.str(name)
    } catch {
      throw ProjectError(
        "file_template is \"\(project.fileTemplate)\", which names no file: \(error)")
    }
  }

  /// The message's words, in small letters and not too many of them.
  private func slug(_ message: String) -> String {
    let words = message.unicodeScalars.split {
      !($0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil)
    }
    let slug = words.map { String($0) }.joined(separator: "_").lowercased()
    if slug.count <= project.slugLength { return slug }
    let start = slug.prefix(project.slugLength)
    return (start.lastIndex(of: "_").map { start[..<$0] } ?? start) + "_"
  }

  private func text(
    of new: NewRevision, id: String, heads: [String], _ date: CreationDate
  ) throws -> String {
    func scalar(_ names: [String]) -> Value {
      if names.count > 1 { return .tuple(names.map { .string($0) }) }
      return names.first.map { .string($0) } ?? .null
    }
    guard project.outputEncoding.lowercased().filter({ $0 != "-" && $0 != "_" }) == "utf8" else {
      throw ProjectError(
        "output_encoding is \(project.outputEncoding); only UTF-8 is written", status: .refused)
    }
    let dependencies = try new.dependencies.map { name -> String in
      let view = try map.views(of: .one(name)).first
      guard let view else { throw RevisionError.resolution("", name) }
      return view.labels.contains(name) ? name : view.revision.id
    }
    let path = Folder.joined(project.scriptFolder, "script.py.mako")
    let template = try MakoTemplate(
      parsing: try Folder.text(of: path), file: path,
      names: [
        "up_revision", "down_revision", "branch_labels", "depends_on", "create_date", "message",
        "upgrades", "downgrades", "imports", "config",
      ])
    let pass: Value = new.isMerge ? .null : .string("pass")
    let body = try template.render([
      .string(id), scalar(heads), new.branchLabel.map { .tuple([.string($0)]) } ?? .null,
      scalar(dependencies), .string(date.text), .string(new.message ?? "empty message"), pass, pass,
      .string(""), .null,
    ])
    return body
  }
}
