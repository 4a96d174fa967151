internal import Glibc
internal import JSON
public import Quantities
internal import SystemPackage

/// What a sandbox's folder says about itself, in the file `sandbox.json`.
///
/// It is there before any program of the server is started, so that whatever happens afterwards
/// can be found and ended.
public struct SandboxRecord: Hashable, Sendable {
  static let fileName = "sandbox.json"

  /// When it was started.
  public let startedAt: Timestamp
  /// The folder of the server's programs.
  public let binaries: String
  /// The folder of the server's socket.
  public let socketFolder: String
  /// The address that it listens at, where it has a port.
  let address: String
  /// Its port there.
  let port: UInt16?
  /// What it asks for there. Only its owner can read the file.
  let password: String?

  init(
    startedAt: Timestamp, binaries: String, socketFolder: String, address: String = "",
    port: UInt16? = nil, password: String? = nil
  ) {
    self.address = address
    self.port = port
    self.password = password
    self.startedAt = startedAt
    self.binaries = binaries
    self.socketFolder = socketFolder
  }

  /// Reads the record of a folder; nil when there is none, or none that we wrote.
  init?(in folder: FilePath) {
    guard let bytes = SandboxRecord.contents(of: folder.appending(SandboxRecord.fileName)),
      let json = try? JSON(parsing: bytes), json["format"]?.int == 1,
      let started = json["started-at"]?.string.flatMap(Timestamp.init(parsing:)),
      let binaries = json["binaries"]?.string, let socketFolder = json["socket-folder"]?.string
    else { return nil }
    self.init(
      startedAt: started, binaries: binaries, socketFolder: socketFolder,
      address: json["address"]?.string ?? "127.0.0.1",
      port: json["port"]?.int.flatMap { UInt16(exactly: $0) }, password: json["password"]?.string)
  }

  /// Writes it so that a reader sees all of it or nothing.
  func write(into folder: FilePath) throws(Errno) {
    var json: JSON = [
      "format": 1, "started-at": .string(startedAt.rfc3339()), "binaries": .string(binaries),
      "socket-folder": .string(socketFolder),
    ]
    if let port, let password, case .object(var members) = json {
      members["address"] = .string(address)
      members["port"] = JSON(Int(port))
      members["password"] = .string(password)
      json = .object(members)
    }
    let final = folder.appending(SandboxRecord.fileName)
    let aside = folder.appending(SandboxRecord.fileName + ".new")
    do {
      let descriptor = try FileDescriptor.open(
        aside, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: .ownerReadWrite)
      try descriptor.closeAfter {
        _ = try descriptor.writeAll((json.text(.pretty) + "\n").utf8)
        if fsync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) }
      }
    } catch let error as Errno { throw error } catch { throw .ioError }
    if rename(aside.string, final.string) != 0 { throw Errno(rawValue: errno) }
  }

  private static func contents(of path: FilePath) -> [UInt8]? {
    guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      return nil
    }
    defer { try? descriptor.close() }
    var bytes = [UInt8](repeating: 0, count: 65536)
    guard let count = try? bytes.withUnsafeMutableBytes({ try descriptor.read(into: $0) }) else {
      return nil
    }
    return Array(bytes.prefix(count))
  }
}
