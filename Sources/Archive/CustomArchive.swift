internal import Digest
public import SystemPackage

/// A custom archive: one file with header, table of contents and data blocks, in any order.
///
/// The offsets of blocks are taken from the entries; where the archive was written into a pipe, they
/// have none, and the blocks are looked for from the first to the last, as pg_restore does.
public struct CustomArchive: Sendable {
  /// The file.
  public let path: FilePath
  /// Its header and entries.
  public let contents: TableOfContents
  /// The size and digest of the table of contents, with all that stands before it.
  public let contentsSummary: DataFileSummary
  /// The manifest that `CustomArchiveWriter` put into it; nil in archives of other programs.
  public let manifest: [UInt8]?
  private let blocks: [Int: DataBlock]

  /// Reads the table of contents, and where the data is.
  ///
  /// - Parameter limit: the largest table of contents that is read.
  /// - Throws: `ArchiveError` where the file is no such archive, is cut, or lacks the data of an entry.
  public init(opening path: FilePath, limit: Int) throws {
    self.path = path
    let name = path.lastComponent?.string ?? path.string
    let size = try DurableFile.size(path)
    do {
      let (contents, integerSize, start) = try CustomArchive.contents(path, size, limit)
      let end = Int64(start.count)
      self.contents = contents
      contentsSummary = DataFileSummary(
        fileName: TableOfContents.fileName, bytes: end, sha256: SHA256.hex(of: start),
        rawBytes: end)
      manifest = try EmbeddedManifest.read(from: path, size: size, atMost: limit)
      guard contents.header.format == .custom else {
        throw ArchiveError(.unsupported, "the table of contents is that of a directory archive")
      }
      let offsets = try CustomArchive.offsets(path, contents, end: end, integerSize: integerSize)
      var blocks: [Int: DataBlock] = [:]
      var next = size
      for (dumpID, offset) in offsets.sorted(by: { $0.value > $1.value }) {
        blocks[dumpID] = DataBlock(
          path: path, dumpID: dumpID, offset: offset, bytes: next - offset,
          algorithm: contents.header.compression.algorithm, integerSize: integerSize)
        next = offset
      }
      self.blocks = blocks
    } catch let error as ArchiveError {
      throw error.inFile(name)
    }
  }

  /// The data of an entry that has some; nil for one of another archive.
  public func data(of entry: ArchiveEntry) -> DataBlock? { blocks[entry.dumpID] }

  /// Where the archive ends and how many bytes stand behind that; nil where none do. An archive with a
  /// manifest ends with it by that alone.
  ///
  /// - Throws: `ArchiveError` where the last block is damaged, so that its end cannot be found.
  public func excess() throws -> (offset: Int64, bytes: Int64)? {
    if manifest != nil { return nil }
    let size = try DurableFile.size(path)
    let last = blocks.values.max { $0.offset < $1.offset }
    var end = contentsSummary.bytes
    if let last {
      let cursor = try FileCursor(path, at: last.offset)
      _ = try CustomArchive.skipBlock(cursor, last.integerSize)
      end = cursor.place
    }
    // One that something was appended to has its manifest before that.
    if let ours = try EmbeddedManifest.end(ofBlockAt: end, in: path) { end = ours }
    return end < size ? (end, size - end) : nil
  }

  /// Whether a file begins as a custom archive does, rather than as anything else.
  public static func isOne(_ path: FilePath) -> Bool {
    (try? FileCursor.start(of: path, TOCReader.magic.count)) == TOCReader.magic
  }

  /// The table of contents, whose size nothing tells: a larger part of the file is read until it fits.
  private static func contents(
    _ path: FilePath, _ size: Int64, _ limit: Int
  ) throws -> (TableOfContents, integerSize: Int, start: [UInt8]) {
    let cursor = try FileCursor(path, at: 0)
    var bytes: [UInt8] = []
    var wanted = 1 << 20
    while true {
      while bytes.count < wanted {
        let piece = try cursor.next(atMost: wanted - bytes.count)
        if piece.isEmpty { break }
        bytes += piece
      }
      do {
        let (contents, integerSize, end) = try bytes.withUnsafeBytes { bytes in
          var reader = TOCReader(bytes)
          return (try reader.tableOfContents(), reader.integerSize, reader.position)
        }
        return (contents, integerSize, Array(bytes.prefix(end)))
      } catch let error as ArchiveError where Int64(bytes.count) < size && bytes.count < limit {
        // A number of entries that cannot fit into what has been read may fit into the rest.
        guard error.code == .truncated || error.code == .corrupt else { throw error }
        wanted = min(limit, wanted * 4)
      }
    }
  }

  /// Where the blocks of all entries with data begin.
  private static func offsets(
    _ path: FilePath, _ contents: TableOfContents, end: Int64, integerSize: Int
  ) throws -> [Int: Int64] {
    let entries = contents.entries.filter(\.hasData)
    var found: [Int: Int64] = [:]
    if entries.contains(where: { $0.dataOffset == nil }) {
      found = try scan(path, from: end, integerSize: integerSize)
    }
    for entry in entries {
      guard let offset = entry.dataOffset ?? found[entry.dumpID] else {
        throw ArchiveError(.truncated, "the data of \(entry.kind) \(entry.tag) is not there")
      }
      guard offset >= end else {
        throw ArchiveError(
          .corrupt, "the data of \(entry.kind) \(entry.tag) is said to be at byte \(offset)")
      }
      found[entry.dumpID] = offset
    }
    let wanted = Set(entries.map(\.dumpID))
    return found.filter { wanted.contains($0.key) }
  }

  /// Goes from block to block by the lengths of their chunks.
  private static func scan(
    _ path: FilePath, from start: Int64, integerSize: Int
  ) throws -> [Int: Int64] {
    let cursor = try FileCursor(path, at: start)
    var found: [Int: Int64] = [:]
    while true {
      let place = cursor.place
      guard let dumpID = try skipBlock(cursor, integerSize) else { return found }
      found[dumpID] = place
    }
  }

  /// Goes behind a block; gives the number of its entry, nil at the end of the file.
  private static func skipBlock(_ cursor: FileCursor, _ integerSize: Int) throws -> Int? {
    let place = cursor.place
    guard let mark = try cursor.byte() else { return nil }
    let dumpID = try cursor.integer(size: integerSize)
    switch mark {
    case DataBlock.tableMark: try skipChunks(cursor, integerSize)
    case DataBlock.largeObjectMark:
      while try cursor.integer(size: integerSize) != 0 { try skipChunks(cursor, integerSize) }
    default:
      throw ArchiveError(.corrupt, "a data block is of the unknown kind \(mark)", offset: place)
    }
    return dumpID
  }

  private static func skipChunks(_ cursor: FileCursor, _ integerSize: Int) throws {
    while true {
      let place = cursor.place
      let length = try cursor.integer(size: integerSize)
      if length == 0 { return }
      guard length > 0 else {
        throw ArchiveError(.corrupt, "a chunk has \(length) bytes", offset: place)
      }
      try cursor.skip(length)
    }
  }
}
