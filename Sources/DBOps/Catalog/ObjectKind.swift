internal import Archive

/// The kinds of entries that a backup writes, in the order in which free objects stand.
enum ObjectKind: Int, Comparable, Sendable, CaseIterable {
  case database
  case databaseProperties
  case schema
  case language
  case collation
  case transform
  case `extension`
  case shellType
  case type
  case domain
  case cast
  case function
  case procedure
  case aggregate
  case accessMethod
  case `operator`
  case operatorFamily
  case operatorClass
  case conversion
  case textSearchParser
  case textSearchTemplate
  case textSearchDictionary
  case textSearchConfiguration
  case foreignDataWrapper
  case foreignServer
  case userMapping
  case table
  case foreignTable
  case view
  case materializedView
  case sequence
  case sequenceOwner
  case tableAttachment
  case columnDefault
  case largeObject
  case tableData
  case sequenceValue
  case largeObjectData
  case checkConstraint
  case constraint
  case index
  case indexAttachment
  case statistics
  case rule
  case trigger
  case foreignKey
  case rowSecurity
  case policy
  case publication
  case publicationTable
  case publicationSchema
  case subscription
  case eventTrigger
  case defaultPrivileges
  case materializedViewData

  /// What the archive calls it.
  var name: String {
    switch self {
    case .database: "DATABASE"
    case .databaseProperties: "DATABASE PROPERTIES"
    case .schema: "SCHEMA"
    case .language: "PROCEDURAL LANGUAGE"
    case .collation: "COLLATION"
    case .transform: "TRANSFORM"
    case .extension: "EXTENSION"
    case .shellType: "SHELL TYPE"
    case .type: "TYPE"
    case .domain: "DOMAIN"
    case .cast: "CAST"
    case .function: "FUNCTION"
    case .procedure: "PROCEDURE"
    case .aggregate: "AGGREGATE"
    case .accessMethod: "ACCESS METHOD"
    case .operator: "OPERATOR"
    case .operatorFamily: "OPERATOR FAMILY"
    case .operatorClass: "OPERATOR CLASS"
    case .conversion: "CONVERSION"
    case .textSearchParser: "TEXT SEARCH PARSER"
    case .textSearchTemplate: "TEXT SEARCH TEMPLATE"
    case .textSearchDictionary: "TEXT SEARCH DICTIONARY"
    case .textSearchConfiguration: "TEXT SEARCH CONFIGURATION"
    case .foreignDataWrapper: "FOREIGN DATA WRAPPER"
    case .foreignServer: "SERVER"
    case .userMapping: "USER MAPPING"
    case .table: "TABLE"
    case .foreignTable: "FOREIGN TABLE"
    case .view: "VIEW"
    case .materializedView: "MATERIALIZED VIEW"
    case .sequence: "SEQUENCE"
    case .sequenceOwner: "SEQUENCE OWNED BY"
    case .tableAttachment: "TABLE ATTACH"
    case .columnDefault: "DEFAULT"
    case .largeObject: "BLOB"
    case .tableData: "TABLE DATA"
    case .sequenceValue: "SEQUENCE SET"
    case .largeObjectData: "BLOBS"
    case .checkConstraint: "CHECK CONSTRAINT"
    case .constraint: "CONSTRAINT"
    case .index: "INDEX"
    case .indexAttachment: "INDEX ATTACH"
    case .statistics: "STATISTICS"
    case .rule: "RULE"
    case .trigger: "TRIGGER"
    case .foreignKey: "FK CONSTRAINT"
    case .rowSecurity: "ROW SECURITY"
    case .policy: "POLICY"
    case .publication: "PUBLICATION"
    case .publicationTable: "PUBLICATION TABLE"
    case .publicationSchema: "PUBLICATION TABLES IN SCHEMA"
    case .subscription: "SUBSCRIPTION"
    case .eventTrigger: "EVENT TRIGGER"
    case .defaultPrivileges: "DEFAULT ACL"
    case .materializedViewData: "MATERIALIZED VIEW DATA"
    }
  }

  /// Where objects of the kind are restored unless something postpones them.
  var section: ArchiveEntry.Section {
    switch self {
    case .tableData, .sequenceValue, .largeObjectData: .data
    case ..<ObjectKind.tableData: .preData
    default: .postData
    }
  }

  /// The rank in the first sort: relations stand together, whatever they are.
  var priority: Int {
    switch self {
    case .shellType, .domain: ObjectKind.type.rawValue
    case .procedure: ObjectKind.function.rawValue
    case .foreignTable, .view, .materializedView, .sequence, .sequenceOwner:
      ObjectKind.table.rawValue
    default: rawValue
    }
  }

  static func < (a: ObjectKind, b: ObjectKind) -> Bool { a.rawValue < b.rawValue }
}
