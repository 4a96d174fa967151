import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A host that is gone says nothing: no end, no reset. Here it is one in a network of its own, which
/// loses its address in the middle of a copy.
@Suite(
  "A server that falls silent",
  .enabled(if: SilentNetwork.isPossible, "networks of our own need root and iproute2"))
struct FaultsSilence {
  /// How soon it is to be noticed: three seconds instead of a minute.
  private func address(_ database: String, _ port: UInt16) -> String {
    "host=\(SilentNetwork.serverAddress) port=\(port) user=postgres dbname=\(database)"
      + " keepalives_idle=1 keepalives_interval=1 keepalives_count=2 tcp_user_timeout=3000"
      + " connect_timeout=2"
  }

  private func expectSilence(_ result: ProgramResult, _ database: String) {
    expectFailure(
      result, .failed, naming: "lost the connection to database \"\(database)",
      "the server's host does not answer any more", "hint: the host or the network between")
  }

  @Test("a backup notices, says so, and leaves nothing that looks like one")
  func backup() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsServer.manyRows)
      let name = scene.database["dbname"] ?? ""
      let network = try SilentNetwork()
      let proxy = try CuttingProxy(
        to: scene.database, listeningOn: try network.listener(), afterReceiving: 20 << 20
      ) { _ in network.fallSilent() }
      // The server's own sessions would wait for a client that is gone.
      defer { proxy.end() }
      let result = try await network.omcops(
        ["db", "backup", "--url", address(name, proxy.port)], scene)
      #expect(proxy.hasCut)
      expectSilence(result, name)
      #expect(ScratchFolder.names(in: scene.store) == ["\(name).last-run.json"])
    }
  }

  @Test("a restore notices, and says what it could not remove")
  func restore() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsServer.manyRows)
      let path = scene.folder.appending("backup").string
      let made = try await scene.omcops(
        ["db", "backup", "--url", scene.database.conninfo, "--output", path])
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      let target = "copy_\(scene.database["dbname"] ?? "")"
      let network = try SilentNetwork()
      let proxy = try CuttingProxy(
        to: scene.database, listeningOn: try network.listener(), afterSending: 20 << 20
      ) { _ in network.fallSilent() }
      // The server's own sessions would wait for a client that is gone.
      defer { proxy.end() }
      let result = try await network.omcops(
        ["db", "restore", path, "--url", address(target, proxy.port)], scene)
      #expect(proxy.hasCut)
      expectSilence(result, target)
      #expect(result.errorOutput.contains("could not be removed"))
      proxy.end()
      try await removeUnfinished(target, scene)
    }
  }

  /// Removes what the restore could not, as the next one would.
  private func removeUnfinished(_ target: String, _ scene: Scene) async throws {
    let watch = try await Connection.open(
      scene.database.with(database: "postgres"), applicationName: "omcops tests")
    let found = try await watch.query(
      "select datname from pg_database where datname like $1 || '%'", [SQLValue(target)])
    await watch.close()
    let names = found.rows.compactMap { $0[0] }
    #expect(names.count == 1 && !names.contains(target))
    for name in names { try await TestServer.shared.drop(database: name) }
  }
}

/// A server's network, which can fall silent, and a client's, with a wire between them. Both are gone
/// when nothing in them runs any more.
final class SilentNetwork: Sendable {
  static let serverAddress = "10.99.0.1"
  private static let clientAddress = "10.99.0.2"

  /// Whether this machine lets us make networks.
  static let isPossible = geteuid() == 0 && run("unshare -n ip link")

  /// Keeps the server's network while nothing runs in it.
  private let server: Int32

  init() throws {
    server = try joinThread {
      // A thread's network is its own affair.
      call("unshare", as: (@convention(c) (Int32) -> Int32).self).map { $0(newNetwork) } == 0
        ? open("/proc/thread-self/ns/net", O_RDONLY) : -1
    }
    guard server >= 0 else { throw Errno.notPermitted }
  }

  deinit { close(server) }

  /// A socket that listens in the server's network, whoever uses it.
  func listener() throws -> (socket: Int32, port: UInt16) {
    let server = server
    let listener = try joinThread {
      call("setns", as: (@convention(c) (Int32, Int32) -> Int32).self)
        .map { $0(server, newNetwork) } == 0 ? try? CuttingProxy.listen(on: 0) : nil
    }
    guard let listener else { throw Errno.notPermitted }
    return listener
  }

  /// Takes the server's address away: what comes for it finds nobody.
  func fallSilent() { _ = inServer("ip addr flush dev s") }

  /// Runs omcops in the client's network.
  func omcops(_ arguments: [String], _ scene: Scene) async throws -> ProgramResult {
    // The wire is laid from outside, as soon as the network is there.
    let script = """
      until ip addr add \(SilentNetwork.clientAddress)/30 dev c 2>/dev/null; do sleep 0.05; done
      ip link set c up; exec "$@"
      """
    return try await Program("/usr/bin/unshare").run(
      ["-n", "sh", "-c", script, "sh", Program.omcops.path.string] + arguments,
      environment: [
        "OMCOPS_BACKUPS": scene.store.string,
        "XDG_STATE_HOME": scene.folder.appending("state").string,
      ], in: scene.folder
    ) { [self] client in
      try await waitUntil("the client's network") { hasOwnNetwork(client.processID) }
      let commands = [
        "ip link add s type veth peer name c netns \(client.processID)",
        "ip addr add \(SilentNetwork.serverAddress)/30 dev s", "ip link set s up",
      ]
      #expect(inServer(commands.joined(separator: " && ")))
    }
  }

  private func hasOwnNetwork(_ process: Int32) -> Bool {
    func network(_ process: String) -> UInt64 {
      var status = stat()
      return stat("/proc/\(process)/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
    }
    let own = network("\(process)")
    return own != 0 && own != network("self")
  }

  private func inServer(_ commands: String) -> Bool {
    SilentNetwork.run("nsenter --net=/proc/\(getpid())/fd/\(server) sh -c '\(commands)'")
  }

  private static func run(_ command: String) -> Bool { system("\(command) >/dev/null 2>&1") == 0 }
}

/// `CLONE_NEWNET`, which Swift's Glibc does not have, as it lacks the calls that take it.
private let newNetwork: Int32 = 0x4000_0000

private func call<Function>(_ name: String, as type: Function.Type) -> Function? {
  dlsym(nil, name).map { unsafeBitCast($0, to: type) }
}
