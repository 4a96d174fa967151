public import Archive
public import SystemPackage

/// What stands in the table of contents of a backup, or of an archive of pg_dump's own.
public struct ArchiveListing: Sendable {
  /// The header, and all entries, those among them that are about the session.
  public let contents: TableOfContents
  /// The backup's manifest; nil for an archive of pg_dump's own.
  public let manifest: Manifest?

  /// Reads the table of contents of a folder or of a custom archive's file; no data is read.
  ///
  /// Throws `DBError` or `ArchiveError` that name the file and what is wrong with it.
  public init(of path: FilePath) throws {
    let backup = try BackupContents(at: path)
    contents = backup.toc
    manifest = backup.manifest
  }

  /// The entries that `pg_restore --list` shows: not those that set the session up, those of the
  /// database itself, which are restored only with it, nor those that do nothing.
  public var entries: [ArchiveEntry] {
    contents.entries.filter { entry in
      switch entry.kind {
      case "ENCODING", "STDSTRINGS", "SEARCHPATH": false
      case _ where DatabaseStatements.concerns(entry): false
      default: entry.hasData || !entry.definition.isEmpty
      }
    }
  }

  /// How many rows the manifest says that an entry has; nil where it says nothing.
  public func rows(of entry: ArchiveEntry) -> Int64? {
    guard entry.kind == "TABLE DATA" else { return nil }
    return manifest?.tables[entry.qualifiedName]?.rows
  }

  /// The listing as `pg_restore --list` prints it and `pg_restore --use-list` reads it: what begins
  /// with a semicolon is a comment.
  public func text() -> String {
    (headerLines.map { $0.isEmpty ? ";" : "; \($0)" } + entries.map(line)).map { $0 + "\n" }
      .joined()
  }

  private func line(_ entry: ArchiveEntry) -> String {
    let namespace = entry.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "-"
    let words = [entry.kind, namespace, entry.tag, entry.owner].map(ArchiveListing.oneLine)
    return "\(entry.dumpID); \(entry.tableOID) \(entry.oid) " + words.joined(separator: " ")
  }

  private var headerLines: [String] {
    let header = contents.header
    let time = header.createdAt
    let date = [time.month, time.day].map { ArchiveListing.padded($0) }
    let clock = [time.hour, time.minute, time.second].map { ArchiveListing.padded($0) }
    var lines = [
      "",
      "Archive created at \(time.year)-\(date.joined(separator: "-")) "
        + clock.joined(separator: ":"),
      "    dbname: \(ArchiveListing.oneLine(header.databaseName))",
      "    TOC Entries: \(contents.entries.count)",
      "    Compression: \(header.compression.algorithm.name)",
      "    Dump Version: \(header.version)-\(header.version.revision)",
      "    Format: \(header.format == .custom ? "CUSTOM" : "DIRECTORY")",
      "    Integer: \(header.integerSize) bytes", "    Offset: \(header.offsetSize) bytes",
    ]
    if !header.serverVersion.isEmpty {
      lines.append(
        "    Dumped from database version: \(ArchiveListing.oneLine(header.serverVersion))")
    }
    if !header.dumperVersion.isEmpty {
      lines.append("    Dumped by pg_dump version: \(ArchiveListing.oneLine(header.dumperVersion))")
    }
    return lines + ["", "", "Selected TOC Entries:", ""]
  }

  private static func padded(_ number: Int) -> String {
    (0..<10).contains(number) ? "0\(number)" : "\(number)"
  }

  /// A name may hold line ends, with which somebody could forge lines.
  private static func oneLine(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { $0 == "\n" || $0 == "\r" ? " " : $0 }))
  }
}
