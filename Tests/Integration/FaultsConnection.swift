import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("A database that cannot be reached")
struct FaultsConnection {
  /// Commands that open a connection, each with the same address.
  static let commands: [[String]] = [
    ["db", "query", "-c", "select 1"], ["db", "info"], ["db", "backup", "--output", "backup"],
  ]

  @Test("a wrong password is named as such and never shown", arguments: commands)
  func wrongPassword(_ command: [String]) async throws {
    try await PasswordRole.prepare()
    try await Scene.play { scene in
      let address = scene.database.with(["user": PasswordRole.name]).conninfo
      let result = try await scene.omcops(
        command + ["--url", address], environment: ["PGPASSWORD": "hunter2-wrong"])
      expectFailure(result, .failed, naming: "password authentication failed", PasswordRole.name)
      #expect(!result.errorOutput.contains("hunter2"))
      #expect(ScratchFolder.names(in: scene.folder) == ["backups"])
    }
  }

  @Test("a password in the address is never shown")
  func passwordInAddress() async throws {
    try await PasswordRole.prepare()
    try await Scene.play { scene in
      let address = scene.database.with(["user": PasswordRole.name]).conninfo
      let result = try await scene.omcops(
        ["db", "info", "--url", address + " password=hunter2-wrong"])
      expectFailure(result, .failed, naming: "password authentication failed")
      #expect(!result.errorOutput.contains("hunter2"))
    }
  }

  @Test("nobody listens at the address", arguments: commands)
  func refused(_ command: [String]) async throws {
    try await Scene.play { scene in
      // Port 1 is reserved and nothing that tests start listens there.
      let result = try await scene.omcops(
        command + ["--url", "postgres://app@127.0.0.1:1/app"])
      expectFailure(result, .failed, naming: "127.0.0.1", "Connection refused")
      #expect(ScratchFolder.names(in: scene.folder) == ["backups"])
    }
  }

  @Test("the host does not exist")
  func unknownHost() async throws {
    try await Scene.play { scene in
      let result = try await scene.omcops(
        ["db", "query", "-c", "select 1", "--url", "postgres://app@no-such-host.invalid/app"])
      expectFailure(result, .failed, naming: "no-such-host.invalid")
    }
  }

  @Test("the database does not exist", arguments: commands)
  func missingDatabase(_ command: [String]) async throws {
    try await Scene.play { scene in
      let address = scene.database.with(database: "no_such_database").conninfo
      let result = try await scene.omcops(command + ["--url", address])
      expectFailure(result, .failed, naming: "no_such_database", "does not exist")
      #expect(ScratchFolder.names(in: scene.folder) == ["backups"])
    }
  }
}

/// A role that must give a password, while all others are trusted.
actor PasswordRole {
  static let name = "with_password"
  private static let only = PasswordRole()
  private var preparing: Task<Void, any Error>?

  static func prepare() async throws { try await only.prepareOnce() }

  private func prepareOnce() async throws {
    if let preparing { return try await preparing.value }
    let task = Task { try await PasswordRole.make() }
    preparing = task
    try await task.value
  }

  private static func make() async throws {
    let sandbox = try await TestServer.shared.sandbox
    let rules = sandbox.folder.appending("data/pg_hba.conf")
    let file = try FileDescriptor.open(rules, .readWrite)
    try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 65536)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      try file.seek(offset: 0, from: .start)
      try file.writeAll("local all \(name) scram-sha-256\n".utf8)
      try file.writeAll(bytes.prefix(count))
    }
    let connection = try await Connection.open(sandbox.settings, applicationName: "omcops tests")
    _ = try await connection.execute(
      "create role \(name) login password 'right'; select pg_reload_conf()")
    await connection.close()
    // The server reads its rules when it gets round to it.
    try await waitUntil("the server to ask for passwords") {
      do {
        let settings = sandbox.settings.with(["user": name, "password": "wrong"])
        let connection = try await Connection.open(settings, applicationName: "omcops tests")
        await connection.close()
        return false
      } catch {
        return true
      }
    }
  }
}
