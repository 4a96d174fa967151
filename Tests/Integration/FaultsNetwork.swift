import Glibc
import Postgres
import ProgramRunner
import Synchronization
import SystemPackage
import Testing

@Suite("A network that breaks in the middle of a copy")
struct FaultsNetwork {
  private func address(_ database: String, through proxy: CuttingProxy) -> String {
    "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=\(database)"
  }

  @Test("a backup says so, and leaves nothing that looks like one")
  func backup() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsServer.manyRows)
      let name = scene.database["dbname"] ?? ""
      let proxy = try CuttingProxy(to: scene.database, afterReceiving: 20 << 20)
      let result = try await scene.omcops(
        ["db", "backup", "--url", address(name, through: proxy)])
      #expect(proxy.hasCut)
      expectFailure(result, .failed, naming: "connection")
      #expect(ScratchFolder.names(in: scene.store) == ["\(name).last-run.json"])
      try await scene.waitForSessionsToEnd()
    }
  }

  @Test("a restore says so, and over a new connection removes what it had made")
  func restore() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsServer.manyRows)
      let path = scene.folder.appending("backup").string
      let made = try await scene.omcops(
        ["db", "backup", "--url", scene.database.conninfo, "--output", path])
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      let target = "copy_\(scene.database["dbname"] ?? "")"
      let proxy = try CuttingProxy(to: scene.database, afterSending: 20 << 20)
      let result = try await scene.omcops(
        ["db", "restore", path, "--url", address(target, through: proxy)])
      #expect(proxy.hasCut)
      expectFailure(result, .failed, naming: "connection")
      let watch = try await Connection.open(
        scene.database.with(database: "postgres"), applicationName: "omcops tests")
      try await waitUntil("the server to end the sessions that were cut off") {
        try await watch.query(
          "select from pg_database where datname like $1 || '%'", [SQLValue(target)]
        ).rows.isEmpty
      }
      await watch.close()
    }
  }
}

/// Stands between a client and a server, on the loopback interface, until so many bytes have gone one
/// way; then it resets every connection that there is, or does to them what it is told. Later ones are
/// let through.
final class CuttingProxy: Sendable {
  /// Where it listens.
  let port: UInt16
  private let listener: Int32
  private let server: String
  private let limits: (received: Int, sent: Int)
  private let cut: @Sendable (Set<Int32>) -> Void
  private let state = Mutex((received: 0, sent: 0, hasCut: false, open: Set<Int32>()))

  /// Whether it has cut.
  var hasCut: Bool { state.withLock { $0.hasCut } }

  /// - Parameters:
  ///   - settings: the server, which listens on a Unix socket.
  ///   - listener: the socket of `listen` in another network than the test's.
  ///   - received: how many bytes of the server's are passed on.
  ///   - sent: how many bytes of the clients' are.
  ///   - cut: what is done to the connections then, by their sockets.
  init(
    to settings: ConnectionSettings, listeningOn listener: (socket: Int32, port: UInt16)? = nil,
    afterReceiving received: Int = .max, afterSending sent: Int = .max,
    cut: @escaping @Sendable (Set<Int32>) -> Void = CuttingProxy.reset
  ) throws {
    server = "\(settings["host"] ?? "")/.s.PGSQL.\(settings["port"] ?? "5432")"
    limits = (received, sent)
    self.cut = cut
    (self.listener, port) = try listener ?? CuttingProxy.listen(on: 0x7F00_0001)
    startThread { [listener = self.listener, weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else { return }
        serve(client)
      }
    }
  }

  /// Resets every connection that there is, so that the server's side ends as well.
  func end() { CuttingProxy.reset(state.withLock { $0.open }) }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// A socket that listens at an address, and its port.
  static func listen(on host: UInt32) throws -> (socket: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = host.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && Glibc.listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw Errno(rawValue: errno) }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  /// Closes connections as a router does that has lost them.
  static func reset(_ connections: Set<Int32>) {
    for client in connections {
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(
        client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
      shutdown(client, Int32(SHUT_RDWR))
    }
  }

  private func serve(_ client: Int32) {
    let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: server.utf8) }
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else {
      close(client)
      close(upstream)
      return
    }
    state.withLock { _ = $0.open.insert(client) }
    let ends = Mutex(2)
    for (from, to, isReceived) in [(upstream, client, true), (client, upstream, false)] {
      startThread { [self] in
        relay(from, to, isReceived)
        shutdown(to, Int32(SHUT_WR))
        let isLast = ends.withLock { ends in
          ends -= 1
          return ends == 0
        }
        guard isLast else { return }
        state.withLock { _ = $0.open.remove(client) }
        close(client)
        close(upstream)
      }
    }
  }

  private func relay(_ from: Int32, _ to: Int32, _ isReceived: Bool) {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(from, &buffer, buffer.count)
      guard count > 0 else { return }
      pass(count, isReceived)
      var sent = 0
      while sent < count {
        let part = buffer.withUnsafeBytes { bytes in
          send(to, bytes.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
        }
        guard part > 0 else { return }
        sent += part
      }
    }
  }

  /// Counts what goes by, and cuts all connections once it was too much.
  private func pass(_ count: Int, _ isReceived: Bool) {
    state.withLock { state in
      if isReceived { state.received += count } else { state.sent += count }
      guard !state.hasCut, state.received > limits.received || state.sent > limits.sent else {
        return
      }
      state.hasCut = true
      cut(state.open)
    }
  }
}
