internal import Archive

/// Reads one file of a backup and compares it with what is known of it.
struct BackupFileCheck {
  let file: ExpectedFile
  let depth: Verify.Depth
  let meter: ProgressMeter

  struct Outcome: Sendable {
    var problem: BackupProblem?
    var rows: Int64 = 0
  }

  /// Throws only when the task is cancelled.
  func run() throws -> Outcome {
    // How long a block is shows when it is read.
    if case .file = file.location, let expected = file.manifest,
      expected.bytes != file.bytesOnDisk
    {
      meter.add(bytes: file.bytesOnDisk)
      return problem("has \(file.bytesOnDisk) bytes; the manifest says \(expected.bytes)")
    }
    do {
      return try read()
    } catch let error as ArchiveError {
      let place = error.offset.map { " at byte \($0)" } ?? ""
      return try differs() ?? problem(error.reason + place)
    }
  }

  private func problem(_ reason: String) -> Outcome {
    Outcome(problem: BackupProblem(file: file.name, reason: reason))
  }

  /// A file that cannot be decompressed has most likely been changed: the digest says so first.
  private func differs() throws -> Outcome? {
    guard depth == .full, file.holdsRows, file.manifest != nil else { return nil }
    let outcome = try? BackupFileCheck(file: file, depth: .digests, meter: meter).read()
    return outcome?.problem.map { Outcome(problem: $0) }
  }

  private func read() throws -> Outcome {
    let counts = depth == .full && file.holdsRows
    let reader = try DataFileReader(opening: file.location, decompressing: counts)
    var counter = CopyRowCounter()
    var told: Int64 = 0
    while try reader.next({ if counts { counter.add($0) } }) {
      try Task.checkCancellation()
      meter.add(bytes: reader.bytesRead - told)
      told = reader.bytesRead
    }
    if let expected = file.manifest, reader.summary?.sha256 != expected.sha256 {
      return problem("its SHA-256 is not the manifest's: it was changed or swapped")
    }
    return counts ? judge(counter) : Outcome()
  }

  private func judge(_ counter: CopyRowCounter) -> Outcome {
    if counter.isCut { return problem("ends in the middle of a row") }
    if !counter.isEnded { return problem("ends without the mark that ends the rows") }
    if counter.hasTrailingData { return problem("has data after the mark that ends the rows") }
    if let rows = file.rows, rows != counter.rows {
      return problem("holds \(counter.rows) rows; the manifest says \(rows)")
    }
    if let content = file.content, content != counter.content {
      return problem("holds other rows than those that the manifest has the hash of")
    }
    return Outcome(rows: counter.rows)
  }
}
