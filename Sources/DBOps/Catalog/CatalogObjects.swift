internal import Archive
internal import Postgres

/// Turns what the catalogs hold into the objects of an archive.
///
/// Objects that depend on one another cannot be made one after the other; the choices here say
/// which of them are made in two steps, and `DumpPlan` finds what they have to be.
struct CatalogObjects {
  let catalog: Catalog
  /// Views that are made as placeholders first, by OID.
  var placeholders: Set<UInt32> = []
  /// Checks that are made after their table or domain, by OID.
  var separateChecks: Set<UInt32> = []
  /// Domains whose defaults are set after them, by OID.
  var separateDomainDefaults: Set<UInt32> = []
  /// Objects of pre-data that lean on post-data and therefore go there.
  var postponed: Set<ObjectKey> = []

  /// For each index of a partitioned table those of its partitions.
  private let partitionIndexes: [UInt32: [UInt32]]

  private let unstablePartitions: UnstablePartitions

  init(_ catalog: Catalog) {
    self.catalog = catalog
    unstablePartitions = UnstablePartitions(catalog.relations)
    partitionIndexes = Dictionary(grouping: catalog.indexes.filter { $0.parent != 0 }, by: \.parent)
      .mapValues { $0.map(\.oid) }
  }

  /// The objects, in no order.
  func make() -> [DumpObject] {
    var objects = catalog.schemas.filter { !$0.isInitial }.map(\.dumpObject)
    objects += typeObjects
    objects += relationObjects
    objects += catalog.sequences.flatMap(\.dumpObjects)
    objects += catalog.sequences.map { sequence in
      sequence.valueObject(catalog.sequenceValues[sequence.oid] ?? .initial)
    }
    objects += configurationObjects
    objects += constraintObjects
    objects += indexObjects
    objects += refreshObjects
    objects += catalog.selfContained.map(\.dumpObject)
    if objects.contains(where: { $0.kind == .largeObject }) { objects.append(LargeObject.data) }
    objects += catalog.subscriptions.map(\.dumpObject)
    objects += DefaultPrivilegeRow.dumpObjects(catalog.defaultPrivileges)
    for place in objects.indices where postponed.contains(objects[place].key) {
      objects[place].section = .postData
    }
    unstablePartitions.delay(&objects)
    return markingExtensionDependents(objects)
  }

  private var typeObjects: [DumpObject] {
    let checks = Dictionary(
      grouping: catalog.constraints.filter { $0.domain != 0 && !isSeparate($0) }, by: \.domain)
    let named = Set(catalog.constraints.filter { $0.form == "n" }.map(\.domain))
    return catalog.types.flatMap {
      $0.dumpObjects(
        checks[$0.oid] ?? [], isNotNullNamed: named.contains($0.oid),
        defaultAfter: separateDomainDefaults.contains($0.oid) ? needsOfDefault($0.oid) : [])
    }
  }

  /// What the default of a domain calls: functions, and sequences by their names.
  func needsOfDefault(_ domain: UInt32) -> [ObjectAddress] {
    catalog.dependencies.filter { edge in
      edge.dependent == ObjectAddress(.type, domain)
        && [.procedure, .relation].contains(edge.referenced.catalog)
    }.map(\.referenced)
  }

  /// Checks that come with those of parents that are made apart from their tables.
  var inheritedChecks: [ObjectAddress] {
    catalog.constraints.filter { $0.isCheck && isSeparate($0) && !$0.isLocal }.map(\.address)
  }

  private func isSeparate(_ constraint: TableConstraint) -> Bool {
    constraint.isSeparate || separateChecks.contains(constraint.oid)
  }

