import Diagnostics
import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

/// A project whose environment is on an address where somebody listens who must not be called.
private struct DrillScene: Sendable {
  let folder: FilePath
  let listener: Int32
  let port: UInt16

  static func play(_ body: (DrillScene) async throws -> Void) async throws {
    try await ScratchFolder.with { folder in
      let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(listener) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(listener, $0, length)
          _ = getsockname(listener, $0, &length)
        }
      }
      listen(listener, 8)
      let scene = DrillScene(
        folder: folder, listener: listener, port: UInt16(bigEndian: address.sin_port))
      try scene.write(
        "omcops.yaml",
        """
        default-environment: production
        runbooks: \(package.appending("runbooks"))
        environments:
          production:
            protected: true
            database: { host: 127.0.0.1, port: "\(scene.port)", name: shop, user: shop }
            backups: { path: \(folder.appending("backups")) }
            values: { coins: 3 }
        """)
      try scene.write(
        "seed.sql",
        """
        create table users (id int primary key, name text not null);
        insert into users select n, 'user ' || n from generate_series(1, 500) n;
        create table visits (id uuid primary key, at timestamptz not null);
        insert into visits select md5('visit' || n)::uuid, now() from generate_series(1, 50) n;
        create table alembic_version (version_num varchar(32) primary key);
        insert into alembic_version values ('1a2b3c');
        """)
      try await body(scene)
    }
  }

  func write(_ name: String, _ text: String) throws {
    let file = try FileDescriptor.open(
      folder.pushing(FilePath(name)), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite])
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  /// Writes a runbook of the given steps and drill, and gives its path.
  func runbook(_ body: String) throws -> String {
    try write("play.yaml", "runbook: v1\nname: play\ndescription: d\n" + body)
    return folder.appending("play.yaml").string
  }

  func omcops(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> ProgramResult
  {
    var variables = [
      "XDG_STATE_HOME": folder.appending("state").string,
      // What libpq falls back to must not be fallen back to.
      "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGCONNECT_TIMEOUT": "2",
    ]
    variables.merge(environment) { $1 }
    return try await Program.omcops.run(
      ["runbook"] + arguments, environment: variables, in: folder, timeout: .seconds(120))
  }

  /// Whether anybody has called the address of the environment.
  var wasCalled: Bool {
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }

  /// The folder of the throwaway of a drill, as the journal of its only run tells it.
  func throwaway() throws -> String? {
    let runs = folder.appending("state/omcops/runs")
    guard let run = ScratchFolder.names(in: runs).first else { return nil }
    let text = try String(
      decoding: Array(read(runs.appending(run).appending("identities.json"))), as: UTF8.self)
    guard let start = text.firstRange(of: "/tmp/omcops-drills-") else { return nil }
    return String(text[start.lowerBound...].prefix { $0 != ":" && $0 != "\"" })
  }

  private func read(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      return Array(buffer.prefix(count))
    }
  }
}

