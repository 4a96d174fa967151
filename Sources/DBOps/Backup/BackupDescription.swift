internal import Archive
internal import Postgres
internal import Quantities

/// Says in a manifest what a backup holds.
struct BackupDescription {
  let catalog: Catalog
  let contents: ArchiveContents
  let info: ConnectionInfo
  let options: Backup.Options

  /// The manifest but for the table of contents' own file.
  func manifest(_ id: String, _ started: Timestamp, _ rows: [CopiedTable]) -> Manifest {
    let label: String? =
      if case .store(_, let label, _) = options.destination { label } else { nil }
    let revisions = catalog.alembicRevisions
    var manifest = Manifest(
      id: id, label: label, createdAt: started,
      snapshotTime: Timestamp(parsing: catalog.database.timestamp) ?? started,
      database: catalog.database.name, encoding: CatalogSession.encoding(of: info),
      serverVersion: info.serverVersionText, serverMajor: info.majorVersion,
      systemIdentifier: catalog.database.systemIdentifier,
      databaseBytes: catalog.database.bytes,
      alembicRevision: revisions.isEmpty ? nil : revisions.joined(separator: ","),
      omcopsVersion: options.omcopsVersion, roles: contents.roles)
    for table in rows {
      manifest.tables[table.source.table.sql] = .init(
        rows: table.rows, file: table.file.fileName, content: table.content,
        newestKey: table.newestKey, uncompressed: table.uncompressed)
      manifest.files[table.file.fileName] = Manifest.File(table.file)
    }
    if !options.selection.isEverything { manifest.selection = options.selection.words }
    let places = Set(
      contents.entries.filter { $0.kind == "SEQUENCE SET" }.map(\.qualifiedName))
    for sequence in catalog.sequences where places.contains(sequence.name.sql) {
      guard let value = catalog.sequenceValues[sequence.oid] else { continue }
      manifest.sequences[sequence.name.sql] = .init(
        lastValue: value.lastValue, isCalled: value.isCalled)
    }
    return manifest
  }
}
