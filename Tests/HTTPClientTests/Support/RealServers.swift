import Glibc
import ProgramRunner
import Synchronization
import SystemPackage
import Testing

/// Servers that others have written, each started for one test and ended with it.
enum RealServers {
  /// Runs a server while `body` does; it is asked to end afterwards.
  static func run(
    _ path: FilePath, _ arguments: [String], port: Int,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    _ = try await Program(path).run(arguments) { running in
      defer { running.send(SIGTERM) }
      let deadline = ContinuousClock.now + .seconds(20)
      while !Loopback.isListening(port) {
        guard running.isRunning, .now < deadline else { throw NotStarted(server: path) }
        try await Task.sleep(for: .milliseconds(5))
      }
      try await body()
    }
  }

  struct NotStarted: Error { let server: FilePath }

  /// nghttp2's own server, over HTTP/2 and TLS, with the files of a folder.
  static func nghttpd(
    files: FilePath, identity: TestCertificates.Identity,
    _ body: @escaping @Sendable (_ url: String) async throws -> Void
  ) async throws {
    let port = try Loopback.freePort()
    try await run(
      "/usr/sbin/nghttpd",
      [
        "--address=127.0.0.1", "--htdocs=\(files)", "--echo-upload", "\(port)", identity.key.string,
        identity.certificate.string,
      ], port: port
    ) { try await body("https://127.0.0.1:\(port)") }
  }

  /// A server whose HTTP/2 streams stay open; `streams` of them at a time on one connection.
  static func http2(
    streams: Int, _ body: @escaping @Sendable (_ url: String) async throws -> Void
  ) async throws {
    let identity = try await TestCertificates.shared.value.server
    let port = try Loopback.freePort()
    try await run(
      "/usr/bin/python3",
      [script("http2.py"), "\(port)", "\(identity.certificate)", "\(identity.key)", "\(streams)"],
      port: port
    ) { try await body("https://127.0.0.1:\(port)") }
  }

  /// A WebSocket server that echoes.
  static func webSocket(
    _ body: @escaping @Sendable (_ url: String) async throws -> Void
  ) async throws {
    let port = try Loopback.freePort()
    try await run("/usr/bin/python3", [script("websocket.py"), "\(port)"], port: port) {
      try await body("http://127.0.0.1:\(port)/")
    }
  }

  /// OpenSSL's server, which answers a request with a page about the connection.
  static func openSSL(
    _ arguments: [String], _ body: @escaping @Sendable (_ url: String) async throws -> Void
  ) async throws {
    let certificates = try await TestCertificates.shared.value
    let port = try Loopback.freePort()
    try await run(
      "/usr/bin/openssl",
      [
        "s_server", "-accept", "127.0.0.1:\(port)", "-quiet", "-www", "-cert",
        "\(certificates.server.certificate)", "-key", "\(certificates.server.key)",
      ] + arguments, port: port
    ) { try await body("https://127.0.0.1:\(port)") }
  }

  /// A proxy; with a user, it wants a password.
  static func tinyproxy(
    user: String? = nil, password: String = "", connectPorts: [Int] = [],
    _ body: @escaping @Sendable (_ endpoint: String) async throws -> Void
  ) async throws {
    let port = try Loopback.freePort()
    var lines = [
      "Port \(port)", "Listen 127.0.0.1", "Allow 127.0.0.1", "MaxClients 50", "Timeout 60",
    ]
    if let user { lines.append("BasicAuth \(user) \(password)") }
    lines += connectPorts.map { "ConnectPort \($0)" }
    let text = lines.joined(separator: "\n") + "\n"
    try await TestFolder.with { folder in
      let file = folder.appending("proxy.conf")
      try TestFolder.write(text, to: file)
      try await run("/usr/bin/tinyproxy", ["-d", "-c", file.string], port: port) {
        try await body("127.0.0.1:\(port)")
      }
    }
  }

  private static func script(_ name: String) -> String {
    FilePath(#filePath).removingLastComponent().removingLastComponent().appending("Servers")
      .appending(name).string
  }
}

/// Folders of tests.
enum TestFolder {
  static func make() throws -> FilePath {
    var template = Array("/tmp/omcops-http-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
    guard let name = mkdtemp(&template) else { throw Loopback.Failure() }
    return FilePath(String(cString: name))
  }

  /// A folder that is gone after `body`, with the files that are directly in it.
  static func with(_ body: @escaping @Sendable (FilePath) async throws -> Void) async throws {
    let folder = try make()
    let result: Result<Void, any Error>
    do { result = .success(try await body(folder)) } catch { result = .failure(error) }
    remove(folder)
    try result.get()
  }

  private static let leftovers = Mutex<[FilePath]>([])

  /// Has a folder be gone when the process ends.
  static func removeAtExit(_ folder: FilePath) {
    leftovers.withLock { $0.append(folder) }
    atexit { TestFolder.leftovers.withLock { $0.forEach(TestFolder.remove) } }
  }

  private static func remove(_ folder: FilePath) {
    if let directory = opendir(folder.string) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        unlink(folder.appending(name).string)
      }
      closedir(directory)
    }
    rmdir(folder.string)
  }

  static func write(_ text: String, to file: FilePath) throws {
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
  }

  static func read(_ file: FilePath) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(file, .readOnly)
    return try descriptor.closeAfter {
      var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65_536))
      while true {
        let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
        if count == 0 { return bytes }
        bytes += buffer.prefix(count)
      }
    }
  }
}
