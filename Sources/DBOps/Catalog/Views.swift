internal import Postgres

extension Relation {
  /// The query of a view without the semicolon that the server puts behind it.
  private var body: String {
    let text = query ?? ""
    return text.hasSuffix(";") ? String(text.dropLast()) : text
  }

  private var withOptions: String { options.isEmpty ? "" : " WITH (\(options))" }

  private var viewDefinition: String {
    let check = checkOption.map { "\n  WITH \($0) CHECK OPTION" } ?? ""
    return "VIEW \(name.sql)\(withOptions) AS\n\(body)\(check);\n"
  }

  /// A view as it stands.
  func viewObject(_ columns: [TableColumn]) -> DumpObject {
    DumpObject(
      key, .view, schema: name.schema, tag: name.name, owner: owner,
      definition: "CREATE \(viewDefinition)\(adjustments(columns))",
      dropStatement: "DROP VIEW \(name.sql);\n", claims: companions)
  }

  /// A view that has the columns and no content yet, for others to lean on.
  func placeholderObject(_ columns: [TableColumn]) -> DumpObject {
    DumpObject(
      key, .view, schema: name.schema, tag: name.name, owner: owner,
      definition: "CREATE VIEW \(name.sql) AS\n\(placeholderQuery(columns));\n",
      dropStatement: "DROP VIEW \(name.sql);\n",
      claims: companions.filter { $0.catalog != .rewriteRule })
  }

  /// What fills the placeholder, once everything that the view reads stands.
  func ruleObject(_ columns: [TableColumn]) -> DumpObject {
    DumpObject(
      ObjectKey(.relation, oid, .rule), .rule, schema: name.schema, tag: "\(name.name) _RETURN",
      owner: owner,
      definition: "CREATE OR REPLACE \(viewDefinition)\(adjustments(columns))",
      dropStatement:
        "CREATE OR REPLACE VIEW \(name.sql) AS\n\(placeholderQuery(columns));\n",
      claims: [ObjectAddress(.rewriteRule, ruleOID)], requires: [key])
  }

  private func placeholderQuery(_ columns: [TableColumn]) -> String {
    let list = columns.map { column in
      let collation = column.collation.map { " COLLATE \($0)" } ?? ""
      return "    NULL::\(column.type)\(collation) AS \(column.sql)"
    }
    return "SELECT\n" + list.joined(separator: ",\n")
  }

  /// A materialized view without its rows.
  func materializedViewObject(_ columns: [TableColumn]) -> DumpObject {
    var object = DumpObject(
      key, .materializedView, schema: name.schema, tag: name.name, owner: owner,
      definition: """
        CREATE MATERIALIZED VIEW \(name.sql)\(withOptions) AS
        \(body)
          WITH NO DATA;
        \(adjustments(columns))
        """,
      dropStatement: "DROP MATERIALIZED VIEW \(name.sql);\n", claims: companions)
    object.tablespace = tablespace ?? ""
    object.accessMethod = accessMethod
    return object
  }

  /// What fills a materialized view; `parents` are the refreshes that must come before.
  func refreshObject(after parents: [ObjectKey]) -> DumpObject {
    DumpObject(
      ObjectKey(.relation, oid, .data), .materializedViewData, schema: name.schema, tag: name.name,
      owner: owner, definition: "REFRESH MATERIALIZED VIEW \(name.sql);\n",
      requires: [key] + parents)
  }

  private func adjustments(_ columns: [TableColumn]) -> String {
    columns.map { $0.adjustments(of: name.sql) }.joined()
  }
}
