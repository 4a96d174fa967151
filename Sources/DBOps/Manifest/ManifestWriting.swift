internal import Archive
internal import Digest
public import JSON
internal import OrderedCollections
public import SystemPackage

extension Manifest {
  /// The manifest as it stands in its file, with the digest of itself under `sha256`.
  public var json: JSON {
    var members = body
    members["sha256"] = .string(Manifest.digest(of: members))
    return .object(members)
  }

  /// The digest of itself, which tells a backup from every other one.
  public var digest: String { Manifest.digest(of: body) }

  /// The digest of the canonical text (compact, keys in byte order) of everything but itself.
  static func digest(of members: OrderedDictionary<String, JSON>) -> String {
    var members = members
    members.removeValue(forKey: "sha256")
    return SHA256.hex(of: JSON.object(members).text(.compact, sortedKeys: true))
  }

  /// The bytes of the file, of which there is one form only.
  static func text(_ json: JSON) -> [UInt8] { Array((json.text(.pretty) + "\n").utf8) }

  private var body: OrderedDictionary<String, JSON> {
    var members = common
    if let finishedAt {
      members["finished-at"] = .string(finishedAt.rfc3339(fractionDigits: 6))
    }
    // A whole backup says nothing of it; versions that know no other kind refuse a partial one.
    if let selection { members["selection"] = .array(selection.map { .string($0) }) }
    return members
  }

  private var common: OrderedDictionary<String, JSON> {
    [
      "format": .string(Manifest.format), "version": .int(Manifest.version),
      "id": .string(id), "label": JSON(label),
      "created-at": .string(createdAt.rfc3339(fractionDigits: 6)),
      "snapshot-time": .string(snapshotTime.rfc3339(fractionDigits: 6)),
      "database": .string(database), "encoding": .string(encoding),
      "server-version": .string(serverVersion), "server-major": JSON(serverMajor),
      "system-identifier": JSON(systemIdentifier), "database-bytes": .int(databaseBytes),
      "alembic-revision": JSON(alembicRevision), "omcops-version": .string(omcopsVersion),
      "roles": .array(roles.sorted().map { .string($0) }),
      "tables": Manifest.object(tables, \.json),
      "sequences": Manifest.object(sequences, \.json),
      "files": Manifest.object(files, \.json),
    ]
  }

  private static func object<T>(_ members: [String: T], _ json: (T) -> JSON) -> JSON {
    let sorted = members.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }
    return .object(OrderedDictionary(uniqueKeysWithValues: sorted))
  }

  /// The bytes of `manifest.json`.
  func serialized() -> [UInt8] { Manifest.text(json) }

  /// Writes `manifest.json` into a backup's folder, synced: aside first, then under its name.
  public func write(into folder: FilePath) throws {
    let aside = folder.appending(Manifest.fileName + ".new")
    try DurableFile.write(serialized(), to: aside)
    try DurableFile.rename(aside, to: folder.appending(Manifest.fileName))
  }
}

extension Manifest.Table {
  fileprivate var json: JSON {
    var members: OrderedDictionary<String, JSON> = ["rows": .int(rows), "file": .string(file)]
    if let content { members["content"] = .string(content.description) }
    if let newestKey {
      members["newest-key"] = [
        "column": .string(newestKey.column), "value": .string(newestKey.value),
      ]
    }
    // Most tables have none; versions that do not know of it refuse the others.
    if !uncompressed.isEmpty {
      members["uncompressed"] = .array(uncompressed.map { .string($0) })
    }
    return .object(members)
  }
}

extension Manifest.Sequence {
  fileprivate var json: JSON { ["last-value": .int(lastValue), "is-called": .bool(isCalled)] }
}

extension Manifest.File {
  fileprivate var json: JSON { ["bytes": .int(bytes), "sha256": .string(sha256)] }
}
