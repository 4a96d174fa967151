/// The table that holds the applied revisions, shared with Alembic: its statements are the ones
/// that Alembic sends.
public struct VersionTable: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The schema; nil is the first of the search path.
  public var schema: String?
  /// Whether it gets a primary key.
  public var hasPrimaryKey: Bool

  /// The table that a project's `env.py` names.
  public init(_ options: EnvironmentOptions) {
    name = options.versionTable
    schema = options.versionTableSchema
    hasPrimaryKey = options.hasVersionTablePrimaryKey
  }

  /// The name as it stands in statements.
  public var quotedName: String {
    let quoted = IdentifierPreparer.quote(name)
    return schema.map { "\(IdentifierPreparer.quote($0)).\(quoted)" } ?? quoted
  }

  /// Creates it.
  public var create: String { "CREATE TABLE \(definition)" }

  /// Creates it where it is not there.
  public var createIfMissing: String { "CREATE TABLE IF NOT EXISTS \(definition)" }

  private var definition: String {
    var lines = ["version_num VARCHAR(32) NOT NULL"]
    if hasPrimaryKey {
      lines.append(
        "CONSTRAINT \(IdentifierPreparer.quote("\(name)_pkc")) PRIMARY KEY (version_num)")
    }
    return "\(quotedName) (\n    " + lines.joined(separator: ", \n    ") + "\n)"
  }

  /// Reads the applied revisions.
  public var select: String { "SELECT \(quotedName).version_num \nFROM \(quotedName)" }

  /// Reads them in the server's text format. A server plans nothing for it and looks at fewer catalogs, which
  /// in a new session is most of what the other takes; only a table can be copied, no view.
  public var copy: String { "COPY \(quotedName) (version_num) TO STDOUT" }

  /// Forgets all applied revisions.
  public var purge: String { "DELETE FROM \(quotedName)" }

  /// Makes a change.
  public func statement(for change: VersionChange) -> String {
    let column = "\(quotedName).version_num"
    switch change {
    case .insert(let version):
      let returning = hasPrimaryKey ? " RETURNING \(column)" : ""
      return "INSERT INTO \(quotedName) (version_num) VALUES (\(literal(version)))\(returning)"
    case .delete(let version):
      return "DELETE FROM \(quotedName) WHERE \(column) = \(literal(version))"
    case .update(let old, let new):
      return "UPDATE \(quotedName) SET version_num=\(literal(new)) "
        + "WHERE \(column) = \(literal(old))"
    }
  }

  /// What is wrong when a change met another number of rows than one.
  func mismatch(_ change: VersionChange, rows: Int) -> RevisionError {
    let text =
      switch change {
      case .insert(let version): "inserting '\(version)' into '\(name)'"
      case .delete(let version): "deleting '\(version)' in '\(name)'"
      case .update(let old, let new): "updating '\(old)' to '\(new)' in '\(name)'"
      }
    return RevisionError(
      .other, "Online migration expected to match one row when \(text); \(rows) found",
      hint: "somebody else changed the version table meanwhile; look at it and run again",
      status: .failed)
  }

  private func literal(_ version: String) -> String { LiteralWriter.quoted(version) }
}
