internal import Archive
internal import Postgres

/// The entries of an archive and where the rows of those that have data come from.
struct ArchiveContents {
  /// In the order of a restore, numbered from 1.
  var entries: [ArchiveEntry]
  /// The rows to copy, by the place of their entry.
  var rows: [(entry: Int, source: RowSource)]
  /// Every role that the entries name.
  var roles: [String]
}

/// Numbers the planned objects and puts their comments, labels and rights behind them.
struct ArchiveEntries {
  private let catalog: Catalog
  private let encoding: String
  private var entries: [ArchiveEntry] = []
  private var numbers: [Int]
  private var rows: [(entry: Int, source: RowSource)] = []
  private var roles: Set<String> = []
  private let annotations: [ObjectAddress: [Annotation]]
  private var privileges: [ObjectAddress: [ObjectPrivileges]]

  private init(_ catalog: Catalog, _ encoding: String, objects: Int) {
    self.catalog = catalog
    self.encoding = encoding
    numbers = Array(repeating: 0, count: objects)
    annotations = Dictionary(grouping: catalog.annotations, by: \.address)
    privileges = Dictionary(grouping: catalog.privileges, by: \.address)
  }

  /// The contents of an archive of a database.
  ///
  /// Throws `UnsupportedObjects` with every object that has no place in it.
  static func make(_ catalog: Catalog, encoding: String) throws -> ArchiveContents {
    let plan = try DumpPlan(catalog)
    var entries = ArchiveEntries(catalog, encoding, objects: plan.objects.count)
    entries.addPreamble()
    // Dependencies may point forwards in other sections' objects, so numbers are settled first.
    entries.number(plan)
    for (place, object) in plan.objects.enumerated() {
      entries.add(object, place, dependencies: plan.dependencies[place])
    }
    entries.addRightsOfOthers()
    entries.addLabelsOfOthers(than: Set(plan.objects.flatMap(\.claims)))
    return ArchiveContents(
      entries: entries.entries, rows: entries.rows, roles: entries.roles.sorted())
  }

  private mutating func addPreamble() {
    let settings = [
      ("ENCODING", "SET client_encoding = '\(encoding)';\n"),
      ("STDSTRINGS", "SET standard_conforming_strings = 'on';\n"),
      ("SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false);\n"),
    ]
    for (kind, definition) in settings {
      entries.append(
        ArchiveEntry(
          dumpID: entries.count + 1, kind: kind, section: .preData, tag: kind,
          definition: definition))
    }
    addDatabase()
  }

  private mutating func addDatabase() {
    let database = catalog.database
    let number = entries.count + 1
    for object in database.dumpObjects {
      var entry = entry(for: object)
      entry.dependencies = object.requires.isEmpty ? [] : [number]
      entries.append(entry)
    }
    roles.insert(database.owner)
    roles.formUnion(database.settings.compactMap(\.role))
    let address = ObjectAddress(.database, database.oid)
    for annotation in annotations[address] ?? [] {
      add(annotation, to: database.dumpObjects.first, after: number)
    }
    addPrivileges(address, after: number)
  }

  /// The numbers that the objects will have: each is followed by its comments, labels and rights.
  private mutating func number(_ plan: DumpPlan) {
    var next = entries.count + 1
    for (place, object) in plan.objects.enumerated() {
      numbers[place] = next
      next += 1 + annotationsOf(object).count + privilegesOf(object).count
    }
  }

  private mutating func add(_ object: DumpObject, _ place: Int, dependencies: [Int]) {
    var entry = entry(for: object)
    precondition(entry.dumpID == numbers[place], "entries are added in the order of their numbers")
    // The first is the one that readers look for first; the rest only has to be always the same.
    let links = dependencies.map { numbers[$0] }
    entry.dependencies = Array(links.prefix(1)) + links.dropFirst().sorted()
    if !object.owner.isEmpty { roles.insert(object.owner) }
    if let source = object.rows {
      entry.hasData = true
      entry.copyStatement = source.copyIn
      entry.fileName = "\(entry.dumpID).dat"
      rows.append((entries.count, source))
    }
    if object.kind == .largeObjectData {
      entry.hasData = true
      entry.fileName = LargeObjectFiles.listName
    }
    entries.append(entry)
    for annotation in annotationsOf(object) { add(annotation, to: object, after: entry.dumpID) }
    if object.key.facet == .definition {
      addPrivileges(object.key.address, after: entry.dumpID)
    }
  }

