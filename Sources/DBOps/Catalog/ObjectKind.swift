internal import Archive

/// The kinds of entries that a backup writes, in the order in which free objects stand.
enum ObjectKind: Int, Comparable, Sendable, CaseIterable {
  case database
  case databaseProperties
  case schema
  case collation
  case `extension`
  case type
  case domain
  case function
  case procedure
  case aggregate
  case table
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
  case eventTrigger
  case defaultPrivileges
  case materializedViewData

  /// What the archive calls it.
  var name: String {
    switch self {
    case .database: "DATABASE"
    case .databaseProperties: "DATABASE PROPERTIES"
    case .schema: "SCHEMA"
    case .collation: "COLLATION"
    case .extension: "EXTENSION"
    case .type: "TYPE"
    case .domain: "DOMAIN"
    case .function: "FUNCTION"
    case .procedure: "PROCEDURE"
    case .aggregate: "AGGREGATE"
    case .table: "TABLE"
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
    case .domain: ObjectKind.type.rawValue
    case .procedure: ObjectKind.function.rawValue
    case .view, .materializedView, .sequence, .sequenceOwner: ObjectKind.table.rawValue
    default: rawValue
    }
  }

  static func < (a: ObjectKind, b: ObjectKind) -> Bool { a.rawValue < b.rawValue }
}