@Suite("omcops runbook drill")
struct DrillTests {
  @Test("database-restore is carried out on a throwaway and measured; no environment is called")
  func restore() async throws {
    try await DrillScene.play { scene in
      let drill = try await scene.omcops("drill", "database-restore", "--output", "json")
      #expect(drill.exitCode == 0, "\(drill.errorOutput)\(drill.output)")
      let outcome = try JSON(parsing: drill.output)
      #expect(outcome["good"]?.bool == true)
      #expect(outcome["rto"]?["met"]?.bool == true)
      #expect(outcome["rto"]?["seconds"]?.double ?? 0 > 0)
      #expect(outcome["rpo"]?["met"]?.bool == true)
      #expect(outcome["vacuous"]?.array?.isEmpty == true)
      #expect(outcome["simulated"]?.array?.contains("stop-writers") == true)
      #expect(!scene.wasCalled)
      let place = try #require(try scene.throwaway())
      #expect(access(place, F_OK) != 0, "the throwaway is there still")
      // The simulated cluster kept one world.
      #expect(drill.errorOutput.contains("Every pod is ready"))

      let history = try await scene.omcops("history", "--output", "json")
      #expect(try JSON(parsing: history.output)[0]?["kind"]?.string == "drill")
      let run = try #require(outcome["run"]?.string)
      let resumed = try await scene.omcops("undo", run)
      #expect(resumed.exitCode == 2)
      #expect(resumed.errorOutput.contains("was a drill"))
      let report = try await scene.omcops("report", run, "--format", "json")
      #expect(
        try JSON(parsing: report.output)["objectives"]?.array?.count == 2, "\(report.errorOutput)")
      let list = try JSON(parsing: await scene.omcops("list", "--output", "json").output)
      let drills = (list.array ?? []).reduce(into: [:]) {
        $0[$1["name"]?.string ?? ""] = $1["drill"]?.string
      }
      #expect(drills["database-restore"]?.hasSuffix("Z") == true, "\(drills)")
      #expect(drills["database-migrate"] == "never, due")
    }
  }

  @Test("an objective that is missed, a check that says nothing, a step that fails")
  func findings() async throws {
    try await DrillScene.play { scene in
      func drill(_ steps: String, _ more: String = "") async throws -> ProgramResult {
        let file = try scene.runbook(
          "requires: { targets: [database] }\nguard: [{ name: v, expect: target.values.coins == 3 }]\n"
            + "steps:\n" + steps
            + "drill: { targets: { database: throwaway }, seed: seed.sql\(more) }\n")
        return try await scene.omcops("drill", file, "--output", "json")
      }
      let write = """
          - id: a
            name: A
            uses: sql.exec
            with: { sql: "create table made (id int)" }
            check:
              - name: It is there
                uses: sql.query
                with: { query: "select to_regclass('CHECKED') is not null as there" }
                expect: result.rows[0].there
            undo: none

        """
      let missed = try await drill(
        write.replacing("CHECKED", with: "made"), ", objectives: { rto: 1ms }")
      #expect(missed.exitCode == 9, "\(missed.errorOutput)")
      #expect(try JSON(parsing: missed.output)["rto"]?["met"]?.bool == false)
      let vacuous = try await drill(
        write.replacing("CHECKED", with: "users") + "    when-satisfied: run\n")
      #expect(vacuous.exitCode == 9, "\(vacuous.errorOutput)")
      #expect(
        try JSON(parsing: vacuous.output)["vacuous"]?[0]?["check"]?.string == "It is there")
      let failed = try await drill(write.replacing("CHECKED", with: "nowhere"))
      #expect(failed.exitCode == 1, "\(failed.errorOutput)")
      #expect(!scene.wasCalled)
    }
  }

  @Test("what would touch an environment is refused; killed, a drill leaves nothing for long")
  func limits() async throws {
    try await DrillScene.play { scene in
      for (stand, status, words) in [
        ("simulated", 4, "touches nothing of an environment"), ("as-configured", 2, "throwaway"),
      ] {
        let own = try scene.runbook(
          """
          steps: [{ id: a, name: A, uses: db.info }]
          drill: { targets: { database: \(stand) } }
          """)
        let refused = try await scene.omcops("drill", own)
        #expect(refused.exitCode == Int32(status), "\(refused.errorOutput)")
        #expect(refused.errorOutput.contains(words), "\(refused.errorOutput)")
      }

      let killed = try await scene.omcops(
        "drill", "database-backup", environment: ["OMCOPS_CRASH_AFTER": "5"])
      #expect(killed.signal == SIGKILL, "\(killed.errorOutput)")
      let place = try #require(try scene.throwaway())
      try await waitUntil("the throwaway to go") { access(place, F_OK) != 0 }
      let cleaned = try await Program.omcops.run(["sandbox", "clean"], in: scene.folder)
      #expect(cleaned.exitCode == 0, "\(cleaned.errorOutput)")
      #expect(access(place + ".lock", F_OK) != 0)
      #expect(!scene.wasCalled)
    }
  }
}
