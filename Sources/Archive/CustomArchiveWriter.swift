internal import Digest
internal import Glibc
public import SystemPackage

/// Writes a custom archive: the table of contents, the tables' data as blocks one after the other in
/// the order of their entries, and a manifest as a last block that stock readers pass over.
///
/// Into a file the places of the blocks are written at the end; a pipe gets none, and readers look
/// for the blocks as they come.
public final class CustomArchiveWriter: @unchecked Sendable {
  // Sendable: `due` is touched under the pipeline's monitor, everything else by whoever writes the
  // block that is due, or before the first and after the last.
  /// What compresses the rows.
  public let pipeline: RowPipeline
  /// Its own handle: after a failure a thread may still be about to write when the caller closes the
  /// file, and the number may be somebody else's by then.
  private let file: FileDescriptor
  private let name: String
  private let isSeekable: Bool
  private var contents: TableOfContents
  private var place: Int64 = 0
  private var behind = WriteBehind()
  private var due = 0
  private var blocks: [Block] = []

  /// Weak: the blocks' writers have the archive, and who fills them has the writers.
  private struct Block {
    weak var writer: TableDataWriter?
  }

  /// Begins an archive.
  ///
  /// - Parameters:
  ///   - file: where it goes, from the place where the file is; the caller closes it, whenever it
  ///     likes.
  ///   - name: how messages name it.
  ///   - isSeekable: whether it is a file of its own, from its start.
  ///   - streams: how many streams of rows there will be at once.
  public init(
    to file: FileDescriptor, name: String, isSeekable: Bool, _ contents: TableOfContents,
    streams: Int
  ) throws {
    precondition(contents.header.format == .custom)
    self.file = try DurableFile.attempt("write", name) {
      // `FileDescriptor.duplicate` would hand it on to programs that are started meanwhile.
      let own = fcntl(file.rawValue, F_DUPFD_CLOEXEC, 0)
      guard own >= 0 else { throw Errno(rawValue: errno) }
      return FileDescriptor(rawValue: own)
    }
    self.name = name
    self.isSeekable = isSeekable
    self.contents = contents
    pipeline = RowPipeline(contents.header.compression, streams: streams, isBlock: true)
    try append(contents.serialized())
  }

  deinit { try? file.close() }

  /// The writer of the next table's data. All must be made before the first stream, in the order of
  /// the entries: a reader that cannot go back wants their blocks so.
  public func addData(of entry: ArchiveEntry) -> TableDataWriter {
    let output = DataBlockOutput(
      self, dumpID: entry.dumpID, number: blocks.count,
      isZlib: contents.header.compression.algorithm == .gzip)
    let writer = TableDataWriter(pipeline, output: output)
    blocks.append(Block(writer: writer))
    return writer
  }

  /// The writer of the block of all large objects. Every table's data must be whole.
  public func addLargeObjects(of entry: ArchiveEntry) throws -> any LargeObjectWriter {
    precondition(due == blocks.count, "the data of every table is whole")
    return try LargeObjectBlock(self, dumpID: entry.dumpID, contents.header.compression)
  }

  /// Puts the places of the blocks into the table of contents; gives its size and digest. Every
  /// table's data must be whole.
  public func finishContents() -> DataFileSummary {
    precondition(due == blocks.count, "the data of every table is whole")
    let bytes = contents.serialized()
    return DataFileSummary(
      fileName: TableOfContents.fileName, bytes: Int64(bytes.count), sha256: SHA256.hex(of: bytes),
      rawBytes: Int64(bytes.count))
  }

  /// Writes the manifest, and what makes the archive whole; it is on the disk when this returns, or in
  /// the pipe.
  public func finish(manifest: [UInt8]) throws {
    let start = place
    let last = contents.entries.map(\.dumpID).max() ?? 0
    try beginBlock(last + 1)
    try manifest.withUnsafeBytes { bytes in
      for index in stride(from: 0, to: bytes.count, by: RowPipeline.pieceSize) {
        let piece = bytes[index..<min(bytes.count, index + RowPipeline.pieceSize)]
        try appendChunk(UnsafeRawBufferPointer(rebasing: piece))
      }
    }
    try appendChunk(EmbeddedManifest.mark(blockAt: start))
    try endBlock()
    guard isSeekable else { return }
    let (file, bytes) = (file, contents.serialized())
    try DurableFile.attempt("write", name) {
      try file.writeAll(toAbsoluteOffset: 0, bytes)
      try DurableFile.sync(file)
    }
  }

  // MARK: For blocks

  fileprivate func isDue(_ number: Int) -> Bool { number == due }

  fileprivate func pass() -> TableDataWriter? {
    due += 1
    return due < blocks.count ? blocks[due].writer : nil
  }

  func beginBlock(_ dumpID: Int, mark: UInt8 = DataBlock.tableMark) throws {
    let start = place
    try append([mark] + CustomArchiveWriter.integer(dumpID))
    guard isSeekable, let index = contents.entries.firstIndex(where: { $0.dumpID == dumpID })
    else { return }
    contents.entries[index].dataOffset = start
  }

