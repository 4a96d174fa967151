internal import Archive
internal import Quantities
internal import SystemPackage

/// Reads the files of a backup's tables back from the disk, as soon as they are written.
///
/// What comes back has to be what was written: its length and its checksum tell. The digests for the
/// manifest were taken while it was written, beside the reading of rows: of one large file nothing could
/// be beside it here.
struct ReadBack: Sendable {
  let folder: FilePath
  /// How messages name the backup.
  let backup: String
  let jobs: Int
  let progress: ProgressHandler?

  /// Throws with every file that is not what was written.
  func run(_ tables: [CopiedTable]) async throws {
    let bytes = tables.reduce(0) { $0 + $1.file.bytes }
    let meter = ProgressMeter(
      phase: "verifying", bytesTotal: bytes, itemsTotal: tables.count, handler: progress)
    // The largest first, so that no long one is left for the end.
    let problems = try await concurrently(
      tables.sorted { $0.file.bytes > $1.file.bytes }, jobs: jobs
    ) { table in
      meter.begin(table.file.fileName)
      defer { meter.finishItem() }
      return try problem(table, meter)
    }
    try VerifyReport(
      manifest: nil, files: tables.count, bytes: ByteCount(bytes), rows: 0,
      problems: problems.compactMap { $0 }, notes: []
    ).requireWhole(backup)
  }

  private func problem(_ table: CopiedTable, _ meter: ProgressMeter) throws -> BackupProblem? {
    let name = table.file.fileName
    do {
      let reader = try DataFileReader(openingUnhashed: folder.appending(name))
      var checksum = Checksum()
      let position = ReadingPosition()
      while try reader.next({ checksum.update($0) }) {
        try Task.checkCancellation()
        meter.add(bytes: position.advance(to: reader.bytesRead))
      }
      if reader.bytesRead != table.file.bytes {
        let reason = "has \(reader.bytesRead) bytes; \(table.file.bytes) were written"
        return BackupProblem(file: name, reason: reason)
      }
      if checksum != table.checksum {
        let reason = "the disk gives back other bytes than were written"
        return BackupProblem(file: name, reason: reason)
      }
      return nil
    } catch let error as ArchiveError {
      return BackupProblem(file: name, reason: error.reason)
    }
  }
}
