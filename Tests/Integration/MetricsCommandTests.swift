import Glibc
import JSON
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("Backups that are watched")
struct MetricsCommandTests {
  private static let configuration = """
    environments:
      here:
        database: { from-env: SCENE_URL }
        backups: { path: backups, metrics: metrics/omcops.prom }
    """

  private func play(
    _ body: (Scene, _ omcops: ([String], String) async throws -> ProgramResult) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      try scene.write(Self.configuration, to: "omcops.yaml")
      mkdir(scene.folder.appending("metrics").string, 0o755)
      try await scene.execute("create table t as select n from generate_series(1, 100) n")
      try await body(scene) { words, url in
        // The store is the configuration's.
        try await scene.omcops(words, environment: ["SCENE_URL": url, "OMCOPS_BACKUPS": ""])
      }
    }
  }

  private func text(_ path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }

  @Test("a backup, its proof and a failure are in the metrics of the configuration")
  func configured() async throws {
    try await play { scene, omcops in
      let url = scene.database.conninfo
      let labels = "{database=\"\(scene.database["dbname"] ?? "")\",environment=\"here\""
      let metrics = scene.folder.appending("metrics/omcops.prom")

      // Never succeeded: the series are there, and say so.
      let refused = try await omcops(["db", "backup"], url + " user=nobody")
      #expect(refused.exitCode == 1)
      var seen = try text(metrics)
      #expect(seen.contains("omcops_backup_last_run_success\(labels)} 0\n"), "\(seen)")
      #expect(seen.contains("omcops_backup_timestamp_seconds\(labels)} 0\n"))

      let made = try await omcops(["db", "backup"], url)
      #expect(made.exitCode == 0, "\(made.errorOutput)")
      seen = try text(metrics)
      #expect(seen.contains("omcops_backup_last_run_success\(labels)} 1\n"), "\(seen)")
      #expect(!seen.contains("omcops_backup_timestamp_seconds\(labels)} 0\n"))
      #expect(seen.contains("depth=\"restore\"} 0\n"))

      let proven = try await omcops(["db", "verify", "latest", "--restore"], url)
      #expect(proven.exitCode == 0, "\(proven.errorOutput)")
      seen = try text(metrics)
      #expect(!seen.contains("depth=\"restore\"} 0\n"), "\(seen)")
      #expect(seen.contains("omcops_backup_damaged\(labels)} 0\n"))

      // Damage is an exit code, and a metric.
      let folder = ScratchFolder.names(in: scene.store).first { !$0.hasSuffix(".json") } ?? ""
      let toc = scene.store.appending(folder).appending("toc.dat")
      try #require(truncate(toc.string, 100) == 0)
      let damaged = try await omcops(["db", "verify", "latest"], url)
      expectFailure(damaged, .failed, naming: "toc.dat")
      #expect(try text(metrics).contains("omcops_backup_damaged\(labels)} 1\n"))
    }
  }

  @Test("a file that cannot be written is told before anything is done")
  func unwritable() async throws {
    try await play { scene, omcops in
      for (file, words) in [
        ("metrics/omcops.txt", ".prom only"), ("nowhere/omcops.prom", "No such file or directory"),
      ] {
        let result = try await omcops(
          ["db", "backup", "--metrics", file], scene.database.conninfo)
        expectFailure(result, .usage, naming: file, words)
      }
      #expect(ScratchFolder.names(in: scene.store) == [])
    }
  }

  @Test("differing databases are an exit code of their own, and JSON says which rows")
  func compare() async throws {
    try await play { scene, omcops in
      let url = scene.database.conninfo
      try await scene.execute("alter table t add primary key (n)")
      let made = try await omcops(["db", "backup"], url)
      #expect(made.exitCode == 0, "\(made.errorOutput)")
      let same = try await omcops(["db", "compare", "latest"], url)
      #expect(same.exitCode == 0 && same.output == "", "\(same.errorOutput)")
      try await scene.execute("delete from t where n = 7")
      let differs = try await omcops(["db", "compare", "latest", "@here", "--output", "json"], url)
      #expect(differs.exitCode == 3)
      let json = try JSON(parsing: differs.output)
      #expect(json["equal"] == false)
      let table = json["differences"]?["tables"]?.array?.first
      #expect(table?["keys"]?["missing"]?["first"]?.array == ["7"])
      let slip = try await omcops(["db", "compare", "latest", "-t", "tt"], url)
      expectFailure(slip, .usage, naming: "no table fits \"tt\"")
    }
  }
}
