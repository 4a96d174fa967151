internal import Archive
internal import DBOps
internal import Diagnostics
internal import OrderedCollections
internal import Runbooks
internal import SystemPackage

/// `db.backup`: a backup of the environment's database in its store.
struct DBBackupAction: Action {
  let target: RunTarget

  let name = "db.backup"
  let effect = Effect.write
  let parameters = [
    ActionParameter("label", .string), ActionParameter("jobs", .number),
    ActionParameter("compress", .string), ActionParameter("format", .string),
    ActionParameter("database", .string),
  ]
  let result = BackupValues.shape

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let chosen = try target.chosen()
    let source = try target.server(for: call).settings
    let compression = try call.with["compress"]?.string.map { text in
      guard let compression = Compression(text) else {
        throw ActionError(
          .other, "compress is \"\(text)\"; it must be gzip[:1-9], zstd[:1-19], lz4 or none")
      }
      return compression
    }
    let named = call.with["format"]?.string ?? Backup.Format.directory.rawValue
    guard let format = Backup.Format(rawValue: named) else {
      throw ActionError(.other, "format is \"\(named)\"; it must be directory or custom")
    }
    return try await actionErrors {
      let store = BackupStore(path: FilePath(try chosen.backupsFolder()))
      let summary = try await Backup(
        Backup.Options(
          source: source,
          destination: .store(store, label: call.with["label"]?.string, format: format),
          jobs: try call.jobs(), compression: compression, omcopsVersion: Omcops.version),
        progress: call.showingProgress
      ).run()
      // In the middle of a procedure the backup counts; db list --metrics writes the file again.
      try? chosen.environment.metrics.map {
        try MetricsFile(
          $0.value, store: store.path, environment: chosen.environment.name?.value)
      }?.write()
      return ActionOutcome(
        result: BackupValues.value(summary.manifest, at: summary.path, verified: true))
    }
  }

  /// A backup that has its name is whole; a label tells whose it is.
  func recall(_ call: ActionCall) async throws -> Recollection {
    guard let label = call.with["label"]?.string else { return .unknown }
    return try await actionErrors {
      do {
        let backup = try target.backup(label)
        return .there(BackupValues.value(backup.manifest, at: backup.path, verified: false))
      } catch let error as DBError where error.code == .backupNotFound {
        return .absent
      }
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    parameters.reduce("omcops db backup") { command, parameter in
      guard let value = with[parameter.name]?.text else { return command }
      let flag = parameter.name == "database" ? "--url dbname=" : "--\(parameter.name) "
      return "\(command) \(flag)\(shellQuoted(value))"
    }
  }
}

/// `db.backup.find`: what the store knows of one backup.
struct DBBackupFindAction: Action {
  let target: RunTarget

  let name = "db.backup.find"
  let effect = Effect.read
  let parameters = [ActionParameter("id", .string, isRequired: true)]
  let result = BackupValues.shape

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await actionErrors {
      let backup = try target.backup(call.with["id"]?.string ?? "")
      return ActionOutcome(
        result: BackupValues.value(backup.manifest, at: backup.path, verified: false))
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let wanted = with["id"]?.text ?? "latest"
    return
      "omcops db list  # \(wanted == "latest" ? "the latest" : "the one whose id is \(wanted)")"
  }
}

/// `db.backup.verify`: reads a whole backup; fails, naming each file that is wrong.
struct DBBackupVerifyAction: Action {
  let target: RunTarget

  let name = "db.backup.verify"
  let effect = Effect.read
  let parameters = [
    ActionParameter("id", .string), ActionParameter("path", .string),
    ActionParameter("read", .string), ActionParameter("jobs", .number),
  ]
  let result = BackupValues.shape

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let path = try path(call)
    let read = call.with["read"]?.string ?? "full"
    guard let depth = Verify.Depth(rawValue: read) else {
      throw ActionError(.other, "read is \"\(read)\"; it must be full or digests")
    }
    return try await actionErrors {
      let report = try await Verify(
        path: path, depth: depth, jobs: try call.jobs(), progress: call.showingProgress
      ).run()
      try note(depth, report, at: path)
      try report.requireWhole(path.lastComponent?.string ?? path.string)
      guard let manifest = report.manifest else {
        throw DBError(.badManifest, "\(path) has no manifest to compare with")
      }
      return ActionOutcome(result: BackupValues.value(manifest, at: path, verified: true))
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops db verify " + shellQuoted(with["path"]?.string ?? with["id"]?.string ?? "latest")
  }

  /// Keeps the outcome beside a backup of the environment's store, as `db verify` does.
  private func note(_ depth: Verify.Depth, _ report: VerifyReport, at path: FilePath) throws {
    guard let store = try target.chosen().environment.backups?.value,
      FilePath(store).lexicallyNormalized() == path.removingLastComponent().lexicallyNormalized(),
      let backup = try? StoredBackup(at: path)
    else { return }
    try VerificationRecord.note(
      depth == .full ? .read : .files, isWhole: report.isWhole, of: backup)
  }

  private func path(_ call: ActionCall) throws -> FilePath {
    if let path = call.with["path"]?.string { return FilePath(path) }
    return try target.backup(call.with["id"]?.string ?? "latest").path
  }
}