  /// Ends a block, the chunks of a large object, or the list of them.
  func endBlock() throws { try appendInteger(0) }

  func appendInteger(_ value: Int) throws { try append(CustomArchiveWriter.integer(value)) }

  fileprivate func appendChunk(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try appendChunk($0) }
  }

  func appendChunk(_ bytes: UnsafeRawBufferPointer) throws {
    try append(CustomArchiveWriter.integer(bytes.count))
    try append(bytes)
  }

  private func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

  private func append(_ bytes: UnsafeRawBufferPointer) throws {
    let file = file
    try DurableFile.attempt("write", name) { _ = try file.writeAll(bytes) }
    place += Int64(bytes.count)
    if isSeekable { behind.reached(place, in: file) }
  }

  /// A sign and four bytes.
  private static func integer(_ value: Int) -> [UInt8] {
    [0] + withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) }
  }
}

/// A table's block.
private final class DataBlockOutput: PieceOutput {
  private let archive: CustomArchiveWriter
  private let dumpID: Int
  private let number: Int
  private var stream: ZlibStream?
  private var isBegun = false
  private var digest: SHA256? = SHA256()
  private var bytes: Int64 = 0

  init(_ archive: CustomArchiveWriter, dumpID: Int, number: Int, isZlib: Bool) {
    self.archive = archive
    self.dumpID = dumpID
    self.number = number
    stream = isZlib ? ZlibStream() : nil
  }

  var isDue: Bool { archive.isDue(number) }
  var checksum: Checksum? { nil }

  func write(_ piece: CompressedPiece) throws {
    if !isBegun {
      isBegun = true
      try archive.beginBlock(dumpID)
      if stream != nil { try ZlibStream.start.withUnsafeBytes { try append($0) } }
    }
    stream?.add(piece.checksum, of: piece.rawCount)
    try append(piece.bytes)
  }

  func finish(rawBytes: Int64) throws -> DataFileSummary {
    if let stream { try stream.end.withUnsafeBytes { try append($0) } }
    try archive.endBlock()
    return DataFileSummary(
      fileName: DataBlock.fileName(dumpID), bytes: bytes, sha256: digest.take()?.hex(),
      rawBytes: rawBytes)
  }

  func pass() -> TableDataWriter? { archive.pass() }

  private func append(_ payload: UnsafeRawBufferPointer) throws {
    digest?.update(payload)
    bytes += Int64(payload.count)
    try archive.appendChunk(payload)
  }
}

/// A manifest inside a custom archive: the last block, of an entry that is not listed. Its last chunk
/// says where it begins, so that readers find it from the file's end.
enum EmbeddedManifest {
  private static let magic = Array("OMCOPSMF".utf8)
  /// The mark's chunk and the end of its block.
  private static let tailSize = 5 + 16 + 5

  static func mark(blockAt place: Int64) -> [UInt8] {
    magic + withUnsafeBytes(of: UInt64(place).littleEndian) { Array($0) }
  }

  /// Where the block that begins at a place ends, if it is that of a manifest.
  static func end(ofBlockAt place: Int64, in path: FilePath) throws -> Int64? {
    let cursor = try FileCursor(path, at: place)
    do {
      guard try cursor.byte() == DataBlock.tableMark else { return nil }
      _ = try cursor.integer(size: 4)
      var isMark = false
      while true {
        let length = try cursor.integer(size: 4)
        if length == 0 { return isMark ? cursor.place : nil }
        guard length > 0 else { return nil }
        let end = cursor.place + Int64(length)
        isMark = length == 16 ? Array(try cursor.next(atMost: 8)) == magic : false
        try cursor.skip(Int(end - cursor.place))
      }
    } catch is ArchiveError {
      // Whatever it is, it ends in the middle of something.
      return nil
    }
  }

  /// The bytes of the manifest; nil in an archive that has none.
  static func read(from path: FilePath, size: Int64, atMost limit: Int) throws -> [UInt8]? {
    guard size >= tailSize else { return nil }
    let tail = try FileCursor(path, at: size - Int64(tailSize) + 5)
    var mark: [UInt8] = []
    while let byte = try tail.byte() { mark.append(byte) }
    guard mark.count == 21, mark.starts(with: magic), mark.suffix(5).allSatisfy({ $0 == 0 }) else {
      return nil
    }
    let place = mark[8..<16].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard place < UInt64(size) else { return nil }
    let block = try FileCursor(path, at: Int64(place))
    guard try block.byte() == DataBlock.tableMark else { return nil }
    _ = try block.integer(size: 4)
    var bytes: [UInt8] = []
    while block.place < size - Int64(tailSize) {
      var length = try block.integer(size: 4)
      guard length > 0, length <= size - block.place, bytes.count + length <= limit else {
        throw block.truncated()
      }
      while length > 0 {
        let piece = try block.next(atMost: length)
        guard !piece.isEmpty else { throw block.truncated() }
        bytes += piece
        length -= piece.count
      }
    }
    return bytes
  }
}
