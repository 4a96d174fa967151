/// One migration script as its header describes it: who it is and what it follows.
public struct Revision: Hashable, Sendable {
  /// How a script is written.
  public enum Language: Hashable, Sendable {
    /// A module with `upgrade()` and `downgrade()`.
    case python
    /// Statements under `-- upgrade` and `-- downgrade`.
    case sql
  }

  /// Its identifier.
  public var id: String
  /// What it follows: none for a base, several for a merge.
  public var downRevisions: [String]
  /// What has to be there before it without being its predecessor: identifiers or branch labels.
  public var dependencies: [String]
  /// The labels that it gives to its branch.
  public var branchLabels: [String]
  /// The whole docstring without surrounding white space; empty where there is none.
  public var longDoc: String
  /// The file; empty for a script that exists only in memory.
  public var path: String
  /// How it is written.
  public var language: Language

  /// Describes a script.
  public init(
    id: String, downRevisions: [String] = [], dependencies: [String] = [],
    branchLabels: [String] = [], longDoc: String = "", path: String = "",
    language: Language = .python
  ) {
    self.id = id
    self.downRevisions = downRevisions
    self.dependencies = dependencies
    self.branchLabels = branchLabels
    self.longDoc = longDoc
    self.path = path
    self.language = language
  }

  /// The first paragraph of the docstring, which Alembic shows as the message.
  public var doc: String {
    var lines: [Substring] = []
    for line in longDoc.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  /// Throws for an identifier that the notation of relative revisions could not tell apart.
  public static func verify(id: String) throws(RevisionError) {
    let illegal = "+-:@".filter { id.contains($0) }.map(String.init)
    if !illegal.isEmpty {
      throw RevisionError(
        .illegalIdentifier,
        "Character(s) '\(illegal.joined(separator: ", "))' not allowed in revision identifier "
          + "'\(id)'")
    }
  }
}
