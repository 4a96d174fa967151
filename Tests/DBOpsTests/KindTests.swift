import DBOps
import Postgres
import SystemPackage
import TestServer
import Testing

/// Every kind of object that pg_dump knows, in a small database of its own.
@Suite("Kinds of objects")
struct KindTests {
  private static let folder = FilePath(#filePath).removingLastComponent()
    .removingLastComponent().appending("Databases").appending("Kinds")

  /// The databases; a file that is put there is tested.
  private static let names = ScratchFolder.names(in: folder).filter { $0.hasSuffix(".sql") }

  @Test(
    "a database of each kind comes back as it was, by stock pg_restore and by ours",
    arguments: names)
  func kinds(_ name: String) async throws {
    try await roundTrip(["-f", Self.folder.appending(name).string])
  }

  /// pg_dump leaves the handler out, so that its own archive asks for an extension of that name.
  @Test("a language may have the handler of an extension")
  func borrowedHandler() async throws {
    try await roundTrip([
      "-c", "CREATE TRUSTED LANGUAGE borrowed HANDLER plpgsql_call_handler",
      "-c", "CREATE FUNCTION lend() RETURNS int LANGUAGE borrowed AS 'BEGIN RETURN 1; END'",
    ])
  }

  /// Backs up what psql makes of its arguments, and compares it with what comes back.
  private func roundTrip(_ creation: [String]) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await StockTool.run("psql", ["-q", "-v", "ON_ERROR_STOP=1"] + creation, source)
      let expected = try await State(of: source)
      _ = try await Backup(
        .init(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()

      for options in [[], ["-j2"]] {
        try await TestServer.withDatabase { target in
          try await StockTool.run(
            "pg_restore", ["--exit-on-error"] + options + [path.string], target)
          try await expected.expect(target, "pg_restore \(options)")
        }
      }
      let target = "restored_\(source["dbname"] ?? "")"
      _ = try await Restore(.init(path: path, server: source, database: target)).run()
      try await expected.expect(source.with(database: target), "omcops")
      try await TestServer.shared.drop(database: target)
    }
  }

  /// What is compared: all that stock pg_dump sees, and what our own reading of the catalogs does.
  private struct State {
    var text: String
    var definitions: Definitions

    init(of settings: ConnectionSettings) async throws {
      text = try await SampleArchive.text(of: settings, options: [])
      let connection = try await Connection.open(settings, applicationName: "omcops tests")
      definitions = try await Definitions.read(connection)
      await connection.close()
    }

    func expect(_ settings: ConnectionSettings, _ way: String) async throws {
      let state = try await State(of: settings)
      #expect(state.text == text, "pg_dump sees a difference after \(way)")
      let differences = DefinitionComparison(.init(owners: true, privileges: true)).differences(
        expected: definitions, actual: state.definitions)
      #expect(differences.isEmpty, "the catalogs differ after \(way)")
    }
  }
}
