internal import Digest
public import SystemPackage

/// Reads the large objects of an archive one after the other, each piece by piece.
///
/// A directory archive lists them in a file of lines `OID FILE`; a custom archive has them in one
/// block. A reader serves one task at a time.
public final class LargeObjectReader {
  private enum Source {
    case files(FilePath, rest: ArraySlice<Listed>)
    case block(DataBlock, FileCursor)
  }

  /// A line of the list.
  public struct Listed: Hashable, Sendable {
    /// The object.
    public var oid: UInt32
    /// The name of its file, without what tells the compression.
    public var fileName: String
  }

  private var source: Source
  private var reader: DataFileReader?

  /// Opens the data of an entry.
  ///
  /// - Throws: `ArchiveError` where the list is none, or the block is that of something else.
  public init(opening location: DataLocation) throws {
    switch location {
    case .file(let list):
      source = .files(
        list.removingLastComponent(), rest: try LargeObjectReader.list(list)[...])
    case .block(let block):
      let cursor = try FileCursor(block.path, at: block.offset)
      let mark = try cursor.byte()
      let dumpID = try cursor.integer(size: block.integerSize)
      guard mark == DataBlock.largeObjectMark, dumpID == block.dumpID else {
        throw ArchiveError(
          .corrupt, "entry \(block.dumpID) has its data elsewhere", file: cursor.fileName,
          offset: block.offset)
      }
      source = .block(block, cursor)
    }
  }

  /// The largest list that is read: twenty million objects.
  private static let largestList = 1 << 30

  /// What the list of a directory archive says.
  public static func list(_ path: FilePath) throws -> [Listed] {
    let bytes = try DurableFile.read(path, atMost: largestList)
    return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
      let text = parts.map { String(decoding: $0, as: UTF8.self) }
      guard text.count == 2, let oid = UInt32(text[0]), oid > 0, DataFileName.isSafe(text[1]) else {
        throw ArchiveError(
          .corrupt, "a line of it is not that of a large object",
          file: path.lastComponent?.string ?? path.string)
      }
      return Listed(oid: oid, fileName: text[1])
    }
  }

  /// Goes on to the next object; nil at the end. What was left unread of the one before is passed over.
  public func nextObject() throws -> UInt32? {
    while try nextPiece({ _ in }) {}
    switch source {
    case .files(let folder, var rest):
      guard let listed = rest.popFirst() else { return nil }
      source = .files(folder, rest: rest)
      reader = try DataFileReader(
        opening: .file(try DataFileName.locate(listed.fileName, in: folder)))
      return listed.oid
    case .block(let block, let cursor):
      let number = try cursor.integer(size: block.integerSize)
      if number == 0 { return nil }
      guard let oid = UInt32(exactly: number) else {
        throw ArchiveError(
          .corrupt, "a large object has the number \(number)", file: cursor.fileName,
          offset: cursor.place)
      }
      reader = DataFileReader(opening: BlockSource(block, at: cursor), block.algorithm)
      return oid
    }
  }

  /// Gives the next piece of the object to `body`, or returns false at its end; the buffer is valid
  /// only inside.
  public func nextPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    guard let reader else { return false }
    if try reader.next(body) { return true }
    self.reader = nil
    return false
  }

}
