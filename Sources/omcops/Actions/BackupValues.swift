internal import DBOps
internal import JSON
internal import OrderedCollections
internal import Runbooks
internal import SystemPackage

/// What the backup actions say of one backup.
enum BackupValues {
  static let shape = Shape.object([
    "id": .string, "path": .string, "taken-at": .timestamp, "sha256": .string, "bytes": .number,
    "verified": .bool,
    "manifest": .object([
      "tables": .map(.number), "alembic-revision": .optional(.string), "server-major": .number,
      "database-bytes": .number, "system-identifier": .optional(.string), "database": .string,
      "label": .optional(.string),
    ]),
  ])

  /// - Parameter verified: whether all of it has been read and found whole.
  static func value(_ manifest: Manifest, at path: FilePath, verified: Bool) -> Value {
    let tables = manifest.tables.sorted { $0.key < $1.key }.map {
      ($0.key, Value.int($0.value.rows))
    }
    return [
      "id": .string(path.lastComponent?.string ?? manifest.id), "path": .string(path.string),
      "taken-at": .timestamp(manifest.snapshotTime),
      "sha256": .string(manifest.digest), "bytes": .int(manifest.totalBytes),
      "verified": .bool(verified),
      "manifest": [
        "tables": .object(OrderedDictionary(uniqueKeysWithValues: tables)),
        "alembic-revision": Value(manifest.alembicRevision),
        "server-major": .int(Int64(manifest.serverMajor)),
        "database-bytes": .int(manifest.databaseBytes),
        "system-identifier": Value(manifest.systemIdentifier),
        "database": .string(manifest.database), "label": Value(manifest.label),
      ],
    ]
  }
}

extension RunTarget {
  /// The backup that a reference means in the environment's store: `latest`, an id, a label, or a
  /// path anywhere.
  func backup(_ reference: String) throws -> StoredBackup {
    let chosen = try chosen()
    if reference.contains("/") { return try StoredBackup(at: FilePath(reference)) }
    return try BackupStore(path: FilePath(try chosen.backupsFolder()))
      .find(reference, database: chosen.settings["dbname"])
  }
}

extension ActionCall {
  /// The number of things done at once; 2 unless told otherwise.
  func jobs() throws -> Int {
    guard let jobs = with["jobs"], jobs != .null else { return 2 }
    guard let count = jobs.int, (1...64).contains(count) else {
      throw ActionError(.other, "jobs must be a whole number from 1 to 64")
    }
    return Int(count)
  }

  /// Shows a library's progress as the engine's short lines.
  var showingProgress: ProgressHandler {
    { [progress] moment in
      let percent = moment.fraction.map { " \(Int($0 * 100)) %" } ?? ""
      progress(moment.phase + percent + (moment.item.map { " \($0)" } ?? ""))
    }
  }
}
