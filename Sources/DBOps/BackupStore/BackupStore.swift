internal import Archive
internal import Diagnostics
public import Quantities
public import SystemPackage

/// A whole backup and where it is.
public struct StoredBackup: Hashable, Sendable {
  /// The name of its folder or file.
  public var id: String
  /// Its folder, or the file of a custom archive.
  public var path: FilePath
  /// What it says of itself. That its files are so is for `Verify` to find out.
  public var manifest: Manifest

  /// Reads a backup's manifest; throws `DBError` when there is no such backup.
  public init(at path: FilePath) throws {
    if Folder(path: path).exists {
      manifest = try Manifest(readingFrom: path)
    } else {
      let contents = try BackupContents(at: path)
      guard let manifest = contents.manifest else {
        throw DBError(.badManifest, "\(path) has no manifest: omcops did not write it")
      }
      self.manifest = manifest
    }
    self.path = path
    id = path.lastComponent?.string ?? manifest.id
  }

  /// How the labels of safety backups begin: those that a procedure takes of a database before it
  /// replaces it. They hold what somebody wanted to be rid of.
  public static let safetyLabelPrefix = "before-"

  /// Whether a procedure took it before it replaced the database.
  public var isSafetyBackup: Bool {
    manifest.label?.hasPrefix(StoredBackup.safetyLabelPrefix) ?? false
  }

  /// Whether it is of a moment that has not come yet, so that a clock was wrong: the server's then, or
  /// this machine's now. Clocks may differ by five minutes.
  public func isDatedAhead(of now: Timestamp = .now()) -> Bool {
    manifest.snapshotTime > now + .seconds(300)
  }

  /// Whether `latest` may mean it: it holds a whole database, and not one that somebody replaced.
  public var standsForDatabase: Bool { !isSafetyBackup && !manifest.isPartial }
}

/// What a store holds.
public struct BackupListing: Sendable {
  /// The whole backups, newest first.
  public var backups: [StoredBackup]
  /// Folders that claim to be backups and have no manifest that can be read, with the reason.
  public var unreadable: [(name: String, reason: String)] = []
}

/// A folder of backups, each a folder of its own or the file of a custom archive.
public struct BackupStore: Hashable, Sendable {
  /// The folder.
  public var path: FilePath

  /// Names a store; the folder need not exist until something is written.
  public init(path: FilePath) { self.path = path }

  /// Everything in the store; unfinished backups are not in it.
  public func list() throws -> BackupListing {
    var listing = BackupListing(backups: [])
    guard Folder(path: path).exists else { return listing }
    for name in try Folder(path: path).names() where !PartialBackup.isPartial(name) {
      let place = path.appending(name)
      guard isBackup(place) else { continue }
      do {
        listing.backups.append(try StoredBackup(at: place))
      } catch let failure as any Failure {
        listing.unreadable.append((name, failure.message))
      }
    }
    listing.backups.sort {
      ($1.manifest.snapshotTime, $1.id) < ($0.manifest.snapshotTime, $0.id)
    }
    return listing
  }

  /// Whether something in the store claims to be a backup.
  private func isBackup(_ place: FilePath) -> Bool {
    guard let names = try? Folder(path: place).names() else { return CustomArchive.isOne(place) }
    return names.contains(Manifest.fileName) || names.contains(TableOfContents.fileName)
  }

  /// Finds one backup.
  ///
  /// - Parameters:
  ///   - reference: `latest`, an id, a label (the newest that has it), or a path. `latest` passes
  ///     over those of the future, and over safety backups: a second try at a restore must not bring back what the first one was
  ///     to replace. It passes over partial ones, too.
  ///   - database: where given, `latest` and labels count for this database alone.
  public func find(_ reference: String, database: String? = nil) throws -> StoredBackup {
    if reference.utf8.contains(UInt8(ascii: "/")) || reference == "." {
      return try StoredBackup(at: FilePath(reference))
    }
    let named = path.appending(reference)
    if !reference.isEmpty, Folder(path: named).exists || CustomArchive.isOne(named) {
      return try StoredBackup(at: named)
    }
    let backups = try list().backups.filter { database == nil || $0.manifest.database == database }
    if reference == "latest", let newest = BackupStore.newest(of: backups) { return newest }
    if let labelled = backups.first(where: { $0.manifest.label == reference }) { return labelled }
    throw notFound(reference, database: database, among: backups)
  }

  /// The newest of the backups, given newest first, that stand for the whole database.
  ///
  /// One that is dated in the future, by a clock that was wrong, would be the newest for as long: it
  /// only counts where there is no other.
  static func newest(of backups: [StoredBackup], at now: Timestamp = .now()) -> StoredBackup? {
    let candidates = backups.filter(\.standsForDatabase)
    return candidates.first { !$0.isDatedAhead(of: now) } ?? candidates.first
  }

  private func notFound(
    _ reference: String, database: String?, among backups: [StoredBackup]
  ) -> DBError {
    let owner = database.map { " of \($0)" } ?? ""
    guard reference != "latest" else {
      return DBError(.backupNotFound, "there is no backup\(owner) in \(path)")
    }
    let names = ["latest"] + backups.flatMap { [$0.id] + ($0.manifest.label.map { [$0] } ?? []) }
    return DBError(
      .backupNotFound,
      "there is no backup\(owner) named \"\(reference)\" in \(path)"
        + Suggestion.phrase(for: reference, among: names),
      hint: "omcops db list shows what there is")
  }

  /// Where a new backup goes: `<store>/<database>-<time>[-label]`, with `.dump` for a custom archive.
  ///
  /// Characters that do not belong into file names become `_`; the manifest keeps the exact ones.
  public func location(
    database: String, at moment: Timestamp, label: String?, format: Backup.Format = .directory
  ) -> FilePath {
    let parts = [BackupStore.fileNamePart(database), moment.compact]
    let suffix = label.map { [BackupStore.fileNamePart($0)] } ?? []
    return path.appending(
      (parts + suffix).joined(separator: "-")
        + (format == .custom ? ".dump" : ""))
  }

  /// The same with a number behind it where something of that name is there already: a second backup
  /// in the same second, or a clock that went back.
  func freeLocation(
    database: String, at moment: Timestamp, label: String?, format: Backup.Format
  ) -> FilePath {
    let first = location(database: database, at: moment, label: label, format: format)
    var path = first
    var number = 1
    while (try? DurableFile.size(path)) != nil {
      number += 1
      path = first.removingLastComponent()
        .appending("\(first.stem ?? "backup")-\(number)")
      path.extension = first.extension
    }
    return path
  }

  static func fileNamePart(_ text: String) -> String {
    let part = text.unicodeScalars.prefix(80).map { scalar in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "_" || scalar == "-" ? Character(scalar) : "_"
    }
    return String(part)
  }

  /// Makes the store's folder if it is not there; its parent must be.
  public func create() throws { try Folder(path: path).create() }

  /// How many bytes can still be written to the store's file system; nil while it does not exist.
  public func freeBytes() throws -> ByteCount? {
    guard Folder(path: path).exists else { return nil }
    return ByteCount(try Folder(path: path).freeBytes())
  }
}
