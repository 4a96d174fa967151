internal import Postgres

/// Partitioned tables whose rows are loaded through themselves and not into their partitions.
///
/// Where the hash of an enumeration's label says which partition a row belongs to, it says another
/// one in every database: the hash is that of the label's OID.
struct UnstablePartitions {
  /// For each table below such a partitioned table the topmost of them.
  private(set) var roots: [UInt32: UInt32] = [:]
  /// The other way round.
  private(set) var members: [UInt32: [Relation]] = [:]

  init(_ relations: [Relation]) {
    guard relations.contains(where: \.isHashedByEnumeration) else { return }
    let byOID = Dictionary(
      relations.map { ($0.oid, $0) }, uniquingKeysWith: { first, _ in first })
    for relation in relations {
      var root = relation.isHashedByEnumeration ? relation.oid : nil
      var current = relation
      while let parent = current.partition.flatMap({ byOID[$0.parent] }) {
        if parent.isHashedByEnumeration { root = parent.oid }
        current = parent
      }
      guard let root else { continue }
      roots[relation.oid] = root
      if root != relation.oid { members[root, default: []].append(relation) }
    }
  }

  /// Whether a backup has rows under a relation's name: those of a table, or of all its partitions.
  func hasOwnRows(_ relation: Relation) -> Bool {
    let root = roots[relation.oid] ?? (relation.form == .table ? relation.oid : nil)
    return root == relation.oid
  }

  /// The entry of all rows below a partitioned table; nil where each partition has its own.
  func dataObject(of relation: Relation, _ columns: [TableColumn]) -> DumpObject? {
    guard roots[relation.oid] == relation.oid else { return nil }
    let members = members[relation.oid] ?? []
    var object = relation.dataObject(columns, keyColumn: nil)
    object.definition = "-- load via partition root \(relation.name.sql)\n"
    object.requires += members.map { ObjectKey(.relation, $0.oid, .attachment) }
    object.rows?.copyOut = relation.copyOfAll(columns)
    object.rows?.bytes = members.reduce(0) { $0 + $1.bytes }
    object.rows?.isPartitioned = true
    return object
  }

  /// Makes what comes after the rows of a partition wait for all rows, as readers of archives do
  /// only for a table's own.
  func delay(_ objects: inout [DumpObject]) {
    if roots.isEmpty { return }
    for place in objects.indices where objects[place].section == .postData {
      let needed = objects[place].requires.compactMap { key in
        key.address.catalog == .relation && key.facet == .definition
          ? roots[key.address.oid] : nil
      }
      objects[place].requires += Set(needed).sorted().map { ObjectKey(.relation, $0, .data) }
    }
  }
}

extension Relation {
  fileprivate func copyOfAll(_ columns: [TableColumn]) -> String {
    let list = columns.filter { !$0.isGenerated }.map(\.sql).joined(separator: ", ")
    return "COPY (SELECT \(list) FROM \(name.sql)) TO STDOUT"
  }
}

/// Partitions that somebody began to detach.
extension Catalog {
  /// Takes them for what they are to every query since: tables of their own. What the end of the
  /// detachment would have made their own is.
  mutating func finishDetachments() {
    let detaching = relations.filter { $0.partition?.isDetaching == true }
    if detaching.isEmpty { return }
    let tables = Set(detaching.map(\.oid))
    notes += detaching.map {
      "a table of its own in the backup: \($0.name.sql), of which the detachment from "
        + "\($0.partition?.parentName.sql ?? "") was begun"
    }
    for place in relations.indices where tables.contains(relations[place].oid) {
      relations[place].partition = nil
    }
    for place in indexes.indices where tables.contains(indexes[place].table) {
      indexes[place].parent = 0
      indexes[place].parentName = nil
    }
    let own = Set(constraints.filter { tables.contains($0.relation) }.map(\.oid))
    for place in constraints.indices where tables.contains(constraints[place].relation) {
      // Those that hang in another one of the same table are that one's own parts.
      if !own.contains(constraints[place].parentConstraint) {
        constraints[place].parentConstraint = 0
      }
    }
  }
}
