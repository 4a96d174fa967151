/// The address of an object in a server's catalogs, as `pg_depend` knows it.
struct ObjectAddress: Hashable, Comparable, Sendable {
  /// The OID of the catalog that holds the object.
  var catalog: CatalogClass
  /// The object's OID there.
  var oid: UInt32

  init(_ catalog: CatalogClass, _ oid: UInt32) {
    self.catalog = catalog
    self.oid = oid
  }

  static func < (a: ObjectAddress, b: ObjectAddress) -> Bool {
    (a.catalog.rawValue, a.oid) < (b.catalog.rawValue, b.oid)
  }
}

/// A catalog that holds objects, by its OID, which never changes.
struct CatalogClass: RawRepresentable, Hashable, Sendable {
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }
  private init(_ oid: UInt32) { rawValue = oid }

  static let accessMethod = CatalogClass(2601)
  static let attributeDefault = CatalogClass(2604)
  static let cast = CatalogClass(2605)
  static let collation = CatalogClass(3456)
  static let constraint = CatalogClass(2606)
  static let conversion = CatalogClass(2607)
  static let database = CatalogClass(1262)
  static let defaultPrivileges = CatalogClass(826)
  static let eventTrigger = CatalogClass(3466)
  static let `extension` = CatalogClass(3079)
  static let foreignDataWrapper = CatalogClass(2328)
  static let foreignServer = CatalogClass(1417)
  static let language = CatalogClass(2612)
  static let largeObject = CatalogClass(2613)
  static let namespace = CatalogClass(2615)
  static let `operator` = CatalogClass(2617)
  static let operatorClass = CatalogClass(2616)
  static let operatorFamily = CatalogClass(2753)
  static let policy = CatalogClass(3256)
  static let procedure = CatalogClass(1255)
  static let publication = CatalogClass(6104)
  static let publicationNamespace = CatalogClass(6237)
  static let publicationRelation = CatalogClass(6106)
  static let relation = CatalogClass(1259)
  static let rewriteRule = CatalogClass(2618)
  static let statistics = CatalogClass(3381)
  static let subscription = CatalogClass(6100)
  static let textSearchConfiguration = CatalogClass(3602)
  static let textSearchDictionary = CatalogClass(3600)
  static let textSearchParser = CatalogClass(3601)
  static let textSearchTemplate = CatalogClass(3764)
  static let transform = CatalogClass(3576)
  static let trigger = CatalogClass(2620)
  static let type = CatalogClass(1247)
  static let userMapping = CatalogClass(1418)
}

/// Which entry of an object is meant, where one object makes several.
enum Facet: Int, Hashable, Comparable, Sendable {
  case shell
  case definition
  case addition
  case defaultValue
  case ownedBy
  case attachment
  case rule
  case rowSecurity
  case data

  static func < (a: Facet, b: Facet) -> Bool { a.rawValue < b.rawValue }
}

/// The identity of one entry of the archive while it has no number yet.
struct ObjectKey: Hashable, Comparable, Sendable {
  var address: ObjectAddress
  var facet: Facet

  init(_ address: ObjectAddress, _ facet: Facet = .definition) {
    self.address = address
    self.facet = facet
  }

  init(_ catalog: CatalogClass, _ oid: UInt32, _ facet: Facet = .definition) {
    self.init(ObjectAddress(catalog, oid), facet)
  }

  static func < (a: ObjectKey, b: ObjectKey) -> Bool {
    (a.address, a.facet) < (b.address, b.facet)
  }
}
