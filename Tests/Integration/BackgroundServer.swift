import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// Programs of other projects that tests need, and run for as long as they need them.
enum BackgroundServer {
  /// Where a program is; nil where this machine has none of that name.
  static func find(_ name: String) -> String? {
    (Tool.path + ":/usr/bin:/usr/sbin").split(separator: ":").lazy.map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }

  /// Whether this machine has all of these programs; says so where it has not.
  static func has(_ names: String...) -> Bool {
    let missing = names.filter { find($0) == nil }
    if !missing.isEmpty {
      print("skipped: this machine has no \(missing.joined(separator: ", "))")
    }
    return missing.isEmpty
  }

  /// A port of 127.0.0.1 that nobody uses.
  static func freePort() throws -> Int {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 ? getsockname(socket, $0, &length) : -1
      }
    }
    guard status == 0 else { throw Errno(rawValue: errno) }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Whether somebody listens on a port of 127.0.0.1.
  static func answers(_ port: Int) -> Bool {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  /// Runs `body` while a program runs that listens on a port, and ends the program.
  static func running(
    _ name: String, _ arguments: [String], port: Int, environment: [String: String] = [:],
    in folder: FilePath, _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    let program = Program(FilePath(try #require(find(name))))
    var variables = environment
    variables["PATH"] = Tool.path
    _ = try await program.run(
      arguments, environment: variables, in: folder, timeout: .seconds(300)
    ) { process in
      do {
        try await waitUntil("\(name) to listen", within: .seconds(30)) {
          guard process.isRunning else { throw EarlyEnd(description: "\(name) has ended early") }
          return answers(port)
        }
        try await body()
      } catch {
        process.send(SIGKILL)
        throw error
      }
      process.send(SIGKILL)
    }
  }

  struct EarlyEnd: Error, CustomStringConvertible {
    var description: String
  }
}
