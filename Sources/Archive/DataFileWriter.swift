internal import Synchronization
public import SystemPackage

/// What became of a file: what a manifest keeps of it.
public struct DataFileSummary: Hashable, Sendable {
  /// The name in its folder, with the suffix of its compression.
  public var fileName: String
  /// The size on disk.
  public var bytes: Int64
  /// The digest of what is on disk, in lower-case hexadecimal; nil where nobody has taken it yet.
  public var sha256: String?
  /// The size before compression.
  public var rawBytes: Int64

  /// Describes a file.
  public init(fileName: String, bytes: Int64, sha256: String?, rawBytes: Int64) {
    self.fileName = fileName
    self.bytes = bytes
    self.sha256 = sha256
    self.rawBytes = rawBytes
  }
}

/// Writes one data file: plain, or as gzip members, LZ4 or zstd frames of 1 MiB each, which
/// pg_restore reads as one stream. Size and digest are those of the bytes that went to the disk.
///
/// Memory is that of one piece whatever the size of what is appended. A writer serves one task at a
/// time; it may move between tasks.
public final class DataFileWriter: @unchecked Sendable {
  // Sendable: every access to `state` happens while `lock` is held.
  private let lock = Mutex<Void>(())
  private var state: State

  /// The five bytes that end the rows of a table in an archive.
  public static let endOfRows = Array("\\.\n\n\n".utf8)

  /// Creates the file in a folder, its name lengthened by what tells the compression; it must not
  /// exist.
  public init(
    creating name: String, in folder: FilePath, _ compression: Compression = Compression(.gzip)
  ) throws {
    state = try State(
      fileName: DataFileName.checked(name) + compression.algorithm.suffix, folder: folder,
      compression)
  }

  /// Adds bytes; keeps nothing of the buffer. Pieces as large as a member are not copied.
  public func append(_ bytes: UnsafeRawBufferPointer) throws {
    try lock.withLock { _ in try state.append(bytes) }
  }

  /// Adds bytes.
  public func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try append($0) }
  }

  /// How many bytes have been appended, before compression.
  public var rawBytes: Int64 { lock.withLock { _ in state.rawBytes } }

  /// Writes what is left, syncs and closes the file. Nothing may be appended afterwards.
  public func finish() throws -> DataFileSummary {
    try lock.withLock { _ in try state.finish() }
  }
}

private struct State: ~Copyable {
  static let pieceSize = 1 << 20

  private var file: OutputFile
  private let piece: UnsafeMutableRawBufferPointer
  private var filled = 0
  private let compressor: (any PieceCompressor)?
  private(set) var rawBytes: Int64 = 0

  init(fileName: String, folder: FilePath, _ compression: Compression) throws {
    file = try OutputFile(creating: fileName, in: folder)
    piece = .allocate(byteCount: State.pieceSize, alignment: 16)
    compressor = compression.compressor(limit: State.pieceSize)
  }

  deinit { piece.deallocate() }

  mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
    rawBytes += Int64(bytes.count)
    var rest = bytes[...]
    while !rest.isEmpty {
      if filled == 0, rest.count >= State.pieceSize {
        try write(UnsafeRawBufferPointer(rebasing: rest.prefix(State.pieceSize)))
        rest = rest.dropFirst(State.pieceSize)
        continue
      }
      let part = rest.prefix(State.pieceSize - filled)
      UnsafeMutableRawBufferPointer(rebasing: piece[filled...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
      filled += part.count
      rest = rest.dropFirst(part.count)
      if filled == State.pieceSize { try flush() }
    }
  }

  mutating func finish() throws -> DataFileSummary {
    // A file of no member or frame at all would look like one that was cut.
    if filled > 0 || (file.bytes == 0 && compressor != nil) { try flush() }
    return try file.finish(rawBytes: rawBytes)
  }

  private mutating func flush() throws {
    try write(UnsafeRawBufferPointer(rebasing: piece.prefix(filled)))
    filled = 0
  }

  private mutating func write(_ raw: UnsafeRawBufferPointer) throws {
    try file.write(compressor?.compressed(raw) ?? raw)
  }
}