  private func entry(for object: DumpObject) -> ArchiveEntry {
    let address = object.key.address
    // Entries that are not of a catalog's row of their own, as a view's rule, name none.
    let hasRow = object.key.facet == .definition || object.key.facet == .data
    return ArchiveEntry(
      dumpID: entries.count + 1, kind: object.kind.name, section: object.section, tag: object.tag,
      namespace: object.schema, owner: object.owner,
      tableOID: hasRow ? address.catalog.rawValue : 0, oid: hasRow ? address.oid : 0,
      definition: object.definition, dropStatement: object.dropStatement,
      tablespace: object.tablespace, accessMethod: object.accessMethod)
  }

  /// What is said of an object and of what it claims: a key's index, a table's checks.
  private func annotationsOf(_ object: DumpObject) -> [Annotation] {
    object.claims.flatMap { annotations[$0] ?? [] }
  }

  private mutating func add(
    _ annotation: Annotation, to object: DumpObject?, after number: Int?
  ) {
    entries.append(
      ArchiveEntry(
        dumpID: entries.count + 1, kind: annotation.kind, section: .none,
        tag: annotation.target.tag(of: object), namespace: object?.schema,
        owner: object?.owner ?? "", definition: annotation.definition,
        dependencies: number.map { [$0] } ?? []))
  }

  private func privilegesOf(_ object: DumpObject) -> [ObjectPrivileges] {
    guard object.key.facet == .definition else { return [] }
    return (privileges[object.key.address] ?? []).filter { !$0.definition.isEmpty }
  }

  /// The rights on an object and on its columns, which come after those on the whole.
  private mutating func addPrivileges(_ address: ObjectAddress, after number: Int?) {
    let lists = (privileges.removeValue(forKey: address) ?? []).filter { !$0.definition.isEmpty }
    var whole: Int?
    for list in lists {
      let dumpID = entries.count + 1
      if list.column == nil { whole = dumpID }
      roles.formUnion(list.roles)
      entries.append(
        ArchiveEntry(
          dumpID: dumpID, kind: "ACL", section: .none, tag: list.tag, namespace: list.schema,
          owner: list.owner, definition: list.definition,
          dependencies: [number, list.column == nil ? nil : whole].compactMap { $0 }))
    }
  }

  /// The numbers of the extensions, by their members.
  private var extensionsOfMembers: [ObjectAddress: Int] {
    let extensions = Dictionary(
      entries.filter { $0.kind == "EXTENSION" }.map { ($0.oid, $0.dumpID) },
      uniquingKeysWith: { first, _ in first })
    var wholes: [ObjectAddress: Int] = [:]
    for edge in catalog.dependencies where edge.form == "e" {
      wholes[edge.dependent] = extensions[edge.referenced.oid]
    }
    return wholes
  }

  /// Labels on what has no entry: `public` as every new database has it, members of extensions.
  private mutating func addLabelsOfOthers(than objects: Set<ObjectAddress>) {
    let wholes = extensionsOfMembers
    for annotation in catalog.annotations
    where annotation.form != .comment && annotation.address.catalog != .database
      && !objects.contains(annotation.address)
    {
      add(annotation, to: nil, after: wholes[annotation.address])
    }
  }

  /// Rights and comments on what every new database or an extension has: `public`, functions of
  /// the server's own, members of extensions.
  private mutating func addRightsOfOthers() {
    let wholes = extensionsOfMembers
    for schema in catalog.schemas where schema.name == "public" {
      addCommentOnPublic(schema)
    }
    for address in privileges.keys.sorted() {
      addPrivileges(address, after: wholes[address])
    }
  }

  /// A new database's `public` has a comment, which may have been changed or taken away.
  private mutating func addCommentOnPublic(_ schema: UserSchema) {
    let comment = annotations[ObjectAddress(.namespace, schema.oid)]?.first { $0.form == .comment }
    guard schema.isInitial ? comment?.isInitial != true : comment == nil else { return }
    var object = schema.dumpObject
    object.owner = schema.owner
    add(
      comment
        ?? Annotation(
          form: .comment, address: object.key.address, text: "",
          target: AnnotationTarget(type: "schema", identity: "public")),
      to: object, after: nil)
  }
}
