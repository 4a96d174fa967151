internal import Text

/// Writes statements and the calls of revisions that a finding suggests.
enum OperationCall {
  /// A text in Python.
  static func literal(_ text: String) -> String {
    "'" + text.replacing(text: "\\", with: "\\\\").replacing(text: "'", with: "\\'") + "'"
  }

  /// `'table', schema='app'`.
  static func schema(_ table: ObjectName) -> String {
    table.schema.map { ", schema=\(literal($0))" } ?? ""
  }

  static func list(_ names: [String]) -> String {
    "[" + names.map(literal).joined(separator: ", ") + "]"
  }

  /// Lines of a revision that run outside of its transaction.
  static func alone(_ lines: [String]) -> [String] {
    ["with op.get_context().autocommit_block():"] + lines.map { "    " + $0 }
  }

  /// `CREATE INDEX CONCURRENTLY` in both languages.
  static func concurrentIndex(_ index: IndexCreation) -> [String] {
    let unique = index.isUnique ? "UNIQUE " : ""
    let name = index.name.map { ObjectName(nil, $0).description + " " } ?? ""
    let sql =
      "CREATE \(unique)INDEX CONCURRENTLY \(name)ON \(index.table) \(index.definition)"
    let columns = simpleColumns(index.definition)
    guard let columns, let name = index.name else {
      return [sql + ";"] + alone(["op.execute(\(literal(sql)))"])
    }
    let flag = index.isUnique ? ", unique=True" : ""
    return [sql + ";"]
      + alone([
        "op.create_index(\(literal(name)), \(literal(index.table.name)), \(list(columns))\(flag)"
          + "\(schema(index.table)), postgresql_concurrently=True)"
      ])
  }

  /// The columns of `(a, b)`; nil where there is more to it.
  static func simpleColumns(_ definition: String) -> [String]? {
    var reader = SQLReader(SQLTokens.tokens(of: definition))
    guard let content = reader.parenthesised(), reader.isAtEnd else { return nil }
    let parts = SQLReader(content).parts()
    let names = parts.compactMap { $0.count == 1 ? $0.first?.name : nil }
    return names.count == parts.count ? names : nil
  }

  /// A constraint that is added first and looks at the rows later.
  static func inTwoSteps(_ table: ObjectName, _ name: String, _ definition: String) -> [String] {
    let constraint = ObjectName(nil, name)
    return [
      "ALTER TABLE \(table) ADD CONSTRAINT \(constraint) \(definition) NOT VALID;",
      "-- in a later transaction, while everybody works on:",
      "ALTER TABLE \(table) VALIDATE CONSTRAINT \(constraint);",
    ]
  }
}
