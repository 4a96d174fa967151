internal import Archive
internal import Postgres

/// What the catalogs of one database hold, as typed objects.
struct Catalog: Sendable {
  var version: Int
  var database: DatabaseProperties
  var schemas: [UserSchema]
  var configurations: [ExtensionConfiguration]
  var types: [UserType]
  var relations: [Relation]
  var columns: [UInt32: [TableColumn]]
  var sequences: [UserSequence]
  var constraints: [TableConstraint]
  var indexes: [TableIndex]
  /// Objects of all the kinds of which nothing else has to know.
  var selfContained: [any SelfContainedObject]
  /// Subscriptions that this session's role may not read.
  var unreadableSubscriptions: [UnsupportedObject]
  var defaultPrivileges: [DefaultPrivilegeRow]
  /// Comments and security labels.
  var annotations: [Annotation]
  var privileges: [ObjectPrivileges]
  var dependencies: [Dependency]
  /// Every object that something in the archive has to stand for.
  var inventory: [ObjectAddress]
  /// What is left out as pg_dump leaves it out.
  var omitted: [UnsupportedObject]
  /// What comes back as something else than it was, or only perhaps.
  var notes: [String]
  /// Where each sequence stands, by OID.
  var sequenceValues: [UInt32: SequenceValue] = [:]
  var subscriptions: [Subscription] = []
  /// The revisions of Alembic's version tables.
  var alembicRevisions: [String] = []
}

extension Catalog {
  /// Reads a database's catalogs; `session` has locked the tables.
  ///
  /// All queries go in one pipeline: over a slow line it is the number of round trips that counts.
  static func read(_ session: CatalogSession) async throws -> Catalog {
    let connection = session.connection
    let version = connection.info.serverVersion
    var pipeline = CatalogPipeline()
    let database = pipeline.add(DatabaseProperties.query(version))
    let settings = pipeline.add(DatabaseProperties.settingsQuery)
    let schemas = pipeline.add(UserSchema.query)
    let configurations = pipeline.add(ExtensionConfiguration.query)
    let types = pipeline.add(UserType.query(version))
    let relations = pipeline.add(Relation.query(version))
    let columns = pipeline.add(TableColumn.query(version))
    let sequences = pipeline.add(UserSequence.query)
    let constraints = pipeline.add(TableConstraint.query(version))
    let indexes = pipeline.add(TableIndex.query)
    let selfContained = selfContainedKinds.map { ($0, pipeline.add($0.query(version))) }
    let subscriptions = pipeline.add(Subscription.namesQuery)
    let defaultPrivileges = pipeline.add(DefaultPrivilegeRow.query)
    let annotations = pipeline.add(Annotation.query)
    let privileges = pipeline.add(PrivilegeRow.query)
    let dependencies = pipeline.add(Dependency.query)
    let inventory = pipeline.add(Inventory.query(version))
    let omitted = pipeline.add(Inventory.omittedQuery)
    let leftToExtensions = pipeline.add(Inventory.leftToExtensionsQuery)
    let results = try await pipeline.run(on: connection)

    guard let databaseRow = results.rows(database).first else {
      throw UnexpectedCatalogValue(column: "datname", value: connection.info.database)
    }
    var catalog = Catalog(
      version: version,
      database: try DatabaseProperties(databaseRow, settings: results.rows(settings)),
      schemas: try results.map(schemas, UserSchema.init),
      configurations: try results.map(configurations, ExtensionConfiguration.init),
      types: try results.map(types, UserType.init),
      relations: try results.map(relations, Relation.init),
      columns: Dictionary(grouping: try results.map(columns, TableColumn.init), by: \.relation),
      sequences: try results.map(sequences, UserSequence.init),
      constraints: try results.map(constraints, TableConstraint.init),
      indexes: try results.map(indexes, TableIndex.init),
      selfContained: try selfContained.flatMap { try results.objects($1, $0) },
      unreadableSubscriptions: try results.rows(subscriptions).filter { !$0.flag("isreadable") }
        .map { Subscription.unreadable(try $0.text("subname")) },
      defaultPrivileges: try results.map(defaultPrivileges, DefaultPrivilegeRow.init),
      annotations: try results.map(annotations, Annotation.init),
      privileges: ObjectPrivileges.gather(try results.map(privileges, PrivilegeRow.init)),
      dependencies: try results.map(dependencies, Dependency.init),
      inventory: try results.map(inventory) {
        ObjectAddress(CatalogClass(rawValue: try $0.oid("classid")), try $0.oid("objid"))
      },
      omitted: try results.map(omitted) {
        UnsupportedObject(kind: try $0.text("type"), identity: try $0.text("identity"))
      },
      notes: try results.map(leftToExtensions) {
        "left to the extension that has its table: \(try $0.text("type")) "
          + "\(try $0.text("identity")); make it again after a restore if it is your own"
      })
    catalog.finishDetachments()
    let hasSubscriptions = results.rows(subscriptions).contains { $0.flag("isreadable") }
    try await catalog.readContents(connection, subscriptions: hasSubscriptions)
    return catalog
  }

