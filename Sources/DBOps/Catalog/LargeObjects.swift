internal import Postgres

/// A large object: bytes that the catalogs know by a number alone.
struct LargeObject: SelfContainedObject {
  var oid: UInt32
  var owner: String

  static func query(_ version: Int) -> String {
    "SELECT oid, pg_get_userbyid(lomowner) AS owner FROM pg_largeobject_metadata"
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    owner = try row.text("owner")
  }

  /// The entry that makes it, empty.
  var dumpObject: DumpObject {
    var object = DumpObject(
      ObjectKey(.largeObject, oid), .largeObject, tag: String(oid), owner: owner,
      definition: "SELECT pg_catalog.lo_create('\(oid)');\n",
      dropStatement: "SELECT pg_catalog.lo_unlink('\(oid)');\n")
    // Numbers of one length sort as numbers.
    object.sortName = String(repeating: "0", count: 10 - object.tag.utf8.count) + object.tag
    return object
  }

  /// The entry of the bytes of all of them.
  static let data = DumpObject(
    ObjectKey(.largeObject, 0, .data), .largeObjectData, tag: "BLOBS")
}
