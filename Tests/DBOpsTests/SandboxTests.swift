import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import Testing

@Suite struct SandboxTests {
  /// A folder's name that nothing else uses.
  private func unusedFolder(_ suffix: String = "") -> FilePath {
    FilePath("/tmp/omcops-test-sandbox-\(UInt64.random(in: 0 ... .max))\(suffix)")
  }

  @Test(.timeLimit(.minutes(2)))
  func itServesHidesAndLeavesNothing() async throws {
    // Too long a name for a socket, with what a configuration file would have to quote.
    let folder = unusedFolder("-it's " + String(repeating: "x", count: 100))
    let sandbox = try await Sandbox.start(in: folder)
    let connection = try await Connection.open(sandbox.settings, applicationName: "t")
    let facts = try await connection.query(
      "SELECT current_setting('data_checksums'), current_setting('listen_addresses')"
    ).rows[0]
    #expect(facts[0] == "on")
    #expect(facts[1] == "")
    await connection.close()
    let second = await #expect(throws: SandboxError.self) {
      try await Sandbox.start(in: folder)
    }
    #expect(second?.code == .alreadyRunning)
    try await sandbox.stop()
    #expect(access(folder.string, F_OK) != 0)
    #expect(access(sandbox.settings["host"] ?? "", F_OK) != 0)
    #expect(try await Sandbox.stop(in: folder) == false)
  }

  @Test(.timeLimit(.minutes(2)))
  func aCrashedServerIsStaleAndCanBeClearedOrReplaced() async throws {
    let folder = unusedFolder()
    let sandbox = try await Sandbox.start(in: folder)
    let connection = try await Connection.open(sandbox.settings, applicationName: "t")
    let file = try FileDescriptor.open(
      folder.appending("data").appending("postmaster.pid"), .readOnly)
    var text = [UInt8](repeating: 0, count: 64)
    _ = try file.closeAfter { try text.withUnsafeMutableBytes { try file.read(into: $0) } }
    let pid = try #require(pid_t(String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)))
    await connection.close()
    kill(pid, SIGKILL)
    while case .running = try Sandbox.status(in: folder) { await Task.yield() }
    guard case .stale = try Sandbox.status(in: folder) else {
      Issue.record("a killed server is not stale")
      return
    }
    let next = try await Sandbox.start(in: folder)
    let again = try await Connection.open(next.settings, applicationName: "t")
    await again.close()
    #expect(try await Sandbox.stop(in: folder))
    #expect(access(folder.string, F_OK) != 0)
  }

  @Test(.timeLimit(.minutes(2)))
  func aCancelledStartLeavesNothing() async throws {
    let folder = unusedFolder()
    let start = Task { try await Sandbox.start(in: folder) }
    while access(folder.appending("data").string, F_OK) != 0 { await Task.yield() }
    start.cancel()
    await #expect(throws: (any Error).self) { try await start.value }
    #expect(access(folder.string, F_OK) != 0)
  }

  @Test func aFolderThatHoldsOtherThingsIsLeftAlone() async throws {
    let folder = unusedFolder()
    mkdir(folder.string, 0o755)
    let file = folder.appending("mine")
    try FileDescriptor.open(file, .writeOnly, options: .create, permissions: .ownerReadWrite)
      .close()
    let error = await #expect(throws: SandboxError.self) { try await Sandbox.start(in: folder) }
    #expect(error?.code == .unfitFolder)
    #expect(error?.status == .usage)
    #expect(try await Sandbox.stop(in: folder) == false)
    #expect(access(file.string, F_OK) == 0)
    unlink(file.string)
    #expect(rmdir(folder.string) == 0)
  }

  @Test func noServerIsSaidWithTheWayToOne() async throws {
    let error = await #expect(throws: SandboxError.self) {
      try await ServerBinaries.find(in: "/nonexistent")
    }
    #expect(error?.code == .noServer)
    #expect(error?.hint != nil)
  }
}
