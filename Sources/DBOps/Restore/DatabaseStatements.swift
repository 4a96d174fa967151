internal import Archive
internal import Postgres

/// What an archive says about the database itself: how to make it, and what is set on it.
///
/// The statements name the database that was dumped; here they get the name of the one to make.
struct DatabaseStatements: Sendable {
  private let creation: String?
  private let settings: [String]
  /// The comment's statement, where the database has one.
  private let comments: [String]
  /// The role that owned the database.
  let owner: String?
  /// The encoding for a database of which the archive holds no creation.
  private let encoding: String?

  init(_ entries: [ArchiveEntry], encoding: String?) {
    let database = entries.first { $0.kind == "DATABASE" }
    creation = database?.definition
    owner = database.map(\.owner).flatMap { $0.isEmpty ? nil : $0 }
    settings = entries.filter { DatabaseStatements.isSetting($0) }.map(\.definition)
    comments = entries.filter { $0.kind == "COMMENT" && DatabaseStatements.concerns($0) }
      .map(\.definition)
    self.encoding = encoding
  }

  /// Whether an entry is about the database as a whole, so that it is not for the usual passes.
  static func concerns(_ entry: ArchiveEntry) -> Bool {
    switch entry.kind {
    case "DATABASE", "DATABASE PROPERTIES": true
    case "ACL", "COMMENT", "SECURITY LABEL": entry.tag.hasPrefix("DATABASE ")
    default: false
    }
  }

  private static func isSetting(_ entry: ArchiveEntry) -> Bool {
    concerns(entry) && entry.kind != "DATABASE" && entry.kind != "COMMENT"
  }

  /// The tablespace that `CREATE DATABASE` names.
  var tablespace: String? {
    let tokens = SQLTokens.tokens(of: creation ?? "")
    guard let word = tokens.lastIndex(where: { $0.isKeyword("tablespace") }),
      word + 2 < tokens.count, tokens[word + 1].isSymbol("=")
    else { return nil }
    return tokens[word + 2].name
  }

  /// `CREATE DATABASE` as the archive has it, from `template0`, under another name.
  func create(as name: String) -> String {
    guard let creation else {
      let encoding = encoding.map { " ENCODING = \(quoteLiteral($0))" } ?? ""
      return "CREATE DATABASE \(quoteIdentifier(name)) WITH TEMPLATE = template0\(encoding)"
    }
    return DatabaseStatements.renaming(creation, to: name)
  }

  /// Rights and settings of the database; they are put on when everything else is done, because
  /// some of them (read-only by default, say) would stop the restore.
  func settle(_ name: String) -> [String] {
    settings.map { DatabaseStatements.renaming($0, to: name) }
  }

  /// The archived comment, or the removal of the mark that the database had while it was made.
  func comment(_ name: String) -> String {
    comments.first.map { DatabaseStatements.renaming($0, to: name) }
      ?? "COMMENT ON DATABASE \(quoteIdentifier(name)) IS NULL"
  }

  /// Replaces the name after every `DATABASE` that begins a name's place.
  ///
  /// `DATABASE` is a keyword that is not reserved, so the word itself may be a name too; but a name
  /// follows it only where it is the keyword.
  static func renaming(_ sql: String, to name: String) -> String {
    let tokens = SQLTokens.tokens(of: sql)
    var result = ""
    var copied = sql.startIndex
    var index = 0
    while index + 1 < tokens.count {
      let target = tokens[index + 1]
      if tokens[index].isKeyword("database"), target.name != nil {
        result += sql[copied..<target.range.lowerBound]
        result += quoteIdentifier(name)
        copied = target.range.upperBound
        index += 1
      }
      index += 1
    }
    return result + sql[copied...]
  }
}
