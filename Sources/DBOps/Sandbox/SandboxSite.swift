internal import Glibc
internal import Quantities
internal import SystemPackage

/// The folder of a sandbox and what may be done to it.
struct SandboxSite {
  let folder: FilePath
  let account = ServerAccount.current()

  var data: FilePath { folder.appending("data") }
  var log: FilePath { folder.appending("server.log") }
  var processes: ServerProcesses { ServerProcesses(data: data) }
  var record: SandboxRecord? { SandboxRecord(in: folder) }

  /// The place that `folder` names, from the working folder on.
  init(_ folder: FilePath) throws {
    if folder.isAbsolute {
      self.folder = folder.lexicallyNormalized()
    } else {
      guard let current = getcwd(nil, 0) else { throw Errno(rawValue: errno) }
      defer { free(current) }
      self.folder = FilePath(String(cString: current)).pushing(folder).lexicallyNormalized()
    }
  }

  /// Makes the folder if need be, and locks it against a second start or stop.
  func claim() throws -> FileLock {
    if let obstacle = account.obstacle(above: folder) {
      throw SandboxError(
        .unfitFolder,
        "the server, which does not run as root, cannot pass through \(obstacle) to \(folder)",
        hint: "choose a folder that others can reach, as one under /tmp")
    }
    try makeFolder()
    // Only what a sandbox leaves may be there: everything in the folder is removed at the end.
    if record == nil, FolderTree.names(in: folder).contains(where: { $0 != ".lock" }) {
      throw SandboxError(
        .unfitFolder, "\(folder) holds other things than a sandbox",
        hint: "name a folder that does not exist yet")
    }
    guard let lock = try FileLock(folder.appending(".lock"), create: true, wait: false) else {
      throw SandboxError(
        .busy, "another omcops starts or stops the sandbox in \(folder) right now",
        hint: "try again in a moment")
    }
    return lock
  }

  private func makeFolder() throws {
    var built = FilePath(root: "/")
    for component in folder.components {
      built.append(component)
      let isLast = built == folder
      if mkdir(built.string, isLast ? 0o700 : 0o755) == 0 || errno == EEXIST { continue }
      throw SandboxError(.unfitFolder, "cannot make \(built): \(Errno(rawValue: errno))")
    }
    var status = stat()
    guard lstat(folder.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid() || status.st_uid == account.user
    else {
      throw SandboxError(.unfitFolder, "\(folder) is no folder of yours")
    }
  }

  /// Hands the folder to the server's account and writes the record.
  func prepare(_ binaries: ServerBinaries, listensAt address: String?) throws -> SandboxRecord {
    var port: UInt16?
    if address != nil {
      port = FreePort.next()
      guard port != nil else {
        throw SandboxError(.failed, "there is no free port for the server in \(folder)")
      }
    }
    let record = SandboxRecord(
      startedAt: .now(), binaries: binaries.folder.string,
      socketFolder: try socketFolder().string, address: address ?? "", port: port,
      password: port == nil ? nil : SandboxSite.newPassword())
    try record.write(into: folder)
    try FolderTree.give(folder, to: account)
    return record
  }

  /// 128 random bits.
  private static func newPassword() -> String {
    (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
  }

  /// The folder itself, or where its name is too long or too odd for a socket, one in /tmp.
  private func socketFolder() throws -> FilePath {
    let plain = folder.string.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x30...0x39).contains(byte) || "/._-".utf8.contains(byte)
    }
    // The address of a socket has 107 bytes; the server adds "/.s.PGSQL.5432".
    if plain, folder.string.utf8.count <= 107 - 14 { return folder }
    var template = Array("/tmp/omcops-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let short = FilePath(String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
    try FolderTree.give(short, to: account)
    return short
  }

  /// Ends what runs and removes what is in the folder, but not the folder and its lock.
  func clear() async throws {
    let socketFolder = record.map { FilePath($0.socketFolder) }
    try await processes.end()
    if let socketFolder, socketFolder != folder { try FolderTree.remove(socketFolder) }
    for name in FolderTree.names(in: folder) where name != ".lock" {
      try FolderTree.remove(folder.appending(name))
    }
  }

  /// Ends what runs and removes the folder.
  func removeAll() async throws {
    try await clear()
    try FolderTree.remove(folder)
  }
}
