internal import Glibc
internal import Quantities
internal import SystemPackage

/// The folder of one run: the file as it ran, the journal, the evidence, the report.
struct RunFolder: Sendable {
  let path: FilePath
  /// The run's id, which is the folder's name.
  var id: String { path.lastComponent?.string ?? path.string }
  /// The last part of the id.
  var shortID: String { String(id.split(separator: "-").last ?? "") }

  var journal: FilePath { path.appending("journal.jsonl") }
  var runbook: FilePath { path.appending("runbook.yaml") }
  var plan: FilePath { path.appending("plan.json") }
  var identities: FilePath { path.appending("identities.json") }
  /// The environment as expressions saw it when the run began.
  var target: FilePath { path.appending("target.json") }
  /// What a drill found out about its objectives; only where the run was one.
  var drill: FilePath { path.appending("drill.json") }
  var inputs: FilePath { path.appending("inputs.json") }
  var report: FilePath { path.appending("report.json") }
  var readableReport: FilePath { path.appending("report.md") }
  var lock: FilePath { path.appending("lock") }
  /// A runbook that the run calls, as it was when the run began.
  func called(_ name: String) -> FilePath { calledFolder.appending("\(name).yaml") }
  var calledFolder: FilePath { path.appending("called") }
  func evidence(_ name: String) -> FilePath { path.appending("evidence").appending(name) }

  /// Makes the folder of a new run.
  static func make(
    in runs: FilePath, runbook: String, at time: Timestamp
  ) throws(RunError) -> RunFolder {
    try DurableFile.makeFolder(runs)
    let stamp = time.rfc3339(fractionDigits: 0).filter { $0 != ":" }
    let taken = Set(try all(in: runs).map(\.shortID))
    while true {
      let short = randomID()
      guard !taken.contains(short) else { continue }
      let folder = RunFolder(path: runs.appending("\(stamp)-\(runbook)-\(short)"))
      guard mkdir(folder.path.string, 0o700) == 0 else {
        if errno == EEXIST { continue }
        throw DurableFile.failure("make the folder", folder.path, Errno(rawValue: errno))
      }
      try DurableFile.makeFolder(folder.path.appending("evidence"))
      return folder
    }
  }

  /// Four characters that can be told apart when read aloud, the first one a letter: they become
  /// part of names of databases.
  private static func randomID() -> String {
    let letters = Array("abcdefghjkmnpqrstuvwxyz")
    let all = letters + Array("23456789")
    let tail = (0..<3).map { _ in all[Int.random(in: all.indices)] }
    return String([letters[Int.random(in: letters.indices)]] + tail)
  }

  /// The runs of a state folder, the oldest first; none where there is no folder. Ids tell seconds;
  /// of those that began in the same one, the file of the run that was written first comes first.
  static func all(in runs: FilePath) throws(RunError) -> [RunFolder] {
    guard let stream = opendir(runs.string) else {
      if errno == ENOENT { return [] }
      throw DurableFile.failure("read the folder", runs, Errno(rawValue: errno))
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    let folders = names.map { RunFolder(path: runs.appending($0)) }
    return folders.map { ($0, $0.name?.time ?? $0.id, $0.began) }
      .sorted { ($0.1, $0.2, $0.0.id) < ($1.1, $1.2, $1.0.id) }.map(\.0)
  }

  /// When the file of the run was written, in nanoseconds; 0 where there is none.
  private var began: Int {
    var status = stat()
    guard stat(runbook.string, &status) == 0 else { return 0 }
    return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
  }

  /// The moment of the run's beginning, as the id says it.
  var name: (time: String, runbook: String)? {
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 5, parts[2].contains("T") else { return nil }
    return (
      parts[0..<3].joined(separator: "-"), parts[3..<(parts.count - 1)].joined(separator: "-")
    )
  }
}

/// Keeps two processes away from one run: a lock on a file of its folder.
final class RunFolderLock: Sendable {
  private let file: FileDescriptor

  /// Takes the lock; throws `RunError` of code `locked` with who works on the run.
  init(_ folder: RunFolder, as holder: LockHolder) throws(RunError) {
    do {
      file = try FileDescriptor.open(
        folder.lock, .readWrite, options: [.create, .closeOnExec],
        permissions: [.ownerReadWrite])
    } catch {
      throw DurableFile.failure("open", folder.lock, error)
    }
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      let other = LockHolder.read(from: file)
      try? file.close()
      throw RunError(
        .locked,
        "run \(folder.id) is going on in "
          + (other.map { "process \($0.pid) on \($0.host)" } ?? "another process"),
        hint: "See `omcops runbook status`; Ctrl-C there, or SIGTERM, stops it.")
    }
    do {
      try holder.write(to: file)
    } catch {
      throw DurableFile.failure("write", folder.lock, error)
    }
  }

  /// Whether some process works on the run now.
  static func isHeld(_ folder: RunFolder) -> Bool {
    guard
      let file = try? FileDescriptor.open(folder.lock, .readWrite, options: [.closeOnExec])
    else { return false }
    defer { try? file.close() }
    return flock(file.rawValue, LOCK_SH | LOCK_NB) != 0
  }

  deinit { try? file.close() }
}
