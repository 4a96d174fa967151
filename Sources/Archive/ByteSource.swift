internal import Digest
internal import SystemPackage

/// Where a reader's bytes come from, as they are on disk.
protocol ByteSource: AnyObject {
  /// How messages name it.
  var name: String { get }
  /// How many bytes have been given out.
  var bytesRead: Int64 { get }
  /// The place in the file behind the last byte that was given out.
  var place: Int64 { get }
  /// The next bytes, valid until the next call; none at the end.
  func next() throws -> UnsafeRawBufferPointer
}

/// A whole file.
final class FileSource: ByteSource {
  private let cursor: FileCursor

  init(_ path: FilePath) throws { cursor = try FileCursor(path, at: 0) }

  var name: String { cursor.fileName }
  var bytesRead: Int64 { cursor.place }
  var place: Int64 { cursor.place }

  func next() throws -> UnsafeRawBufferPointer { try cursor.next(atMost: .max) }
}

/// The chunks of a block of a custom archive, joined: without compression pg_dump makes one of each
/// row.
final class BlockSource: ByteSource {
  private let block: DataBlock
  private let cursor: FileCursor
  private let joined = UnsafeMutableRawBufferPointer.allocate(
    byteCount: 256 << 10, alignment: 16)
  private var chunkLeft = 0
  private var isEnded = false
  /// Whether it is the block of all large objects: their bytes come one after the other.
  private var holdsObjects = false
  private(set) var bytesRead: Int64 = 0

  init(_ block: DataBlock) throws {
    self.block = block
    cursor = try FileCursor(block.path, at: block.offset)
    guard let mark = try cursor.byte() else { throw cursor.truncated() }
    let dumpID = try cursor.integer(size: block.integerSize)
    holdsObjects = mark == DataBlock.largeObjectMark
    guard mark == DataBlock.tableMark || holdsObjects, dumpID == block.dumpID else {
      throw ArchiveError(
        .corrupt, "entry \(block.dumpID) has its data elsewhere", file: cursor.fileName,
        offset: block.offset)
    }
    if holdsObjects { isEnded = try cursor.integer(size: block.integerSize) == 0 }
  }

  /// One large object, at whose first chunk the cursor is; in the end it is behind the last.
  init(_ block: DataBlock, at cursor: FileCursor) {
    self.block = block
    self.cursor = cursor
  }

  deinit { joined.deallocate() }

  var name: String { block.name }
  var place: Int64 { cursor.place }

  func next() throws -> UnsafeRawBufferPointer {
    var filled = 0
    while !isEnded, filled < joined.count {
      while chunkLeft == 0, !isEnded { try beginChunk() }
      if isEnded { break }
      let piece = try cursor.next(atMost: min(chunkLeft, joined.count - filled))
      guard !piece.isEmpty else { throw cursor.truncated() }
      UnsafeMutableRawBufferPointer(rebasing: joined[filled...]).copyMemory(from: piece)
      chunkLeft -= piece.count
      filled += piece.count
    }
    bytesRead += Int64(filled)
    return UnsafeRawBufferPointer(rebasing: joined.prefix(filled))
  }

  private func beginChunk() throws {
    let start = cursor.place
    chunkLeft = try cursor.integer(size: block.integerSize)
    guard chunkLeft >= 0 else {
      throw ArchiveError(
        .corrupt, "a chunk has \(chunkLeft) bytes", file: cursor.fileName, offset: start)
    }
    guard chunkLeft == 0 else { return }
    isEnded = try !holdsObjects || cursor.integer(size: block.integerSize) == 0
  }
}
