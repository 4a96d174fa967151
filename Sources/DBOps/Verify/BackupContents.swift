internal import Archive
internal import Digest
internal import Postgres
internal import SystemPackage

/// One table's data in a backup: its entry, its file and what the manifest says of it.
struct TableData: Sendable {
  let entry: ArchiveEntry
  /// The table's name as SQL writes it.
  let name: String
  /// Where it is on disk.
  let location: DataLocation
  /// The number of rows that there must be; nil without a manifest.
  let rows: Int64?
  /// The hash that its rows must have; nil where nobody knows.
  let content: ContentHash?
  /// The file's size and digest; nil without a manifest.
  let file: Manifest.File?
  /// The columns whose long values the backup's server had tried in vain to compress.
  let uncompressed: [String]

  var fileName: String { location.name }
}

extension ArchiveEntry {
  /// The object's name as SQL writes it, with its schema where it has one.
  var qualifiedName: String {
    guard let namespace, !namespace.isEmpty else { return quoteIdentifier(tag) }
    return quoteIdentifier(namespace, tag)
  }
}

/// A backup's folder, or a custom archive's file: its manifest, where it has one, and its table of
/// contents.
struct BackupContents: Sendable {
  let path: FilePath
  /// Nil for an archive of pg_dump's own.
  private(set) var manifest: Manifest?
  private(set) var toc: TableOfContents
  /// Where the data is, when all of it is in one file.
  let custom: CustomArchive?

  /// No table of contents is larger; a file that is would not be worth its memory.
  private static let largestTOC = 1 << 30

  /// Programs that write a manifest say so in the header, so that one that was lost is missed.
  static let dumperPrefix = "omcops"

  /// Reads what there is; throws `DBError` or `ArchiveError` naming the file that is wrong.
  init(at path: FilePath) throws {
    self.path = path
    if CustomArchive.isOne(path) {
      let archive = try CustomArchive(opening: path, limit: BackupContents.largestTOC)
      // One that was written into a pipe and cut at its end has none; a note says so.
      manifest = try archive.manifest.map { try Manifest(parsing: $0) }
      (toc, custom) = (archive.contents, archive)
      return
    }
    guard Folder(path: path).exists else {
      let isThere = (try? DurableFile.size(path)) != nil
      throw DBError(
        .backupNotFound, isThere ? "\(path) is no backup" : "there is no backup at \(path)",
        hint: "name the folder of a backup, or a file that pg_dump -Fc or pg_dump made")
    }
    custom = nil
    let names = try Folder(path: path).names()
    let hasManifest = names.contains(Manifest.fileName)
    manifest = hasManifest ? try Manifest(readingFrom: path) : nil
    let bytes = try DurableFile.read(
      path.appending(TableOfContents.fileName), atMost: BackupContents.largestTOC)
    do {
      toc = try TableOfContents(parsing: bytes)
    } catch let error as ArchiveError {
      throw error.inFile(TableOfContents.fileName)
    }
    guard hasManifest || !toc.header.dumperVersion.hasPrefix(BackupContents.dumperPrefix) else {
      throw DBError(.backupDamaged, "\(Manifest.fileName): missing")
    }
    guard toc.header.format == .directory else {
      throw DBError(.backupDamaged, "\(TableOfContents.fileName): not that of a directory archive")
    }
  }

  /// Whether another program than omcops made it.
  var isForeign: Bool { !toc.header.dumperVersion.hasPrefix(BackupContents.dumperPrefix) }

  /// The same with no other entries than those that were selected; the manifest then promises no
  /// more than those.
  func restricted(to entries: [ArchiveEntry]) -> BackupContents {
    var contents = self
    contents.toc.entries = entries
    let rows = Set(entries.filter { $0.kind == "TABLE DATA" }.map(\.qualifiedName))
    let places = Set(entries.filter { $0.kind == "SEQUENCE SET" }.map(\.qualifiedName))
    contents.manifest?.tables = manifest?.tables.filter { rows.contains($0.key) } ?? [:]
    contents.manifest?.sequences = manifest?.sequences.filter { places.contains($0.key) } ?? [:]
    return contents
  }

  /// The same with the roles in its entries treated, and what was left out of them.
  func treated(_ treatment: RoleTreatment) -> (contents: BackupContents, leftOut: [String]) {
    var contents = self
    var leftOut: [String] = []
    contents.toc.entries = toc.entries.compactMap { entry in
      if treatment.leavesOwner(of: entry) {
        leftOut.append(
          "left out: the owner of \(entry.kind.lowercased()) \(entry.tag): only a superuser may be it"
        )
      }
      if let form = RoleNames.Form(entry.kind) {
        leftOut += treatment.leftOut(in: entry.definition, form).sorted().map { role in
          "left out: \(entry.tag): the server has no role \"\(role)\""
        }
      }
      return treatment.entry(entry)
    }
    return (contents, leftOut)
  }

  /// Where an entry's data is; throws where it is missing.
  func location(of entry: ArchiveEntry) throws -> DataLocation {
    guard let custom else {
      return .file(try DataFileName.locate(entry.fileName, in: path))
    }
    guard let block = custom.data(of: entry) else {
      throw ArchiveError(.truncated, "the data of \(entry.qualifiedName) is not there")
    }
    return .block(block)
  }

  /// Every table's data, and where it is; throws for the first that is missing.
  func tableData() throws -> [TableData] {
    try toc.entries.filter { $0.kind == "TABLE DATA" && $0.hasData }.map { entry in
      let location = try location(of: entry)
      let table = manifest?.tables[entry.qualifiedName]
      return TableData(
        entry: entry, name: entry.qualifiedName, location: location, rows: table?.rows,
        content: table?.content, file: manifest?.files[location.manifestName],
        uncompressed: table?.uncompressed ?? [])
    }
  }
}
