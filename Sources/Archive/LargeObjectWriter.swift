internal import Digest
public import SystemPackage

/// Writes large objects into an archive, one after the other.
public protocol LargeObjectWriter: AnyObject {
  /// Begins an object; the one before is whole.
  func begin(_ oid: UInt32) throws
  /// Adds bytes to the object; keeps nothing of the buffer.
  func append(_ bytes: UnsafeRawBufferPointer) throws
  /// Ends the last object and the list of them; gives what a manifest keeps.
  func finish() throws -> [DataFileSummary]
}

/// Writes each object into a file of its own, and a list of them.
public final class LargeObjectFiles: LargeObjectWriter {
  /// The name of the list, which older versions of pg_restore look for whatever the entry says.
  public static let listName = "blobs.toc"

  private let folder: FilePath
  private let compression: Compression
  private let list: DataFileWriter
  private var file: DataFileWriter?
  private var summaries: [DataFileSummary] = []

  /// Begins the list in a directory archive's folder.
  public init(in folder: FilePath, _ compression: Compression) throws {
    self.folder = folder
    self.compression = compression
    list = try DataFileWriter(creating: LargeObjectFiles.listName, in: folder, .none)
  }

  /// Begins the object's file.
  public func begin(_ oid: UInt32) throws {
    try end()
    let name = "blob_\(oid).dat"
    file = try DataFileWriter(creating: name, in: folder, compression)
    try list.append(Array("\(oid) \(name)\n".utf8))
  }

  /// Adds bytes to it.
  public func append(_ bytes: UnsafeRawBufferPointer) throws { try file?.append(bytes) }

  /// Ends the last file and the list; gives what a manifest keeps of each.
  public func finish() throws -> [DataFileSummary] {
    try end()
    return summaries + [try list.finish()]
  }

  private func end() throws {
    if let file { summaries.append(try file.finish()) }
    file = nil
  }
}

/// Writes all objects into one block of a custom archive.
final class LargeObjectBlock: LargeObjectWriter {
  private let archive: CustomArchiveWriter
  private let dumpID: Int
  private let compressor: (any PieceCompressor)?
  private let isZlib: Bool
  private let piece = UnsafeMutableRawBufferPointer.allocate(
    byteCount: RowPipeline.pieceSize, alignment: 16)
  private var filled = 0
  private var stream: ZlibStream?
  private var isOpen = false
  private var isEmpty = true
  private var digest: SHA256? = SHA256()
  private var bytes: Int64 = 0
  private var rawBytes: Int64 = 0

  init(_ archive: CustomArchiveWriter, dumpID: Int, _ compression: Compression) throws {
    self.archive = archive
    self.dumpID = dumpID
    compressor = compression.compressor(limit: RowPipeline.pieceSize, isBlock: true)
    isZlib = compression.algorithm == .gzip
    try archive.beginBlock(dumpID, mark: DataBlock.largeObjectMark)
  }

  deinit { piece.deallocate() }

  func begin(_ oid: UInt32) throws {
    try end()
    try archive.appendInteger(Int(oid))
    isOpen = true
    isEmpty = true
    guard isZlib else { return }
    stream = ZlibStream()
    try ZlibStream.start.withUnsafeBytes { try write($0) }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    rawBytes += Int64(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(piece.count - filled)
      UnsafeMutableRawBufferPointer(rebasing: piece[filled...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      filled += part.count
      rest = rest.dropFirst(part.count)
      if filled == piece.count { try flush() }
    }
  }

  func finish() throws -> [DataFileSummary] {
    try end()
    try archive.endBlock()
    return [
      DataFileSummary(
        fileName: DataBlock.fileName(dumpID), bytes: bytes, sha256: digest.take()?.hex(),
        rawBytes: rawBytes)
    ]
  }

  private func end() throws {
    guard isOpen else { return }
    if filled > 0 || isEmpty { try flush() }
    if let stream { try stream.end.withUnsafeBytes { try write($0) } }
    stream = nil
    try archive.endBlock()
    isOpen = false
  }

  private func flush() throws {
    isEmpty = false
    let raw = UnsafeRawBufferPointer(rebasing: piece.prefix(filled))
    filled = 0
    stream?.add(ZlibStream.checksum(of: raw), of: raw.count)
    if raw.isEmpty, compressor == nil || isZlib { return }
    try write(compressor?.compressed(raw) ?? raw)
  }

  private func write(_ payload: UnsafeRawBufferPointer) throws {
    digest?.update(payload)
    bytes += Int64(payload.count)
    try archive.appendChunk(payload)
  }
}
