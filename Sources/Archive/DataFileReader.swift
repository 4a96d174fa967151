internal import Digest
internal import Synchronization
public import SystemPackage

/// Reads one entry's data piece by piece. A file is plain, or any number of gzip members, LZ4 or zstd
/// frames where the name's end says so; a block of a custom archive is what the header says. Memory
/// stays the same whatever the size.
///
/// A file that ends within a member or frame, or holds anything else, is refused with the byte's
/// place. A cut at the border of two cannot be seen here: that is what the manifest's size and digest
/// are for. A reader serves one task at a time; it may move between tasks.
public final class DataFileReader: @unchecked Sendable {
  // Sendable: every access to `state` happens while `lock` is held.
  private let lock = Mutex<Void>(())
  private var state: State

  /// Opens a file for reading from its start.
  ///
  /// - Parameter decompressing: false gives the bytes as they are on disk, whatever the name says.
  public convenience init(opening path: FilePath, decompressing: Bool = true) throws {
    try self.init(opening: .file(path), decompressing: decompressing)
  }

  /// Opens a file for its bytes as they are on disk, whose digest nobody wants: the summary has none.
  public init(openingUnhashed path: FilePath) throws {
    state = State(try FileSource(path), .none, isBlock: false, hashing: false)
  }

  /// Opens a file that is compressed in a known way whatever its name is.
  public init(opening path: FilePath, compressedBy algorithm: Compression.Algorithm) throws {
    state = State(try FileSource(path), algorithm, isBlock: false)
  }

  /// Opens one large object of a custom archive.
  init(opening source: BlockSource, _ algorithm: Compression.Algorithm) {
    state = State(source, algorithm, isBlock: true)
  }

  /// Opens what holds an entry's data.
  ///
  /// - Parameter decompressing: false gives the bytes as they are on disk.
  public init(opening location: DataLocation, decompressing: Bool = true) throws {
    switch location {
    case .file(let path):
      let algorithm = decompressing ? DataFileName.algorithm(of: location.name) : .none
      state = State(try FileSource(path), algorithm, isBlock: false)
    case .block(let block):
      state = State(
        try BlockSource(block), decompressing ? block.algorithm : .none, isBlock: true)
    }
  }

  /// Gives the next piece to `body`, or returns false at the end; the buffer is valid only inside.
  ///
  /// Must not be called from within `body`.
  public func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    try lock.withLock { _ in try state.next(body) }
  }

  /// How many bytes of the file have been read so far, as they are on disk.
  public var bytesRead: Int64 { lock.withLock { _ in state.diskBytes } }

  /// What has been read, once the end was reached; nil before.
  public var summary: DataFileSummary? { lock.withLock { _ in state.summary } }
}

private struct State: ~Copyable {
  static let chunkSize = 256 << 10

  private let source: any ByteSource
  private let algorithm: Compression.Algorithm
  private let decompressor: (any Decompressor)?
  private var digest: SHA256?
  private var rawBytes: Int64 = 0
  private(set) var summary: DataFileSummary?

  init(
    _ source: any ByteSource, _ algorithm: Compression.Algorithm, isBlock: Bool,
    hashing: Bool = true
  ) {
    digest = hashing ? SHA256() : nil
    self.source = source
    self.algorithm = algorithm
    decompressor = algorithm.decompressor(limit: State.chunkSize, isBlock: isBlock)
  }

  var diskBytes: Int64 { source.bytesRead }

  mutating func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    if summary != nil { return false }
    guard let decompressor else {
      let chunk = try read()
      if chunk.isEmpty { return finish() }
      rawBytes += Int64(chunk.count)
      try body(chunk)
      return true
    }
    while true {
      while decompressor.needsInput {
        let chunk = try read()
        if chunk.isEmpty { decompressor.endInput() } else { decompressor.feed(chunk) }
        if chunk.isEmpty, decompressor.needsInput {
          guard decompressor.isAtBorder, diskBytes > 0 || algorithm.allowsEmptyFile else {
            throw ArchiveError(
              .truncated, "the data ends within a \(algorithm.partName)", file: source.name,
              offset: source.place)
          }
          return finish()
        }
      }
      let raw = try decompress(decompressor)
      if raw.isEmpty { continue }
      rawBytes += Int64(raw.count)
      try body(raw)
      return true
    }
  }

  private func decompress(_ decompressor: any Decompressor) throws -> UnsafeRawBufferPointer {
    do {
      return try decompressor.decompress()
    } catch {
      let place = source.place - Int64(decompressor.unread)
      throw ArchiveError(.corrupt, error.reason, file: source.name, offset: place)
    }
  }

  private mutating func read() throws -> UnsafeRawBufferPointer {
    let chunk = try source.next()
    digest?.update(chunk)
    return chunk
  }

  private mutating func finish() -> Bool {
    summary = DataFileSummary(
      fileName: source.name, bytes: diskBytes, sha256: digest.take()?.hex(),
      rawBytes: rawBytes)
    return false
  }
}
