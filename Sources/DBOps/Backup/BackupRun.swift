internal import Archive
internal import Postgres
internal import Quantities
internal import SystemPackage

/// Writes one backup, when everything is known that goes into it but the rows.
struct BackupRun {
  let options: Backup.Options
  let progress: ProgressHandler?
  /// The session that holds the snapshot.
  let leader: Connection
  let snapshot: String
  let catalog: Catalog
  let contents: ArchiveContents
  /// What is not among the contents, a sentence each.
  let omitted: [String]
  let started: Timestamp
  let compression: Compression

  /// Writes a folder with a file for each table.
  func write(into target: FilePath) async throws -> BackupSummary {
    let partial = try PartialBackup.begin(at: target)
    do {
      let rows = try await copy(into: .folder(partial.path, compression))
      let objects = try await copyLargeObjects { _ in
        try LargeObjectFiles(in: partial.path, compression)
      }
      let file = try contentsTable(.directory).write(into: partial.path)
      try await release()
      if options.verifies {
        try await ReadBack(
          folder: partial.path, backup: partial.id, jobs: options.jobs, progress: progress
        ).run(rows)
      }
      var manifest = manifest(partial.id, rows, objects)
      manifest.files[file.fileName] = Manifest.File(file)
      if options.verifies {
        try manifest.write(into: partial.path)
        try await verify(partial.path, partial.id, but: Set(rows.map(\.file.fileName)))
      }
      try Task.checkCancellation()
      try partial.commit(manifest)
      return summary(manifest, rows, at: target)
    } catch {
      try? partial.abandon()
      throw error
    }
  }

  /// Writes one file.
  func write(toFile target: FilePath) async throws -> BackupSummary {
    let partial = try PartialBackup.begin(at: target)
    do {
      let file = try FileDescriptor.creating(partial.file)
      let (manifest, rows) = try await file.closingAfter {
        try await write(to: file, name: partial.id, isSeekable: true)
      }
      if options.verifies { try await verify(partial.file, partial.id) }
      try Task.checkCancellation()
      try partial.commitFile()
      return summary(manifest, rows, at: target)
    } catch {
      try? partial.abandon()
      throw error
    }
  }

  /// Writes one file into a pipe. What the reader makes of it cannot be read back here.
  func write(toPipe pipe: FileDescriptor) async throws -> BackupSummary {
    let place = BackupStore(path: ".").location(
      database: catalog.database.name, at: started, label: nil)
    let (manifest, rows) = try await write(
      to: pipe, name: place.lastComponent?.string ?? "backup", isSeekable: false)
    return summary(manifest, rows, at: "-")
  }

  private func write(
    to file: FileDescriptor, name: String, isSeekable: Bool
  ) async throws -> (Manifest, [CopiedTable]) {
    let archive = try CustomArchiveWriter(
      to: file, name: name, isSeekable: isSeekable, contentsTable(.custom), streams: options.jobs)
    let rows = try await copy(into: .archive(archive))
    let objects = try await copyLargeObjects(into: archive.addLargeObjects)
    var manifest = manifest(name, rows, objects)
    let start = archive.finishContents()
    manifest.files[start.fileName] = Manifest.File(start)
    try archive.finish(manifest: manifest.serialized())
    try await release()
    return (manifest, rows)
  }

  private func copy(into target: RowCopy.Target) async throws -> [CopiedTable] {
    try await RowCopy(
      source: options.source, snapshot: snapshot, target: target, jobs: options.jobs,
      rangeBytes: options.rangeBytes, progress: progress
    ).run(contents)
  }

  /// Copies large objects, where there are any, when everything else is there.
  private func copyLargeObjects(
    into writer: (ArchiveEntry) throws -> any LargeObjectWriter
  ) async throws -> [DataFileSummary] {
    guard let entry = contents.entries.first(where: { $0.kind == "BLOBS" }) else { return [] }
    return try await LargeObjectCopy(connection: leader, progress: progress).run(
      contents.entries.filter { $0.kind == "BLOB" }.map(\.oid), into: writer(entry))
  }

  /// Gives up the snapshot; only when no worker needs it any more.
  private func release() async throws { try await leader.execute("COMMIT") }

  private func manifest(
    _ id: String, _ rows: [CopiedTable], _ objects: [DataFileSummary]
  ) -> Manifest {
    var manifest = BackupDescription(
      catalog: catalog, contents: contents, info: leader.info, options: options
    ).manifest(id, started, rows)
    for file in objects {
      manifest.files[file.fileName] = Manifest.File(file)
    }
    manifest.finishedAt = .now()
    return manifest
  }

  /// Reads back what is on the disk, but for files that have been; it has a manifest then, but not its
  /// name.
  private func verify(_ path: FilePath, _ id: String, but known: Set<String> = []) async throws {
    var verification = Verify(
      path: path, depth: .digests, jobs: options.jobs, progress: progress)
    verification.known = known
    try await verification.run().requireWhole(id)
  }

  private func contentsTable(_ format: ArchiveHeader.Format) -> TableOfContents {
    let time = started.civil
    let header = ArchiveHeader(
      format: format, compression: compression,
      createdAt: .init(
        year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
        second: time.second),
      databaseName: catalog.database.name, serverVersion: leader.info.serverVersionText,
      dumperVersion: "\(BackupContents.dumperPrefix) \(options.omcopsVersion)")
    return TableOfContents(header: header, entries: contents.entries)
  }

  private func summary(
    _ manifest: Manifest, _ rows: [CopiedTable], at path: FilePath
  ) -> BackupSummary {
    BackupSummary(
      manifest: manifest, path: path, rawBytes: rows.reduce(0) { $0 + $1.file.rawBytes },
      // A clock that went back meanwhile must not make it negative.
      microseconds: max(0, Timestamp.now().microseconds - started.microseconds),
      omitted: omitted, notes: notes)
  }

  /// What somebody who has only the server's own programs would miss.
  private var notes: [String] {
    let major = leader.info.majorVersion
    guard major < 16, compression.algorithm == .zstd || compression.algorithm == .lz4 else {
      return []
    }
    return [
      "the server's own pg_restore, of version \(major), does not read "
        + "\(compression.algorithm.name); omcops and pg_restore 16 and newer do"
    ]
  }
}

extension FileDescriptor {
  /// Creates a file for one archive; it must not exist.
  fileprivate static func creating(_ path: FilePath) throws -> FileDescriptor {
    do {
      return try open(
        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
    } catch let error as Errno {
      throw DBError(.fileSystem, "cannot create \(path): \(error)")
    }
  }

  fileprivate func closingAfter<Result>(
    _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body()
      try close()
      return result
    } catch {
      try? close()
      throw error
    }
  }
}
