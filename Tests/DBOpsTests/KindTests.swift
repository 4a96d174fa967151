import DBOps
import Glibc
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

  /// What the databases need of the whole server: two roles and a tablespace.
  private static let server = Task {
    let settings = try await TestServer.shared.sandbox.settings
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await SampleArchive.prepareRoles(connection)
    try await connection.execute("SET allow_in_place_tablespaces = on")
    try await connection.execute("CREATE TABLESPACE \"odd Space\" LOCATION ''")
    await connection.close()
  }

  @Test(
    "a database of each kind comes back as it was, by stock pg_restore and by ours",
    arguments: names)
  func roundTrip(_ name: String) async throws {
    try await Self.server.value
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let file = Self.folder.appending(name).string
      try await StockTool.run("psql", ["-q", "-v", "ON_ERROR_STOP=1", "-f", file], source)
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
