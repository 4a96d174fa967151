import Glibc
import JSON
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A database, perhaps a namespace of the cluster, and an omcops.yaml with both and the procedures of this
/// repository: the stage on which they are played.
struct ProcedureScene: Sendable {
  let scene: Scene
  let cluster: KubeCluster?

  /// Runs on one environment exclude each other, and other scenes are on the same server.
  var environment: String {
    "e-" + (scene.database["dbname"] ?? "").map { $0 == "_" ? "-" : String($0) }.joined()
  }
  /// The database's name.
  var database: String { scene.database["dbname"] ?? "" }

  /// Runs `body` with a database.
  static func play<Result>(_ body: (ProcedureScene) async throws -> Result) async throws -> Result {
    try await Scene.play { try await body(ProcedureScene(scene: $0, cluster: nil)) }
  }

  /// Runs `body` with a database and a namespace.
  static func playOnCluster<Result>(
    _ body: (ProcedureScene, KubeCluster) async throws -> Result
  ) async throws -> Result {
    try await Scene.play { scene in
      try await KubeCluster.with { cluster in
        try await body(ProcedureScene(scene: scene, cluster: cluster), cluster)
      }
    }
  }

  /// Writes omcops.yaml.
  ///
  /// - Parameters:
  ///   - user: the role of the environment, where it is not the test server's own.
  ///   - context: of the kubeconfig.
  func configure(user: String? = nil, context: String = "admin") throws {
    var settings = scene.database
    if let user { settings["user"] = user }
    let kubernetes =
      cluster.map {
        "    kubernetes: {kubeconfig: \"\(KubeCluster.kubeconfig ?? "")\", context: \(context), "
          + "namespace: \($0.namespace)}"
      } ?? ""
    try write(
      """
      alembic: { config: alembic.ini }
      environments:
        \(environment):
          database: { url: "\(settings.conninfo)", owner: "\(scene.database["user"] ?? "")" }
          backups: { path: backups }
      \(kubernetes)
      """, "omcops.yaml")
  }

  func write(_ text: String, _ name: String) throws {
    let file = try FileDescriptor.open(
      scene.folder.pushing(FilePath(name)), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  /// Runs `omcops runbook`.
  func runbook(
    _ arguments: [String], environment more: [String: String] = [:],
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .removingLastComponent()
    var variables = ["OMCOPS_RUNBOOKS": folder.appending("runbooks").string]
    variables.merge(more) { $1 }
    return try await scene.omcops(
      ["runbook"] + arguments, environment: variables, timeout: .seconds(240),
      meanwhile: meanwhile)
  }

  /// Runs or plans a procedure with inputs, `name=value`.
  func run(
    _ name: String, _ inputs: [String], verb: String = "run", approve: [String] = [],
    crashAfter position: Int? = nil
  ) async throws -> ProgramResult {
    let given = (["environment=\(environment)"] + inputs).flatMap { ["-i", $0] }
    return try await runbook(
      [verb, name] + given + approve.flatMap { ["--approve", $0] },
      environment: position.map { ["OMCOPS_CRASH_AFTER": "\($0)"] } ?? [:])
  }

  /// One value of the database.
  func value(_ sql: String) async throws -> String? {
    let connection = try await Connection.open(scene.database, applicationName: "omcops tests")
    let result = try await connection.query(sql)
    await connection.close()
    return result.rows.first.flatMap { $0[0] }
  }

  /// The journal of the newest run, line by line.
  func journal() throws -> [Substring] {
    let runs = scene.folder.pushing("state/omcops/runs")
    let name = try #require(ScratchFolder.names(in: runs).last)
    let file = try FileDescriptor.open(
      runs.appending(name).appending("journal.jsonl"), .readOnly)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 20)
      while case let count = try piece.withUnsafeMutableBytes({ try file.read(into: $0) }),
        count > 0
      {
        bytes += piece[..<count]
      }
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
  }
}

extension ProgramResult {
  /// Both outputs.
  var everything: String { errorOutput + output }
}
