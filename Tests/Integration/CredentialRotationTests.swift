import Glibc
import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// The service's database users take turns: on a PostgreSQL that asks for passwords, with a Secret and a
/// Deployment of the real cluster.
@Suite(
  "the runbook database-credentials-rotate", .serialized,
  .enabled(if: KubeCluster.isThere, KubeCluster.word))
struct CredentialRotationTests {
  @Test("the next role takes over, nothing of the passwords is seen, and an undo brings both back")
  func rotate() async throws {
    try await Rotation.play { rotation in
      let before = try await rotation.secret()
      let done = try await rotation.run()
      #expect(done.exitCode == 0, "\(done.everything)")
      let after = try await rotation.secret()
      #expect(after["user"] == rotation.next)
      #expect(after["password"] != before["password"])
      #expect(after["key"] == before["key"])
      #expect(try await rotation.logins == [rotation.next])
      #expect(try await rotation.accepts(rotation.next, after["password"] ?? ""))
      #expect(try await rotation.restarts == 1)
      // What the next role makes is the group's, so that the role after it can use it too.
      #expect(try await rotation.roleOfNewTable(after["password"] ?? "") == rotation.group)
      try await rotation.expectNoTrace(
        of: [Rotation.password, after["password"] ?? ""], in: [done])

      let undone = try await rotation.scene.runbook(["undo"])
      #expect(undone.exitCode == 0, "\(undone.everything)")
      #expect(try await rotation.secret() == before)
      #expect(try await rotation.logins == [rotation.old])
      #expect(try await rotation.accepts(rotation.old, Rotation.password))
      #expect(try await rotation.restarts == 2)
      #expect(try await rotation.secretNames == ["backend"])
    }
  }

  @Test("a placeholder, the same role and a server that asks for no password stop it in time")
  func refused() async throws {
    try await Rotation.play { rotation in
      let before = try await rotation.secret()
      // pg_hba.conf lets this one in without being asked.
      let trusted = "trusted_\(rotation.scene.database)"
      let open = try await rotation.run(next: trusted)
      #expect(open.exitCode == 1, "\(open.everything)")
      #expect(open.errorOutput.contains("asks for no password (pg_hba.conf: trust)"))
      let undone = try await rotation.scene.runbook(["undo"])
      #expect(undone.exitCode == 0, "\(undone.everything)")
      #expect(try await rotation.mayLogIn(trusted) == false)
      try await rotation.scene.scene.execute("DROP OWNED BY \(trusted); DROP ROLE \(trusted)")

      let same = try await rotation.run(next: rotation.old)
      #expect(same.exitCode == 1, "\(same.everything)")
      #expect(same.errorOutput.contains("The next role is another one"))

      try await rotation.set("POSTGRES_PASSWORD", "changeme")
      let placeholder = try await rotation.run()
      #expect(placeholder.exitCode == 3, "\(placeholder.everything)")
      #expect(placeholder.errorOutput.contains("The Secret has both keys, and no placeholder"))
      try await rotation.set("POSTGRES_PASSWORD", "not the password")
      let locked = try await rotation.run()
      #expect(locked.exitCode == 1, "\(locked.everything)")
      #expect(locked.errorOutput.contains("The server takes what is in the Secret"))
      try await rotation.set("POSTGRES_PASSWORD", Rotation.password)
      #expect(try await rotation.secret() == before)
      #expect(try await rotation.restarts == 0)
    }
  }
}

@Suite(
  "database-credentials-rotate survives being killed", .serialized,
  .enabled(if: KubeCluster.isThere, KubeCluster.word))
struct CredentialCrashMatrixTests {
  @Test("killed after a record of its journal, it goes on to the same end")
  func killed() async throws {
    try await Rotation.play { rotation in
      try #require(try await rotation.run().exitCode == 0)
      let records = try rotation.scene.journal().count
      #expect(records > 30)
      #expect(try await rotation.scene.runbook(["undo"]).exitCode == 0)
      // Every run changes over to the role that the one before has left. A few of the positions, drawn by
      // lot: each takes two rollouts. All of them with OMCOPS_TEST_WHOLE_MATRIX.
      let isWhole = getenv("OMCOPS_TEST_WHOLE_MATRIX") != nil
      let positions = isWhole ? Array(1..<records) : (1..<records).shuffled().prefix(4).sorted()
      for (turn, position) in positions.enumerated() {
        let (old, next) =
          turn.isMultiple(of: 2)
          ? (rotation.old, rotation.next) : (rotation.next, rotation.old)
        let killed = try await rotation.run(next: next, crashAfter: position)
        #expect(killed.signal == SIGKILL, "position \(position): \(killed.everything)")
        let resumed = try await rotation.scene.runbook(["resume"])
        #expect(resumed.exitCode == 0, "position \(position): \(resumed.everything)")
        let secret = try await rotation.secret()
        #expect(secret["user"] == next, "position \(position)")
        #expect(
          try await rotation.accepts(next, secret["password"] ?? ""), "position \(position)")
        #expect(try await rotation.logins == [next], "position \(position), after \(old)")
      }
    }
  }
}

/// Two login roles of a group, the Secret of the first, and what uses it.
private struct Rotation {
  static let password = "c0rrect h0rse & battery/staple+"
  static let key = "Zm9yLXRoZS1zdG9yZWQtY3JlZGVudGlhbHM="

  let scene: ProcedureScene
  let cluster: KubeCluster

  var old: String { "svc_a_\(scene.database)" }
  var next: String { "svc_b_\(scene.database)" }
  var group: String { "shop_\(scene.database)" }

