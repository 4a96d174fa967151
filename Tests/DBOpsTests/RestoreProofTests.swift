import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Proof by restoring")
struct RestoreProofTests {
  private func prove(
    _ path: FilePath, on settings: ConnectionSettings? = nil
  ) async throws -> RestoreProof.Report {
    try await RestoreProof(
      path: path, place: settings.map { .server($0) } ?? .ownServer(),
      applicationName: "omcops tests"
    ).run()
  }

  private func backup(_ source: ConnectionSettings, _ path: FilePath) async throws {
    _ = try await Backup(
      .init(source: source, destination: .folder(path), omcopsVersion: "test")
    ).run()
  }

  private func leftovers(_ settings: ConnectionSettings) async throws -> [String] {
    try await RestoreTests.databases(settings, like: "omcops\\_verify\\_")
  }

  @Test("a backup is restored on a server of its own, roles and all, and compared")
  func ownServer() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      try await backup(source, path)
    }
    let report = try await prove(path)
    #expect(report.isProven, "\(report.comparison)")
    #expect(report.comparison.comparedRows == 8500 && report.comparison.comparedTables == 5)
    #expect(report.restore.notes == [])
  }

  @Test("an archive of pg_dump's is proven as far as that goes", arguments: ["-Fd", "-Fc"])
  func foreign(_ format: String) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      try await SampleArchive.dump(source, to: path, options: [format, "-C"])
    }
    let report = try await prove(path)
    #expect(report.isProven, "\(report.comparison)")
    #expect(report.comparison.comparedRows == 8500)
    #expect(report.comparison.notes.count == 2, "\(report.comparison.notes)")
  }

  @Test("on another server the database is dropped again, whatever came out")
  func otherServer() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      try await backup(source, path)
      #expect(try await prove(path, on: source).isProven)
      #expect(try await leftovers(source) == [])

      // What the manifest says is what has to come out of a restore.
      var manifest = try Manifest(readingFrom: path)
      let nothing = manifest.tables["public.nothing"]?.content
      manifest.tables["public.users"]?.content = nothing
      unlink(path.appending("manifest.json").string)
      try manifest.write(into: path)
      let report = try await prove(path, on: source)
      #expect(report.comparison.tables.map(\.table) == ["public.users"])
      #expect(report.comparison.tables[0].keys?.changed.count == 0, "the file has the same rows")
      #expect(try await leftovers(source) == [])
    }
  }

  @Test("what a killed proof left is removed by the next one, and nothing of a living one's")
  func leftovers() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      try await backup(source, path)
      let admin = try await Connection.open(
        source.with(database: "postgres"), applicationName: "omcops tests")
      for name in ["omcops_verify_dead", "omcops_verify_alive", "omcops_verify_Other"] {
        try await admin.execute("CREATE DATABASE \"\(name)\" TEMPLATE template0")
      }
      try await admin.execute("SELECT pg_advisory_lock(hashtextextended('omcops_verify_alive', 0))")
      #expect(try await prove(path, on: source).isProven)
      #expect(try await leftovers(source) == ["omcops_verify_Other", "omcops_verify_alive"])
      for name in ["omcops_verify_alive", "omcops_verify_Other"] {
        try await TestServer.shared.drop(database: name)
      }
      await admin.close()
    }
  }

  @Test("an interrupted proof leaves no database")
  func interrupted() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      try await backup(source, path)
      for phase in ["loading", "checking", "comparing"] {
        let seen = Seen()
        let proof = RestoreProof(
          path: path, place: .server(source), applicationName: "omcops tests",
          progress: { if $0.phase == phase { seen.reach() } })
        let task = Task { try await proof.run() }
        await seen.wait()
        task.cancel()
        _ = await task.result
        #expect(try await leftovers(source) == [], "interrupted while \(phase)")
      }
    }
  }
}
