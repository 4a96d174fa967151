internal import Digest
internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Synchronization
internal import SystemPackage

/// Appends records to a run's journal: each is on the disk before `append` returns.
///
/// Every record names the SHA-256 of the line before it, so that a later change shows. The writer
/// is used by one run at a time, which holds the run's lock.
final class JournalWriter {
  private let file: FileDescriptor
  private let path: FilePath
  private let run: String
  private let masker: Masker
  private let crashAfter: Int?
  /// Records that this process has written, into whatever journal.
  private static let written = Atomic<Int>(0)
  private let cut: CutPoint?
  private var appended = 0
  private var sequence: Int
  private var previous: String
  private var hasFailed = false

  /// Opens a journal behind the last whole record of `contents`, or begins it.
  init(
    _ path: FilePath, run: String, after contents: JournalContents?, masker: Masker,
    crashAfter: Int?, cut: CutPoint? = nil
  ) throws(RunError) {
    self.path = path
    self.run = run
    self.masker = masker
    self.crashAfter = crashAfter
    self.cut = cut
    sequence = contents?.records.last?.sequence ?? 0
    previous = contents?.head ?? JournalContents.firstPrevious
    do {
      file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite])
    } catch {
      throw DurableFile.failure("open", path, error)
    }
    do {
      // A torn record at the end was never acted upon; what is appended must not be glued to it.
      if let contents, contents.droppedBytes > 0 {
        guard ftruncate(file.rawValue, off_t(contents.wholeBytes)) == 0 else {
          throw Errno(rawValue: errno)
        }
        try DurableFile.sync(file)
      }
      try DurableFile.sync(folder: path.removingLastComponent())
    } catch {
      try? file.close()
      throw DurableFile.failure("open", path, error)
    }
  }

  deinit { try? file.close() }

  /// Appends a record and syncs it.
  ///
  /// After a failure nothing more is appended: a record must not be glued to half a line.
  func append(_ event: JournalEvent, at time: Timestamp) throws(RunError) -> JournalRecord {
    guard !hasFailed else { throw RunError(.file, "cannot write \(path): an earlier write failed") }
    if cut == .before(appended + 1) { throw end() }
    sequence += 1
    var line: OrderedDictionary<String, JSON> = [
      "seq": JSON(sequence), "t": .string(time.rfc3339(fractionDigits: 6)), "run": .string(run),
      "type": .string(event.type),
    ]
    for (key, field) in event.fields(masker) where field != .null { line[key] = field }
    line["prev"] = .string(previous)
    let bytes = Array(JSON.object(line).text().utf8)
    previous = SHA256.hex(of: bytes)
    do {
      try file.writeAll(bytes + [0x0A])
      try DurableFile.sync(file)
    } catch {
      hasFailed = true
      throw DurableFile.failure("write", path, error)
    }
    let written = JournalWriter.written.add(1, ordering: .relaxed).newValue
    // The test hook of CONTRIBUTING.md: dies as a power cut would, right after this record.
    if written == crashAfter { kill(getpid(), SIGKILL) }
    appended += 1
    if cut == .after(appended) { throw end() }
    return JournalRecord(sequence: sequence, time: time, event: event)
  }

  /// The end of this leg at its cut: nothing more is written, as if the process had died.
  private func end() -> RunError {
    hasFailed = true
    return RunError(.cut, "the run was cut off here")
  }
}
