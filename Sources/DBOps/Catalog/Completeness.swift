internal import Archive
internal import Postgres

extension ArchiveContents {
  /// The contents of an archive that holds all of a database.
  ///
  /// Throws `UnsupportedObjects` that names every object which would be missing.
  static func complete(
    _ catalog: Catalog, _ session: CatalogSession, encoding: String
  ) async throws -> ArchiveContents {
    let missing = try await missing(catalog, session)
    if !missing.isEmpty {
      throw UnsupportedObjects(database: catalog.database.name, objects: missing.sorted())
    }
    do {
      let contents = try ArchiveEntries.make(catalog, encoding: encoding)
      try contents.checkText(encoding, catalog.database.name)
      return contents
    } catch var refusal as UnsupportedObjects {
      refusal.database = catalog.database.name
      throw refusal
    }
  }

  /// Every object that no entry would stand for.
  static func missing(
    _ catalog: Catalog, _ session: CatalogSession
  ) async throws -> [UnsupportedObject] {
    var missing = catalog.unsupportedForms
    let covered = CatalogObjects(catalog).covered
    let uncovered = catalog.inventory.filter { !covered.contains($0) }
    if !uncovered.isEmpty {
      let result = try await session.connection.pipeline([Inventory.describe(uncovered)])[0]
      missing += try result.rows.map { row in
        let row = CatalogRow(row: row)
        return UnsupportedObject(kind: try row.text("type"), identity: try row.text("identity"))
      }
    }
    return missing
  }

  /// Names and definitions are text here; bytes of a SQL_ASCII database that are none would be
  /// written as something else.
  private func checkText(_ encoding: String, _ database: String) throws {
    guard encoding == "SQL_ASCII" else { return }
    let damaged = entries.filter { entry in
      (entry.tag + entry.definition).unicodeScalars.contains("\u{FFFD}")
    }
    if damaged.isEmpty { return }
    throw UnsupportedObjects(
      database: database,
      objects: damaged.map {
        UnsupportedObject(
          kind: $0.kind.lowercased(), identity: $0.tag,
          reason: "its name or definition is not UTF-8, in a database of encoding SQL_ASCII")
      })
  }
}

extension CatalogObjects {
  /// Everything that some entry stands for.
  var covered: Set<ObjectAddress> {
    var covered = Set(make().flatMap(\.claims) + inheritedChecks)
    // These are in every new database; what was changed about them has entries of its own.
    covered.formUnion(
      catalog.schemas.filter(\.isInitial).map { ObjectAddress(.namespace, $0.oid) })
    return covered
  }
}

extension Catalog {
  /// Objects of supported kinds in forms that are not supported.
  var unsupportedForms: [UnsupportedObject] {
    var found = selfContained.compactMap { object in
      object.refusal.map { object.dumpObject.unsupported($0) }
    }
    found += unreadableSubscriptions
    for configuration in configurations where !["r", "S"].contains(configuration.relationKind) {
      found.append(
        UnsupportedObject(
          kind: "extension configuration", identity: configuration.name.sql,
          reason: "it is neither a table nor a sequence"))
    }
    return found
  }
}
