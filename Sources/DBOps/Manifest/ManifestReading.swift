internal import Archive
internal import Digest
internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
public import SystemPackage

extension Manifest {
  /// No manifest is larger; a file that is has not been written by us.
  private static let largestFile = 256 << 20

  /// Reads the manifest of a backup's folder, and checks its digest of itself.
  ///
  /// Throws `DBError` with the code `badManifest` that says which field is wrong.
  public init(readingFrom folder: FilePath) throws {
    let bytes = try DurableFile.read(
      folder.appending(Manifest.fileName), atMost: Manifest.largestFile)
    try self.init(parsing: bytes)
  }

  /// Reads the bytes of a `manifest.json`.
  public init(parsing bytes: [UInt8]) throws {
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch {
      throw Manifest.wrong("not JSON: \(error)")
    }
    guard let members = json.object else { throw Manifest.wrong("not an object") }
    var fields = ManifestFields(members, path: "")
    guard try fields.string("format") == Manifest.format else {
      throw Manifest.wrong("not the manifest of a backup")
    }
    let version = try fields.count("version")
    guard version == Manifest.version else {
      throw DBError(
        .badManifest,
        "\(Manifest.fileName): version \(version) is not read; \(Manifest.version) is",
        hint: "use the version of omcops that wrote the backup, or a newer one")
    }
    let digest = try fields.string("sha256")
    // The digest is over what the text says; a cut or change that leaves that as it is, in blanks
    // say, shows in the text itself.
    guard digest == Manifest.digest(of: members), Manifest.text(json).elementsEqual(bytes) else {
      throw Manifest.wrong("changed since it was written: its digest of itself does not match")
    }
    self = try Manifest(&fields)
    try fields.finish()
  }

  static func wrong(_ reason: String) -> DBError {
    DBError(.badManifest, "\(Manifest.fileName): \(reason)")
  }

  private init(_ fields: inout ManifestFields) throws {
    self.init(
      id: try fields.string("id"), label: try fields.optionalString("label"),
      createdAt: try fields.timestamp("created-at"),
      snapshotTime: try fields.timestamp("snapshot-time"),
      database: try fields.string("database"), encoding: try fields.string("encoding"),
      serverVersion: try fields.string("server-version"),
      serverMajor: Int(try fields.count("server-major")),
      systemIdentifier: try fields.optionalString("system-identifier"),
      databaseBytes: try fields.count("database-bytes"),
      alembicRevision: try fields.optionalString("alembic-revision"),
      omcopsVersion: try fields.string("omcops-version"), roles: try fields.strings("roles"),
      tables: try fields.map("tables", Table.init),
      sequences: try fields.map("sequences", Sequence.init),
      files: try fields.map("files", File.init))
    selection = try fields.optionalStrings("selection")
    if let text = try fields.stringIfThere("finished-at") {
      guard let moment = Timestamp(parsing: text) else {
        throw fields.wrong("finished-at", "is not a time")
      }
      finishedAt = moment
    }
    try checkConsistency()
  }

  /// What must hold between the fields whatever the files are.
  private func checkConsistency() throws {
    for (name, _) in files where name != TableOfContents.fileName && !DataFileName.isSafe(name) {
      throw Manifest.wrong("the file name \"\(name)\" is not a plain name")
    }
    guard files[TableOfContents.fileName] != nil else {
      throw Manifest.wrong("\(TableOfContents.fileName) is not among its files")
    }
    var owners: [String: String] = [:]
    for (name, table) in tables.sorted(by: { $0.key < $1.key }) {
      guard files[table.file] != nil else {
        throw Manifest.wrong("the file \(table.file) of table \(name) is not among its files")
      }
      if let other = owners.updateValue(name, forKey: table.file) {
        throw Manifest.wrong("the tables \(other) and \(name) share the file \(table.file)")
      }
    }
  }
}