  /// What stands in the objects and belongs to the table of contents: the places of sequences and
  /// Alembic's revision; and what only some roles may ask for.
  private mutating func readContents(
    _ connection: Connection, subscriptions hasSubscriptions: Bool
  ) async throws {
    var places = sequences.map { ($0.oid, $0.name) }
    places += configurations.filter { $0.relationKind == "S" }.map { ($0.oid, $0.name) }
    let versionTables = relations.filter { relation in
      relation.name.name == "alembic_version"
        && columns[relation.oid]?.contains { $0.name == "version_num" } == true
    }
    var pipeline = CatalogPipeline()
    for chunk in stride(from: 0, to: places.count, by: 200) {
      let parts = places[chunk..<min(chunk + 200, places.count)].map { oid, name in
        "SELECT \(oid) AS oid, last_value, is_called FROM \(name.sql)"
      }
      _ = pipeline.add(parts.joined(separator: "\nUNION ALL\n"))
    }
    let sequenceQueries = pipeline.count
    for table in versionTables {
      _ = pipeline.add("SELECT version_num FROM \(table.name.sql) ORDER BY 1")
    }
    let revisionQueries = pipeline.count
    if hasSubscriptions { _ = pipeline.add(Subscription.query(version)) }
    let results = try await pipeline.run(on: connection)
    for index in 0..<sequenceQueries {
      for row in results.rows(index) {
        sequenceValues[try row.oid("oid")] = SequenceValue(
          lastValue: try row.number("last_value") ?? 1, isCalled: row.flag("is_called"))
      }
    }
    for index in sequenceQueries..<revisionQueries {
      alembicRevisions += try results.map(index) { try $0.text("version_num") }
    }
    for index in revisionQueries..<pipeline.count {
      subscriptions += try results.map(index, Subscription.init)
    }
  }
}

/// Catalog queries that travel together.
struct CatalogPipeline {
  private var statements: [Statement] = []

  var count: Int { statements.count }

  /// Adds a query; gives the number by which its rows are fetched.
  mutating func add(_ sql: String) -> Int {
    statements.append(Statement(sql))
    return statements.count - 1
  }

  func run(on connection: Connection) async throws -> CatalogResults {
    CatalogResults(results: try await connection.pipeline(statements))
  }
}

/// What a pipeline of catalog queries gave.
struct CatalogResults {
  let results: [QueryResult]

  func rows(_ query: Int) -> [CatalogRow] { results[query].rows.map { CatalogRow(row: $0) } }

  func map<Object>(_ query: Int, _ make: (CatalogRow) throws -> Object) throws -> [Object] {
    try results[query].rows.map { try make(CatalogRow(row: $0)) }
  }
}
