internal import DBOps
internal import Diagnostics
public import Postgres
public import SystemPackage

/// The server on which tests get their databases.
public enum TestServerSource: Sendable {
  /// One of our own on this machine, which stays when the run ends, with the templates on it: at a port of an
  /// address of this machine with a password, else at a socket.
  case sandbox(folder: FilePath, binaries: FilePath?, address: String? = nil)
  /// Another one, whose role may make databases.
  case given(ConnectionSettings)

  var isOwn: Bool { if case .sandbox = self { true } else { false } }

  /// Settings that make copies and tests quick, and let many workers connect.
  ///
  /// Its folder holds nothing that has to outlive a crash; vacuum would come in the middle of tests.
  private static let settings = [
    "max_connections": "300", "autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0",
    "shared_buffers": "128MB", "max_prepared_transactions": "20",
  ]

  /// The way to the server, which is started where it does not run.
  func running() async throws -> ConnectionSettings {
    switch self {
    case .given(let settings): return settings
    case .sandbox(let folder, let binaries, let address):
      if case .running(_, let settings) = try Sandbox.status(in: folder) { return settings }
      do {
        var options = Sandbox.Options(
          binaries: binaries, serverSettings: TestServerSource.settings,
          listensOnPort: address != nil)
        options.address = address ?? options.address
        return try await Sandbox.start(in: folder, options).settings
      } catch let error as SandboxError
        where error.code == .alreadyRunning || error.code == .busy
      {
        // Another run starts it at this moment.
        return try await started(in: folder, otherwise: error)
      }
    }
  }

  private func started(
    in folder: FilePath, otherwise error: SandboxError
  ) async throws -> ConnectionSettings {
    for _ in 0..<300 {
      if case .running(_, let settings) = try Sandbox.status(in: folder),
        let connection = try? await Connection.open(settings, applicationName: "omcops test")
      {
        await connection.close()
        return settings
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw error
  }
}
