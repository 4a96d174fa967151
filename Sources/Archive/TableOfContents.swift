/// What an archive holds: its header and its entries in the order of a restore.
public struct TableOfContents: Hashable, Sendable {
  /// What stands before the entries.
  public var header: ArchiveHeader
  /// The entries; all of pre-data before all of data before all of post-data.
  public var entries: [ArchiveEntry]

  /// Creates a table of contents.
  public init(header: ArchiveHeader, entries: [ArchiveEntry]) {
    self.header = header
    self.entries = entries
  }

  /// The name of the file that holds it in a directory archive.
  public static let fileName = "toc.dat"

  /// Reads the header and entries of versions 1.10 to 1.16, as they stand in `toc.dat` or at the
  /// start of a custom archive; bytes after the entries are ignored in the latter alone.
  ///
  /// The bytes need not be trusted: no length is believed beyond what is left of them, and memory
  /// stays within a small multiple of their size. Throws `ArchiveError` with the byte's place.
  public init(parsing bytes: [UInt8]) throws {
    self = try bytes.withUnsafeBytes { bytes in
      var reader = TOCReader(bytes)
      return try reader.tableOfContents()
    }
  }

  /// The bytes of `toc.dat`, or of a custom archive's start: version 1.14, which stock pg_restore 12 and
  /// newer read, or 1.15 where the compression is one that only 16 and newer know.
  public func serialized() -> [UInt8] {
    var writer = TOCWriter()
    writer.write(self)
    return writer.bytes
  }
}

/// The kinds that a reader treats in their own way.
extension ArchiveEntry {
  /// The name of the encoding in an `ENCODING` entry, such as `UTF8`.
  public var encodingName: String? { kind == "ENCODING" ? quotedSetting : nil }

  /// What stands between the quotes of `SET x = 'y';`.
  var quotedSetting: String? {
    let parts = definition.utf8.split(
      separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    return String(parts[1])
  }
}
