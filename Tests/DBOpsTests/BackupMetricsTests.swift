import DBOps
import Diagnostics
import Glibc
import Postgres
import Quantities
import SystemPackage
import TestServer
import Testing

@Suite("Metrics of backups")
struct BackupMetricsTests {
  /// The values by `name{labels}`; fails where a line is not in Prometheus' text format.
  private func values(_ text: String) throws -> [String: Double] {
    var values: [String: Double] = [:]
    var described: Set<String> = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("# ") {
        #expect(["HELP", "TYPE"].contains(words[1]))
        described.insert(String(words[2]))
        continue
      }
      let space = try #require(line.lastIndex(of: " "))
      let series = String(line[..<space])
      #expect(described.contains(String(series.prefix { $0 != "{" })), "\(line)")
      #expect(values[series] == nil, "twice: \(series)")
      let value: Double = try #require(Double(String(line[line.index(after: space)...])), "\(line)")
      values[series] = value
    }
    return values
  }

  private func series(_ name: String, _ database: String, _ more: String = "") -> String {
    "omcops_backup\(name){database=\"\(database)\",environment=\"staging\"\(more)}"
  }

  @Test("a store says the newest backup of each database, when it was verified, and how runs ended")
  func store() async throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path.appending("store"))
    try await TestServer.withDatabase { source in
      let name = source["dbname"] ?? ""
      let options = Backup.Options(
        source: source, destination: .store(store, label: nil), omcopsVersion: "test")
      let first = try await Backup(options).run()
      let path = scratch.path.appending("m.prom")
      try BackupMetrics(of: store, environment: "staging").write(to: path)
      var seen = try values(String(decoding: try scratch.read("m.prom"), as: UTF8.self))
      let taken = Double(first.manifest.snapshotTime.microseconds / 1_000_000)
      #expect(seen[series("_timestamp_seconds", name)] == taken)
      #expect(seen[series("_size_bytes", name)] == Double(first.manifest.totalBytes))
      #expect(seen[series("_last_run_success", name)] == 1)
      #expect(seen[series("s", name)] == 1)
      #expect((seen[series("_duration_seconds", name)] ?? 0) > 0)
      let files = series("_verified_timestamp_seconds", name, ",depth=\"files\"")
      #expect((seen[files] ?? 0) >= taken, "it was read back as it was written")
      let restore = series("_verified_timestamp_seconds", name, ",depth=\"restore\"")
      #expect(seen[restore] == 0)
      var status = stat()
      #expect(stat(path.string, &status) == 0 && status.st_mode & 0o777 == 0o644)

      // Verified, and then found damaged.
      let stored = try store.find("latest")
      let later = stored.manifest.snapshotTime + .seconds(3600)
      try VerificationRecord.note(.restore, isWhole: true, of: stored, at: later)
      seen = try values(try BackupMetrics(of: store, environment: "staging").text)
      #expect(seen[restore] == taken + 3600 && seen[series("_damaged", name)] == 0)
      try VerificationRecord.note(.read, isWhole: false, of: stored, at: later + .seconds(1))
      seen = try values(try BackupMetrics(of: store, environment: "staging").text)
      #expect(seen[series("_damaged", name)] == 1)

      // A run that fails, of this database and of one that never had a backup.
      for missing in [name, "never\"there"] {
        var failing = options
        failing.source = source.with(["dbname": missing, "user": "nobody at all"])
        await #expect(throws: (any Error).self) { try await Backup(failing).run() }
      }
      seen = try values(try BackupMetrics(of: store, environment: "staging").text)
      #expect(seen[series("_timestamp_seconds", name)] == taken)
      #expect(seen[series("_last_run_success", name)] == 0)
      #expect(seen[series("_timestamp_seconds", "never\\\"there")] == 0)
      #expect(seen[series("_last_run_success", "never\\\"there")] == 0)
      #expect(try store.lastRuns().map(\.isSuccess) == [false, false])
      #expect(try store.list().unreadable.isEmpty && store.list().backups.count == 1)
    }
  }

  @Test("backups of one second, as after a clock went back, have names of their own")
  func sameSecond() async throws {
    let scratch = try ScratchFolder()
    let store = BackupStore(path: scratch.path)
    try await TestServer.withDatabase { source in
      // Quick enough that some of them begin in the same second.
      for _ in 0..<4 {
        _ = try await Backup(
          .init(
            source: source, destination: .store(store, label: "x"), verifies: false,
            omcopsVersion: "test")
        ).run()
      }
      let backups = try store.list().backups
      #expect(Set(backups.map(\.id)).count == 4)
      for backup in backups { #expect(backup.manifest.id == backup.id) }
    }
  }

  @Test("a record is of one backup: another of the same name was not verified")
  func records() throws {
    let scratch = try ScratchFolder()
    let folder = scratch.path.appending("one")
    func make(_ id: String) throws -> StoredBackup {
      mkdir(folder.string, 0o700)
      unlink(folder.appending("manifest.json").string)
      var manifest = ManifestTests.sample
      manifest.id = id
      try manifest.write(into: folder)
      return try StoredBackup(at: folder)
    }
    let first = try make("one")
    #expect(VerificationRecord(of: first).entries.isEmpty)
    let moment = Timestamp(microseconds: 1_800_000_000_000_000)
    try VerificationRecord.note(.read, isWhole: true, of: first, at: moment)
    try VerificationRecord.note(.files, isWhole: false, of: first, at: moment + .seconds(9))
    #expect(VerificationRecord(of: first).lastWhole == moment)
    #expect(VerificationRecord(of: first).entries.count == 2)
    #expect(scratch.names() == ["one", "one.verified.json"])
    #expect(VerificationRecord(of: try make("two")).entries.isEmpty)
  }
}
