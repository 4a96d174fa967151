/// One row of `pg_depend` between two of users' objects, columns folded into their tables.
struct Dependency: Hashable, Sendable {
  var dependent: ObjectAddress
  var referenced: ObjectAddress
  /// `n` normal, `a` automatic, `i` internal, `e` member of an extension, `x` automatic by an
  /// extension, `P` and `S` of partitions.
  var form: Character

  static let query = """
    SELECT DISTINCT classid, objid, refclassid, refobjid, deptype
    FROM pg_depend
    WHERE deptype <> 'p' AND objid >= 16384 AND (refobjid >= 16384 OR refobjid = 2200)
    """

  /// A normal dependency.
  init(of dependent: ObjectAddress, on referenced: ObjectAddress) {
    self.dependent = dependent
    self.referenced = referenced
    form = "n"
  }

  init(_ row: CatalogRow) throws {
    dependent = ObjectAddress(
      CatalogClass(rawValue: try row.oid("classid")), try row.oid("objid"))
    referenced = ObjectAddress(
      CatalogClass(rawValue: try row.oid("refclassid")), try row.oid("refobjid"))
    form = row.code("deptype")
  }
}
