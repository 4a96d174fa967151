internal import Archive
internal import Digest
internal import Glibc
internal import SystemPackage
internal import Text

/// A file, or an entry's data in one, that a verification has to read.
struct ExpectedFile: Sendable {
  let name: String
  let location: DataLocation
  let bytesOnDisk: Int64
  /// What the manifest says; nil without one.
  let manifest: Manifest.File?
  /// The number of rows that it must hold; nil where it holds none or nobody knows.
  let rows: Int64?
  /// The hash that its rows must have; nil where nobody knows.
  let content: ContentHash?
  /// Whether it holds a table's rows in COPY's text format.
  let holdsRows: Bool
}

/// Compares a backup's three lists with each other: its manifest's, its table of contents' and the
/// folder's own.
struct BackupStructure: Sendable {
  private(set) var files: [ExpectedFile] = []
  private(set) var problems: [BackupProblem] = []

  init(_ contents: BackupContents) throws {
    if contents.custom != nil {
      try addBlocks(contents)
      return
    }
    let names = Set(try Folder(path: contents.path).names()).subtracting([
      Manifest.fileName, PartialBackup.lockName,
    ])
    if let manifest = contents.manifest {
      compare(manifest, with: contents.toc)
      for name in names.subtracting(manifest.files.keys).sorted() {
        report(name, "not in the manifest")
      }
    }
    for name in expectedNames(contents).sorted() {
      add(name, contents, tables: tables(contents))
    }
  }

  private mutating func report(_ file: String, _ reason: String) {
    problems.append(BackupProblem(file: file, reason: reason))
  }

  /// Every file that must be there: the manifest's, or what the entries name.
  private mutating func expectedNames(_ contents: BackupContents) -> Set<String> {
    if let manifest = contents.manifest { return Set(manifest.files.keys) }
    var names: Set<String> = [TableOfContents.fileName]
    for entry in contents.toc.entries where entry.hasData && entry.kind == "TABLE DATA" {
      do {
        let path = try DataFileName.locate(entry.fileName, in: contents.path)
        names.insert(path.lastComponent?.string ?? entry.fileName)
      } catch let error as ArchiveError {
        report(entry.fileName, "\(error.reason) (data of \(entry.qualifiedName))")
      } catch {
        report(entry.fileName, "\(error)")
      }
    }
    for entry in contents.toc.entries where entry.hasData && entry.kind == "BLOBS" {
      names.formUnion(largeObjectFiles(entry, contents))
    }
    return names
  }

  /// The list of large objects and their files, in the folder of an archive without a manifest.
  private mutating func largeObjectFiles(
    _ entry: ArchiveEntry, _ contents: BackupContents
  ) -> Set<String> {
    var names: Set<String> = []
    do {
      let list = try DataFileName.locate(entry.fileName, in: contents.path)
      names.insert(list.lastComponent?.string ?? entry.fileName)
      for object in try LargeObjectReader.list(list) {
        let file = try DataFileName.locate(object.fileName, in: contents.path)
        names.insert(file.lastComponent?.string ?? object.fileName)
      }
    } catch let error as ArchiveError {
      report(entry.fileName, "\(error.reason) (large objects)")
    } catch {
      report(entry.fileName, "\(error)")
    }
    return names
  }

  /// The entries by the names that their files may have.
  private func tables(_ contents: BackupContents) -> [String: ArchiveEntry] {
    var result: [String: ArchiveEntry] = [:]
    for entry in contents.toc.entries where entry.hasData && entry.kind == "TABLE DATA" {
      for name in DataFileName.candidates(entry.fileName) { result[name] = entry }
    }
    return result
  }