extension Manifest.Table {
  fileprivate init(_ fields: inout ManifestFields) throws {
    self.init(rows: try fields.count("rows"), file: try fields.string("file"))
    if let text = try fields.stringIfThere("content") {
      guard let hash = ContentHash(text) else {
        throw fields.wrong("content", "is not a hash of 32 hexadecimal digits")
      }
      content = hash
    }
    if var key = try fields.optionalObject("newest-key") {
      newestKey = .init(column: try key.string("column"), value: try key.string("value"))
      try key.finish()
    }
    uncompressed = try fields.optionalStrings("uncompressed") ?? []
  }
}

extension Manifest.Sequence {
  fileprivate init(_ fields: inout ManifestFields) throws {
    self.init(lastValue: try fields.integer("last-value"), isCalled: try fields.bool("is-called"))
  }
}

extension Manifest.File {
  fileprivate init(_ fields: inout ManifestFields) throws {
    self.init(bytes: try fields.count("bytes"), sha256: try fields.string("sha256"))
    guard sha256.utf8.count == 64,
      sha256.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { throw fields.wrong("sha256", "is not a SHA-256") }
  }
}

/// The members of one object, each of which must be asked for.
private struct ManifestFields {
  private var rest: OrderedDictionary<String, JSON>
  private let path: String

  init(_ members: OrderedDictionary<String, JSON>, path: String) {
    rest = members
    self.path = path
  }

  func wrong(_ key: String, _ reason: String) -> DBError {
    Manifest.wrong("\(path)\(key) \(reason)")
  }

  private mutating func take(_ key: String) throws -> JSON {
    guard let value = rest.removeValue(forKey: key) else { throw wrong(key, "is missing") }
    return value
  }

  mutating func string(_ key: String) throws -> String {
    guard let text = try take(key).string else { throw wrong(key, "is not a text") }
    return text
  }

  mutating func optionalString(_ key: String) throws -> String? {
    let value = try take(key)
    guard value.isNull || value.string != nil else { throw wrong(key, "is not a text") }
    return value.string
  }

  mutating func stringIfThere(_ key: String) throws -> String? {
    rest[key] == nil ? nil : try string(key)
  }

  mutating func integer(_ key: String) throws -> Int64 {
    guard let value = try take(key).int else { throw wrong(key, "is not a whole number") }
    return value
  }

  mutating func count(_ key: String) throws -> Int64 {
    let value = try integer(key)
    guard value >= 0 else { throw wrong(key, "is negative") }
    return value
  }

  mutating func bool(_ key: String) throws -> Bool {
    guard let value = try take(key).bool else { throw wrong(key, "is neither true nor false") }
    return value
  }

  mutating func timestamp(_ key: String) throws -> Timestamp {
    guard let moment = Timestamp(parsing: try string(key)) else {
      throw wrong(key, "is not a time")
    }
    return moment
  }

  mutating func strings(_ key: String) throws -> [String] {
    guard let items = try take(key).array else { throw wrong(key, "is not a list") }
    return try items.map { item in
      guard let text = item.string else { throw wrong(key, "holds something other than texts") }
      return text
    }
  }

  mutating func optionalStrings(_ key: String) throws -> [String]? {
    rest[key] == nil ? nil : try strings(key)
  }

  mutating func optionalObject(_ key: String) throws -> ManifestFields? {
    guard let value = rest.removeValue(forKey: key) else { return nil }
    guard let members = value.object else { throw wrong(key, "is not an object") }
    return ManifestFields(members, path: "\(path)\(key): ")
  }

  mutating func map<T>(
    _ key: String, _ read: (inout ManifestFields) throws -> T
  ) throws -> [String: T] {
    guard let members = try take(key).object else { throw wrong(key, "is not an object") }
    var result: [String: T] = [:]
    for (name, value) in members {
      guard let object = value.object else { throw wrong("\(key): \(name)", "is not an object") }
      var fields = ManifestFields(object, path: "\(path)\(key): \(name): ")
      result[name] = try read(&fields)
      try fields.finish()
    }
    return result
  }

  /// Nothing may be left over: an unknown field could change the meaning of the others.
  func finish() throws {
    if let key = rest.keys.first { throw wrong(key, "is not a field that is known") }
  }
}
