internal import DBOps
internal import OrderedCollections
internal import Runbooks
internal import SystemPackage

/// `db.restore`: a new database out of a backup, proved against its manifest.
struct DBRestoreAction: Action {
  let target: RunTarget

  let name = "db.restore"
  let effect = Effect.destroy
  let parameters = [
    ActionParameter("from", .string, isRequired: true),
    ActionParameter("into", .string, isRequired: true), ActionParameter("jobs", .number),
    ActionParameter("owner", .optional(.string)), ActionParameter("analyze", .bool),
  ]
  let result = Shape.object([
    "database": .string, "tables": .number, "rows": .number, "bytes": .number,
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let chosen = try target.chosen()
    let options = try await actionErrors {
      Restore.Options(
        path: try path(call), server: chosen.settings, database: into(call),
        jobs: try call.jobs(), databaseOwner: call.with["owner"]?.string,
        analyze: call.with["analyze"]?.bool ?? true,
        applicationName: target.applicationName(of: call.run), progress: call.showingProgress)
    }
    return try await actionErrors(writes: true) {
      let summary = try await Restore(options).run()
      return ActionOutcome(
        result: result(
          options.database, summary.tables, rows: summary.rows, bytes: summary.bytes.bytes))
    }
  }

  /// The database has its name only when it is whole; that it is of this backup, its contents tell.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let chosen = try target.chosen()
    let server = DatabaseServer(
      chosen.settings.with(database: into(call)),
      applicationName: target.applicationName(of: call.run))
    return try await actionErrors {
      guard try await DatabaseDrop(name: into(call), liveNames: []).entry(on: server) != nil else {
        return .absent
      }
      let manifest = try StoredBackup(at: try path(call)).manifest
      let differences = try await Comparison(expected: Contents(manifest))
        .differences(of: server)
      guard differences.isEmpty else { return .unknown }
      return .there(
        result(
          into(call), manifest.tables.count, rows: manifest.totalRows, bytes: manifest.totalBytes))
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let (from, into) = (with["from"]?.string ?? "latest", with["into"]?.string ?? "")
    return "omcops db restore \(shellQuoted(from)) --into \(shellQuoted(into))"
  }

  private func into(_ call: ActionCall) -> String { call.with["into"]?.string ?? "" }

  private func path(_ call: ActionCall) throws -> FilePath {
    let reference = call.with["from"]?.string ?? "latest"
    // An archive of pg_dump's own has no manifest, but a path.
    if reference.contains("/"), (try? StoredBackup(at: FilePath(reference))) == nil {
      return FilePath(reference)
    }
    let backup = try target.backup(reference)
    if let selection = backup.manifest.selection {
      throw DBError(
        .refused,
        "the backup \(backup.id) is a partial one: \(selection.joined(separator: " "))",
        hint: "a procedure restores whole backups only; omcops db restore takes this one")
    }
    return backup.path
  }

  private func result(_ database: String, _ tables: Int, rows: Int64, bytes: Int64) -> Value {
    [
      "database": .string(database), "tables": .int(Int64(tables)), "rows": .int(rows),
      "bytes": .int(bytes),
    ]
  }
}
