internal import Diagnostics
internal import Postgres

/// A row of a catalog query, with accessors that say which column was not as expected.
struct CatalogRow {
  let row: Row

  /// The value of a column that is never NULL.
  func text(_ column: String) throws -> String {
    guard let value = row[column] else { throw UnexpectedCatalogValue(column: column, value: nil) }
    return value
  }

  /// The value of a column, nil for NULL.
  func optional(_ column: String) -> String? { row[column] }

  /// The value of a column, empty for NULL.
  func orEmpty(_ column: String) -> String { row[column] ?? "" }

  /// An OID; 0 for NULL.
  func oid(_ column: String) throws -> UInt32 {
    try number(column) ?? 0
  }

  /// An integer; nil for NULL.
  func number<Number: FixedWidthInteger>(_ column: String) throws -> Number? {
    guard let text = row[column] else { return nil }
    guard let value = Number(text) else {
      throw UnexpectedCatalogValue(column: column, value: text)
    }
    return value
  }

  /// A truth value; false for NULL.
  func flag(_ column: String) -> Bool { row[column] == "t" }

  /// One of PostgreSQL's `"char"` codes; a space where it is empty or NULL.
  func code(_ column: String) -> Character { row[column]?.first ?? " " }
}

/// A catalog holds something that its documentation does not allow for.
struct UnexpectedCatalogValue: Failure {
  var column: String
  var value: String?

  var message: String {
    "the server's catalogs hold an unexpected \(value.map { "\"\($0)\"" } ?? "NULL") in \(column)"
  }
}

/// Conditions that the catalog queries share.
enum CatalogFilter {
  /// The schemas that hold users' objects.
  static func userSchema(_ namespace: String) -> String {
    "\(namespace).nspname !~ '^pg_' AND \(namespace).nspname <> 'information_schema'"
  }

  /// What no extension owns.
  static func notMember(_ catalog: String, _ oid: String) -> String {
    """
    NOT EXISTS (SELECT FROM pg_depend AS m WHERE m.classid = '\(catalog)'::regclass \
    AND m.objid = \(oid) AND m.deptype = 'e')
    """
  }

  /// Relations of users, of table `pg_class AS relation` joined with its `pg_namespace`.
  static func userRelation(_ relation: String, _ namespace: String) -> String {
    userSchema(namespace) + " AND " + notMember("pg_class", relation + ".oid")
  }
}
