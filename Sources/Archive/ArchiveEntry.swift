/// One object, or one object's data, in an archive's table of contents.
public struct ArchiveEntry: Hashable, Sendable {
  /// The part of a restore that an entry belongs to.
  public enum Section: Int, Sendable {
    /// Goes with the object that stands before it: rights, comments, labels.
    case none = 1
    case preData
    case data
    case postData

    /// As pg_dump's `--section` names it.
    public var name: String {
      switch self {
      case .none: "none"
      case .preData: "pre-data"
      case .data: "data"
      case .postData: "post-data"
      }
    }
  }

  /// The entry's number in the archive, from 1; unique.
  public var dumpID: Int
  /// Whether the archive holds data for it (`TABLE DATA`, `BLOBS`).
  public var hasData: Bool
  /// The catalog that the object lives in, 0 where there is none.
  public var tableOID: UInt32
  /// The object's OID there, 0 where there is none.
  public var oid: UInt32
  /// The object's name; its form depends on the kind.
  public var tag: String
  /// What it is, in pg_dump's words: `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, ...
  public var kind: String
  /// The part of a restore that it belongs to.
  public var section: Section
  /// SQL that makes it.
  public var definition: String
  /// SQL that drops it. Non-empty also says that the object has an owner.
  public var dropStatement: String
  /// The `COPY` that takes its data.
  public var copyStatement: String?
  /// The schema.
  public var namespace: String?
  /// The tablespace, where it is not the database's own.
  public var tablespace: String?
  /// The access method of a table or materialized view.
  public var accessMethod: String?
  /// The kind of relation as a character code, in archives of version 1.16 and newer.
  public var relationKind: Int
  /// The role that owns it; empty where the kind has no owner.
  public var owner: String
  /// Numbers of entries that must be restored before; some may be absent from the archive.
  public var dependencies: [Int]
  /// The data file's name without the suffix of its compression; empty without data.
  public var fileName: String
  /// The place of its data block in a custom archive, where it is known.
  public var dataOffset: Int64?

  /// Describes an object.
  public init(
    dumpID: Int, kind: String, section: Section, tag: String, namespace: String? = nil,
    owner: String = "", tableOID: UInt32 = 0, oid: UInt32 = 0, definition: String = "",
    dropStatement: String = "", copyStatement: String? = nil, tablespace: String? = nil,
    accessMethod: String? = nil, dependencies: [Int] = [], fileName: String = "",
    hasData: Bool = false
  ) {
    self.dumpID = dumpID
    self.kind = kind
    self.section = section
    self.tag = tag
    self.namespace = namespace
    self.owner = owner
    self.tableOID = tableOID
    self.oid = oid
    self.definition = definition
    self.dropStatement = dropStatement
    self.copyStatement = copyStatement
    self.tablespace = tablespace
    self.accessMethod = accessMethod
    self.relationKind = 0
    self.dependencies = dependencies
    self.fileName = fileName
    self.hasData = hasData
  }
}