  private var relationObjects: [DumpObject] {
    let checks = Dictionary(
      grouping: catalog.constraints.filter { $0.isCheck && $0.domain == 0 && !isSeparate($0) },
      by: \.relation)
    let keys = keyColumns
    let defaults = separateDefaults
    let unstable = unstablePartitions
    let namedNotNulls = namedNotNulls
    return catalog.relations.flatMap { relation -> [DumpObject] in
      let columns = catalog.columns[relation.oid] ?? []
      var objects = columns.filter { defaults.contains($0.defaultOID) }
        .map { $0.defaultObject(of: relation) }
      switch relation.form {
      case .table, .partitionedTable, .foreignTable:
        objects.append(
          TableDefinition(
            relation: relation, columns: columns, checks: checks[relation.oid] ?? [],
            separateDefaults: defaults, namedNotNulls: namedNotNulls[relation.oid] ?? []
          ).object)
        if relation.form == .table, unstable.hasOwnRows(relation) {
          objects.append(relation.dataObject(columns, keyColumn: keys[relation.oid]))
        }
        objects += [unstable.dataObject(of: relation, columns)].compactMap { $0 }
      case .view where placeholders.contains(relation.oid):
        objects.append(relation.placeholderObject(columns))
        objects.append(relation.ruleObject(columns))
      case .view: objects.append(relation.viewObject(columns))
      case .materializedView: objects.append(relation.materializedViewObject(columns))
      }
      return objects + [relation.attachment, relation.rowSecurityObject].compactMap { $0 }
    }
  }

  /// The columns of which NOT NULL is a constraint of its own, by number; servers since 18 have it so.
  private var namedNotNulls: [UInt32: Set<Int>] {
    Dictionary(grouping: catalog.constraints.filter { $0.form == "n" }, by: \.relation)
      .mapValues { Set($0.flatMap(\.columnNumbers)) }
  }

  /// The column of each primary key of one column.
  private var keyColumns: [UInt32: String] {
    var names: [UInt32: String] = [:]
    for key in catalog.constraints where key.form == "p" && key.columnNumbers.count == 1 {
      names[key.relation] =
        catalog.columns[key.relation]?.first { $0.number == key.columnNumbers[0] }?.name
    }
    return names
  }

  /// Defaults that need something that may itself need the table: a sequence or a function. Those
  /// of views have no place in `CREATE VIEW` at all.
  private var separateDefaults: Set<UInt32> {
    var leaning: Set<UInt32> = []
    let tables = Dictionary(
      catalog.columns.values.joined().map { ($0.defaultOID, $0.relation) },
      uniquingKeysWith: { first, _ in first })
    let members = Set(catalog.dependencies.filter { $0.form == "e" }.map(\.dependent))
    for edge in catalog.dependencies where edge.dependent.catalog == .attributeDefault {
      let other = edge.referenced
      let isOwnTable =
        other.catalog == .relation && other.oid == tables[edge.dependent.oid]
      if [.relation, .procedure].contains(other.catalog), !isOwnTable, !members.contains(other) {
        leaning.insert(edge.dependent.oid)
      }
    }
    let views = Set(catalog.relations.filter { $0.form == .view }.map(\.oid))
    var separate: Set<UInt32> = []
    for column in catalog.columns.values.joined() where column.defaultOID != 0 {
      if views.contains(column.relation)
        || (leaning.contains(column.defaultOID) && !column.isGenerated)
      {
        separate.insert(column.defaultOID)
      }
    }
    return separate
  }

  private var configurationObjects: [DumpObject] {
    catalog.configurations.compactMap { configuration in
      switch configuration.relationKind {
      case "r": configuration.dataObject
      case "S":
        (catalog.sequenceValues[configuration.oid] ?? .initial).dumpObject(
          oid: configuration.oid, name: configuration.name, owner: configuration.owner,
          after: ObjectKey(.extension, configuration.extensionOID))
      default: nil
      }
    }
  }

  private var constraintObjects: [DumpObject] {
    let indexes = Dictionary(
      catalog.indexes.map { ($0.oid, $0) }, uniquingKeysWith: { first, _ in first })
    return catalog.constraints.compactMap { constraint in
      switch constraint.form {
      // A parent's goes to its children when it is made.
      case "c", "n": isSeparate(constraint) && constraint.isLocal ? constraint.checkObject : nil
      case "f": constraint.parentConstraint == 0 ? foreignKey(constraint) : nil
      default: indexes[constraint.index].map(constraint.keyObject)
      }
    }
  }

