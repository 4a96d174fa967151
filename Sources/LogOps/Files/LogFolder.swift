internal import Archive
public import Diagnostics
internal import Glibc
internal import JSON
public import Quantities
internal import SystemPackage

/// A folder that logs are kept in: `NAMESPACE/POD/CONTAINER.log`, older parts of them compressed
/// beside it, and in `.omcops` what is needed to go on where the last run stopped, however it did.
///
/// One process at a time has it: the kernel gives its lock back when the process ends.
public final class LogFolder: Sendable {
  /// When a log's file is closed and another begun.
  public struct Rotation: Sendable {
    /// At so many bytes.
    public var size = ByteCount(100 << 20)
    /// After so long.
    public var every = Duration.seconds(86_400)

    /// 100 MiB or a day.
    public init() {}
  }

  let path: FilePath
  let rotation: Rotation
  /// Whether an earlier run has left logs here.
  public let isContinued: Bool
  /// From when on logs are kept: what the first run was asked for.
  public let since: LogTime?
  let oldFiles = OldFiles()
  private let lock: FileDescriptor

  /// Opens a folder, and makes it where there is none.
  ///
  /// - Parameter since: from when on logs are wanted; counts for the first run only, since all that
  ///   was written between two runs belongs to the second one.
  /// - Throws: `FolderTrouble` where it cannot be used, or where somebody else does.
  public init(_ path: String, since: LogTime?, rotation: Rotation = Rotation()) throws {
    self.path = FilePath(path)
    self.rotation = rotation
    let own = self.path.appending(".omcops")
    try LogFolder.make(own)
    lock = try LogFolder.lock(own.appending("lock"), of: path)
    do {
      let settings = own.appending("folder.json")
      if let kept = try LogFolder.kept(settings) {
        isContinued = true
        self.since = kept["since"]?.int.map { LogTime(nanoseconds: $0) }
      } else {
        isContinued = false
        self.since = since
        let text = JSON.object(["version": 1, "since": JSON(since?.nanoseconds)]).text(.compact)
        try DurableFile.replace(settings, with: Array(text.utf8))
      }
    } catch {
      try? lock.close()
      throw error
    }
    LogFolder.allowManyFiles()
  }

  deinit { try? lock.close() }

  private static func kept(_ path: FilePath) throws -> JSON? {
    guard access(path.string, F_OK) == 0 else { return nil }
    let bytes = try DurableFile.read(path, atMost: 1 << 16)
    guard let json = try? JSON(parsing: bytes), json["version"]?.int == 1 else {
      throw FolderTrouble("\(path) is not what this version of omcops writes")
    }
    return json
  }

  private static func lock(_ path: FilePath, of folder: String) throws -> FileDescriptor {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
    } catch let error as Errno {
      throw FolderTrouble("cannot open \(path): \(error)")
    }
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      if errno == EINTR { continue }
      let error = Errno(rawValue: errno)
      try? file.close()
      guard error == .wouldBlock else { throw FolderTrouble("cannot lock \(path): \(error)") }
      throw FolderTrouble(
        "another omcops keeps logs in \(folder)", hint: "end it, or give another folder",
        status: .locked)
    }
    return file
  }

  /// Every log is an open file, and shells allow 1,024 of them.
  private static func allowManyFiles() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, 8192))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  static func make(_ path: FilePath) throws {
    guard mkdir(path.string, 0o700) != 0, errno != EEXIST else { return }
    let reason = Errno(rawValue: errno)
    let parent = path.removingLastComponent()
    guard reason == .noSuchFileOrDirectory, !parent.isEmpty else {
      throw FolderTrouble("cannot make the folder \(path): \(reason)")
    }
    try make(parent)
    guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else {
      throw FolderTrouble("cannot make the folder \(path): \(Errno(rawValue: errno))")
    }
  }

  /// Where a container's log is kept.
  func place(of state: ContainerState) -> Place {
    let parts = [state.namespace, state.pod, state.identity.container].map(LogFolder.safe)
    let folder = FilePath.Component.self
    var log = path
    var own = path.appending(".omcops")
    for part in parts.dropLast() {
      if let name = folder.init(part) {
        log.append(name)
        own.append(name)
      }
    }
    return Place(
      log: log.appending(parts[2] + ".log"), state: own.appending(parts[2] + ".state"))
  }

  /// A container's files.
  struct Place: Hashable, Sendable {
    var log: FilePath
    var state: FilePath
  }

  /// Whether the last run was in the middle of an instance's log.
  func isUnfinished(_ identity: ContainerState.Identity, at place: Place) throws -> Bool {
    guard let state = try FileState(reading: place.state) else { return false }
    return state.identity == identity && !state.hasEnded
  }

  /// A name that stays inside its folder and is visible there, whatever a server says: Kubernetes'
  /// own names are kept as they are.
  static func safe(_ name: String) -> String {
    var safe = ""
    for (index, byte) in name.utf8.enumerated() {
      let isPlain =
        byte.isWord || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") && index > 0
      let hex = String(byte, radix: 16, uppercase: true)
      safe += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
    }
    return safe.isEmpty ? "%" : safe
  }
}

/// Logs cannot be kept in a folder.
public struct FolderTrouble: Failure {
  /// What and why.
  public var message: String
  /// What to do.
  public var hint: String?
  /// How the process ends.
  public var status: ExitStatus

  init(_ message: String, hint: String? = nil, status: ExitStatus = .failed) {
    self.message = message
    self.hint = hint
    self.status = status
  }
}