  private mutating func add(
    _ name: String, _ contents: BackupContents, tables: [String: ArchiveEntry]
  ) {
    let path = contents.path.appending(name)
    var status = stat()
    guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return report(name, "missing")
    }
    let entry = tables[name]
    let table = entry.flatMap { contents.manifest?.tables[$0.qualifiedName] }
    files.append(
      ExpectedFile(
        name: name, location: .file(path), bytesOnDisk: Int64(status.st_size),
        manifest: contents.manifest?.files[name],
        rows: table?.rows, content: table?.content,
        holdsRows: entry?.holdsTextRows ?? false))
  }

  /// The data of every table of a custom archive, and its start, which has been read already.
  private mutating func addBlocks(_ contents: BackupContents) throws {
    let tables = try contents.tableData()
    for data in tables {
      files.append(
        ExpectedFile(
          name: data.fileName, location: data.location, bytesOnDisk: try data.location.bytes(),
          manifest: data.file, rows: data.rows, content: data.content,
          holdsRows: data.entry.holdsTextRows))
    }
    for entry in contents.toc.entries where entry.hasData && entry.kind == "BLOBS" {
      let location = try contents.location(of: entry)
      files.append(
        ExpectedFile(
          name: location.manifestName, location: location, bytesOnDisk: try location.bytes(),
          manifest: contents.manifest?.files[location.manifestName], rows: nil, content: nil,
          holdsRows: false))
    }
    reportExcess(contents)
    guard let manifest = contents.manifest, let start = contents.custom?.contentsSummary else {
      return
    }
    let expected = manifest.files[TableOfContents.fileName]
    if expected?.bytes != start.bytes || expected?.sha256 != start.sha256 {
      report(
        contents.path.lastComponent?.string ?? "",
        "its table of contents is not the manifest's: it was changed")
    }
    compare(manifest, with: contents.toc)
  }

  /// Bytes that something put behind the end, which nobody reads. Where the last block is damaged, the
  /// reading of it says so.
  private mutating func reportExcess(_ contents: BackupContents) {
    guard let excess = try? contents.custom?.excess() else { return }
    let bytes = "\(excess.bytes) byte\(excess.bytes == 1 ? "" : "s")"
    report(
      contents.path.lastComponent?.string ?? "",
      "has \(bytes) behind its end, which is at byte \(excess.offset)")
  }

  /// Every entry with data has its table and file in the manifest, and the other way round.
  private mutating func compare(_ manifest: Manifest, with toc: TableOfContents) {
    var unclaimed = Set(manifest.files.keys).subtracting([TableOfContents.fileName])
    var tables = manifest.tables
    for entry in toc.entries where entry.hasData && entry.kind == "TABLE DATA" {
      let candidates =
        toc.header.format == .custom
        ? [DataBlock.fileName(entry.dumpID)] : DataFileName.candidates(entry.fileName)
      guard let file = candidates.first(where: { unclaimed.remove($0) != nil }) else {
        report(candidates[0], "not in the manifest (data of \(entry.qualifiedName))")
        continue
      }
      guard let table = tables.removeValue(forKey: entry.qualifiedName) else {
        report(Manifest.fileName, "the table \(entry.qualifiedName) is not in it")
        continue
      }
      if table.file != file {
        report(
          Manifest.fileName,
          "the data of \(entry.qualifiedName) is in \(file), but it says \(table.file)")
      }
    }
    for entry in toc.entries where entry.hasData && entry.kind == "BLOBS" {
      let name =
        toc.header.format == .custom ? DataBlock.fileName(entry.dumpID) : entry.fileName
      if unclaimed.remove(name) == nil { report(name, "not in the manifest (large objects)") }
    }
    for name in tables.keys.sorted() {
      report(Manifest.fileName, "\(TableOfContents.fileName) has no data of table \(name)")
    }
    for name in unclaimed.sorted() where !name.hasPrefix("blob") {
      report(name, "belongs to nothing in \(TableOfContents.fileName)")
    }
  }
}

extension ArchiveEntry {
  /// Whether its data is rows in COPY's text format.
  var holdsTextRows: Bool {
    guard let copyStatement, !copyStatement.isEmpty else { return false }
    return !copyStatement.contains(text: "FORMAT binary")
  }
}