  /// A key of a partitioned table can be referenced when the keys of all its partitions hang in it.
  private func foreignKey(_ constraint: TableConstraint) -> DumpObject {
    var object = constraint.foreignKeyObject
    var waiting = partitionIndexes[constraint.referencedIndex] ?? []
    while let index = waiting.popLast() {
      object.requires.append(ObjectKey(.relation, index, .attachment))
      waiting += partitionIndexes[index] ?? []
    }
    return object
  }

  private var indexObjects: [DumpObject] {
    catalog.indexes.filter { $0.constraint == 0 }.map(\.dumpObject)
      + catalog.indexes.compactMap(\.attachment)
  }

  /// Functions, triggers, indexes and materialized views may be told to go with an extension.
  private func markingExtensionDependents(_ objects: [DumpObject]) -> [DumpObject] {
    let names = Dictionary(
      objects.filter { $0.kind == .extension }.map { ($0.key.address.oid, $0.tag) },
      uniquingKeysWith: { first, _ in first })
    var marks: [ObjectAddress: [String]] = [:]
    for edge in catalog.dependencies where edge.form == "x" {
      if edge.referenced.catalog == .extension, let name = names[edge.referenced.oid] {
        marks[edge.dependent, default: []].append(name)
      }
    }
    if marks.isEmpty { return objects }
    return objects.map { object in
      var object = object
      guard object.key.facet == .definition, let names = marks[object.key.address] else {
        return object
      }
      let subject = object.dropStatement.dropFirst("DROP ".count).dropLast(";\n".count)
      for name in names.sorted() {
        object.definition +=
          "ALTER \(subject) DEPENDS ON EXTENSION \(quoteIdentifier(name));\n"
      }
      return object
    }
  }
}

/// The refreshes of materialized views.
extension CatalogObjects {
  /// Only what was filled is filled again, and only when all that it reads is.
  private var refreshObjects: [DumpObject] {
    let relations = Dictionary(
      catalog.relations.map { ($0.oid, $0) }, uniquingKeysWith: { first, _ in first })
    let reads = self.reads
    return catalog.relations.filter { $0.form == .materializedView }.compactMap { view in
      let sources = materializedSources(of: view.oid, relations, reads)
      guard isFilled(view.oid, relations, reads, []) else { return nil }
      return view.refreshObject(
        after: sources.sorted().map { ObjectKey(.relation, $0, .data) })
    }
  }

  /// For each view the relations that its query reads.
  private var reads: [UInt32: Set<UInt32>] {
    var views: [UInt32: UInt32] = [:]
    for relation in catalog.relations where relation.ruleOID != 0 {
      views[relation.ruleOID] = relation.oid
    }
    var reads: [UInt32: Set<UInt32>] = [:]
    for edge in catalog.dependencies
    where edge.dependent.catalog == .rewriteRule && edge.referenced.catalog == .relation {
      if let view = views[edge.dependent.oid], view != edge.referenced.oid {
        reads[view, default: []].insert(edge.referenced.oid)
      }
    }
    return reads
  }

  /// The materialized views that a view reads, be it through other views.
  private func materializedSources(
    of view: UInt32, _ relations: [UInt32: Relation], _ reads: [UInt32: Set<UInt32>]
  ) -> Set<UInt32> {
    var found: Set<UInt32> = []
    var seen: Set<UInt32> = [view]
    var waiting = Array(reads[view] ?? [])
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted else { continue }
      if relations[next]?.form == .materializedView {
        found.insert(next)
      } else {
        waiting += reads[next] ?? []
      }
    }
    return found
  }

  private func isFilled(
    _ view: UInt32, _ relations: [UInt32: Relation], _ reads: [UInt32: Set<UInt32>],
    _ path: Set<UInt32>
  ) -> Bool {
    guard relations[view]?.isPopulated == true, !path.contains(view) else { return false }
    return materializedSources(of: view, relations, reads).allSatisfy {
      isFilled($0, relations, reads, path.union([view]))
    }
  }
}

extension SequenceValue {
  /// Where a new sequence stands.
  static let initial = SequenceValue(lastValue: 1, isCalled: false)
}
