internal import Archive
internal import JSON
internal import OrderedCollections
public import Quantities
internal import SystemPackage

/// When a backup was last verified, and how that came out.
///
/// It stands in a file of its own beside the backup, `NAME.verified.json`: a backup is never written
/// to again, so that it may be kept where nothing can be changed.
public struct VerificationRecord: Hashable, Sendable {
  /// How much was proven.
  public enum Depth: String, CaseIterable, Sendable {
    /// Every file has its size and digest.
    case files
    /// All rows were read, counted and hashed, too.
    case read
    /// It was restored, and the database compared with it.
    case restore
  }

  /// The last verification of one depth.
  public struct Entry: Hashable, Sendable {
    /// When it ended.
    public var at: Timestamp
    /// Whether nothing was wrong.
    public var isWhole: Bool
  }

  static let suffix = ".verified.json"
  private static let format = "omcops-verification"

  /// The last verification of each depth.
  public private(set) var entries: [Depth: Entry] = [:]

  /// The last time that the backup was found whole, however deep.
  public var lastWhole: Timestamp? {
    entries.values.filter(\.isWhole).map(\.at).max()
  }

  /// Whether the last verification, however deep, found damage.
  public var isDamaged: Bool {
    entries.values.max { $0.at < $1.at }?.isWhole == false
  }

  /// What is known of a backup; nothing where no record can be read, or it is of another backup that
  /// had the same name.
  public init(of backup: StoredBackup) {
    guard
      let bytes = try? DurableFile.read(VerificationRecord.path(backup.path), atMost: 1 << 16),
      let json = try? JSON(parsing: bytes), json["format"]?.string == VerificationRecord.format,
      json["manifest"]?.string == backup.manifest.digest
    else { return }
    for depth in Depth.allCases {
      guard let entry = json[depth.rawValue], let isWhole = entry["whole"]?.bool,
        let at = entry["at"]?.string.flatMap(Timestamp.init(parsing:))
      else { continue }
      entries[depth] = Entry(at: at, isWhole: isWhole)
    }
  }

  /// Notes that a backup was verified just now.
  ///
  /// - Throws: `ArchiveError` where the folder beside the backup cannot be written.
  public static func note(
    _ depth: Depth, isWhole: Bool, of backup: StoredBackup, at moment: Timestamp = .now()
  ) throws {
    var record = VerificationRecord(of: backup)
    record.entries[depth] = Entry(at: moment, isWhole: isWhole)
    var members: OrderedDictionary<String, JSON> = [
      "format": .string(format), "version": 1, "backup": .string(backup.id),
      "manifest": .string(backup.manifest.digest),
    ]
    for depth in Depth.allCases {
      guard let entry = record.entries[depth] else { continue }
      members[depth.rawValue] = [
        "at": .string(entry.at.rfc3339(fractionDigits: 6)), "whole": .bool(entry.isWhole),
      ]
    }
    try DurableFile.replace(
      path(backup.path), with: Array((JSON.object(members).text(.pretty) + "\n").utf8))
  }

  private static func path(_ backup: FilePath) -> FilePath {
    let name = (backup.lastComponent?.string ?? "backup") + suffix
    return backup.removingLastComponent().appending(name)
  }
}