  static func play(_ body: (Rotation) async throws -> Void) async throws {
    try await ProcedureScene.playOnCluster { scene, cluster in
      let rotation = Rotation(scene: scene, cluster: cluster)
      try await rotation.set()
      do {
        try await body(rotation)
        try await rotation.strike()
      } catch {
        try? await rotation.strike()
        throw error
      }
    }
  }

  private func set() async throws {
    try await askForPasswords()
    try await scene.scene.execute(
      """
      CREATE ROLE \(group) NOLOGIN; ALTER DATABASE \(scene.database) OWNER TO \(group);
      CREATE ROLE \(old) LOGIN PASSWORD '\(Rotation.password)' IN ROLE \(group);
      ALTER ROLE \(old) SET role = '\(group)';
      GRANT ALL ON SCHEMA public TO \(group)
      """)
    try scene.configure()
    let made = try await cluster.apply(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: backend}
      stringData:
        POSTGRES_USER: "\(old)"
        POSTGRES_PASSWORD: "\(Rotation.password)"
        ENCRYPTION_KEY: "\(Rotation.key)"
      ---
      \(KubeCluster.web())
      """)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "60s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// The test server trusts everybody; of these roles it asks a password from now on.
  private func askForPasswords() async throws {
    let path = FilePath(try await scene.value("SHOW hba_file") ?? "")
    let file = try FileDescriptor.open(path, .readWrite)
    try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      let text =
        "local all \(old),\(next) scram-sha-256\n"
        + String(decoding: bytes[..<count], as: UTF8.self)
      _ = try file.writeAll(toAbsoluteOffset: 0, text.utf8)
    }
    _ = try await scene.value("SELECT pg_reload_conf()")
  }

  private func strike() async throws {
    let roles = try await scene.value(
      "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolname IN ('\(old)', '\(next)', '\(group)')"
    )
    try await scene.scene.execute("ALTER DATABASE \(scene.database) OWNER TO CURRENT_USER")
    for role in roles?.split(separator: ",") ?? [] {
      try await scene.scene.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  func run(next: String? = nil, crashAfter position: Int? = nil) async throws -> ProgramResult {
    try await scene.run(
      "database-credentials-rotate",
      [
        "reason=INC-9 rotation", "secret=backend", "next-user=\(next ?? self.next)",
        "group=\(group)", "workload=deployment/web", "connects=false", "quiet-for=1s",
      ], crashAfter: position)
  }

  /// The Secret's values.
  func secret() async throws -> [String: String] {
    let client = try cluster.client()
    let object = try await client.get(
      client.resource(named: "secret"), "backend", in: cluster.namespace)
    func text(_ key: String) -> String? {
      object.data(key).map { String(decoding: $0, as: UTF8.self) }
    }
    return [
      "user": text("POSTGRES_USER") ?? "", "password": text("POSTGRES_PASSWORD") ?? "",
      "key": text("ENCRYPTION_KEY") ?? "",
    ]
  }

  var secretNames: [String] {
    get async throws {
      let client = try cluster.client()
      return try await client.list(
        ObjectQuery(client.resource(named: "secret"), namespace: cluster.namespace)
      ).items.map(\.name).filter { !$0.hasPrefix("default-token") }
    }
  }

  func set(_ key: String, _ value: String) async throws {
    let made = try await cluster.apply(
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: backend}
      stringData: {\(key): "\(value)"}
      """, "--force-conflicts")
    try #require(made.exitCode == 0, "\(made.errorOutput)")
  }

  /// How often the Deployment's pods were started anew.
  var restarts: Int64 {
    get async throws {
      let client = try cluster.client()
      return try await client.get(.deployments, "web", in: cluster.namespace).generation - 1
    }
  }

  /// Who of the two may log in.
  var logins: [String] {
    get async throws {
      var names: [String] = []
      for role in [old, next] where try await mayLogIn(role) { names.append(role) }
      return names
    }
  }

  func mayLogIn(_ role: String) async throws -> Bool {
    try await scene.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = '\(role)'") == "t"
  }

  /// Whether the server takes a password.
  func accepts(_ role: String, _ password: String) async throws -> Bool {
    do {
      let session = try await Connection.open(
        scene.scene.database.with(["user": role, "password": password]),
        applicationName: "omcops tests")
      await session.close()
      return true
    } catch let error as PostgresError where error.sqlState == "28P01" {
      return false
    }
  }

  /// Who owns what the next role makes.
  func roleOfNewTable(_ password: String) async throws -> String? {
    let session = try await Connection.open(
      scene.scene.database.with(["user": next, "password": password]),
      applicationName: "omcops tests")
    try await session.execute("CREATE TABLE made_by_next (id int)")
    await session.close()
    return try await scene.value(
      "SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_next'")
  }

  /// Expects nothing of the secrets in what was printed and in what the run keeps.
  func expectNoTrace(of secrets: [String], in results: [ProgramResult]) async throws {
    let runs = scene.scene.folder.pushing("state")
    for secret in secrets {
      let found = try await Program("/bin/grep").run(["-rlF", "--", secret, runs.string])
      #expect(found.exitCode == 1, "\(found.output)")
      for result in results { #expect(!result.everything.contains(secret)) }
    }
    // The server has seen a verifier, at most.
    let log = try await scene.value("SELECT pg_current_logfile()")
    if let log, let folder = try await scene.value("SHOW data_directory") {
      for secret in secrets {
        let found = try await Program("/bin/grep").run(["-F", "--", secret, "\(folder)/\(log)"])
        #expect(found.exitCode == 1)
      }
    }
  }
}
