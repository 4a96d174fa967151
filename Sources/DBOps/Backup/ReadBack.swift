internal import Archive
internal import Quantities
internal import SystemPackage

/// Reads the files of a backup's tables back from the disk, as soon as they are written.
///
/// What comes back has to be what was written: its length and its checksum tell. Only then its SHA-256
/// is taken for the manifest, so that the digest is that of what the disk holds, and no byte is hashed
/// twice.
struct ReadBack: Sendable {
  let folder: FilePath
  /// How messages name the backup.
  let backup: String
  let jobs: Int
  let progress: ProgressHandler?

  /// Gives the tables with the digests of their files; throws with every file that is not what was
  /// written.
  func run(_ tables: [CopiedTable]) async throws -> [CopiedTable] {
    let bytes = tables.reduce(0) { $0 + $1.file.bytes }
    let meter = ProgressMeter(
      phase: "verifying", bytesTotal: bytes, itemsTotal: tables.count, handler: progress)
    // The largest first, so that no long one is left for the end.
    let results = try await concurrently(
      tables.sorted { $0.file.bytes > $1.file.bytes }, jobs: jobs
    ) { table in
      meter.begin(table.file.fileName)
      defer { meter.finishItem() }
      return try read(table, meter)
    }
    try VerifyReport(
      manifest: nil, files: tables.count, bytes: ByteCount(bytes), rows: 0,
      problems: results.compactMap(\.problem), notes: []
    ).requireWhole(backup)
    return results.map(\.table)
  }

  private func read(
    _ table: CopiedTable, _ meter: ProgressMeter
  ) throws -> (table: CopiedTable, problem: BackupProblem?) {
    var table = table
    let name = table.file.fileName
    do {
      let reader = try DataFileReader(opening: folder.appending(name), decompressing: false)
      var checksum = Checksum()
      let position = ReadingPosition()
      while try reader.next({ checksum.update($0) }) {
        try Task.checkCancellation()
        meter.add(bytes: position.advance(to: reader.bytesRead))
      }
      table.file.sha256 = reader.summary?.sha256
      if reader.bytesRead != table.file.bytes {
        let reason = "has \(reader.bytesRead) bytes; \(table.file.bytes) were written"
        return (table, BackupProblem(file: name, reason: reason))
      }
      if checksum != table.checksum {
        let reason = "the disk gives back other bytes than were written"
        return (table, BackupProblem(file: name, reason: reason))
      }
      return (table, nil)
    } catch let error as ArchiveError {
      return (table, BackupProblem(file: name, reason: error.reason))
    }
  }
}
