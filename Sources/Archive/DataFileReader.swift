internal import Digest
internal import Synchronization
public import SystemPackage

/// Reads one data file piece by piece: plain, or any number of gzip members, LZ4 or zstd frames where
/// the name's end says so. Memory stays the same whatever the file's size.
///
/// A file that ends within a member or frame, or holds anything else, is refused with the byte's
/// place. A cut at the border of two cannot be seen here: that is what the manifest's size and digest
/// are for. A reader serves one task at a time; it may move between tasks.
public final class DataFileReader: @unchecked Sendable {
  // Sendable: every access to `state` happens while `lock` is held.
  private let lock = Mutex<Void>(())
  private var state: State

  /// The file's name in its folder.
  public let fileName: String

  /// Opens a file for reading from its start.
  ///
  /// - Parameter decompressing: false gives the bytes as they are on disk, whatever the name says.
  public init(opening path: FilePath, decompressing: Bool = true) throws {
    fileName = path.lastComponent?.string ?? path.string
    state = try State(path: path, fileName: fileName, decompressing: decompressing)
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

  private let fileName: String
  private let descriptor: FileDescriptor
  private let input: UnsafeMutableRawBufferPointer
  private let algorithm: Compression.Algorithm
  private let decompressor: (any Decompressor)?
  private var digest: SHA256? = SHA256()
  private(set) var diskBytes: Int64 = 0
  private var rawBytes: Int64 = 0
  private(set) var summary: DataFileSummary?

  init(path: FilePath, fileName: String, decompressing: Bool) throws {
    self.fileName = fileName
    descriptor = try DurableFile.attempt("read", fileName) {
      try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    }
    input = .allocate(byteCount: State.chunkSize, alignment: 16)
    algorithm = decompressing ? DataFileName.algorithm(of: fileName) : .none
    decompressor = algorithm.decompressor(limit: State.chunkSize)
  }

  deinit {
    input.deallocate()
    try? descriptor.close()
  }

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
      if decompressor.needsInput {
        let chunk = try read()
        if chunk.isEmpty {
          guard decompressor.isAtBorder, diskBytes > 0 || algorithm.allowsEmptyFile else {
            throw ArchiveError(
              .truncated, "the file ends within a \(algorithm.partName)", file: fileName,
              offset: diskBytes)
          }
          return finish()
        }
        decompressor.feed(chunk)
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
      let place = diskBytes - Int64(decompressor.unread)
      throw ArchiveError(.corrupt, error.reason, file: fileName, offset: place)
    }
  }

  private mutating func read() throws -> UnsafeRawBufferPointer {
    let (descriptor, input) = (descriptor, input)
    let count = try DurableFile.attempt("read", fileName) { try descriptor.read(into: input) }
    let chunk = UnsafeRawBufferPointer(rebasing: input.prefix(count))
    digest?.update(chunk)
    diskBytes += Int64(count)
    return chunk
  }

  private mutating func finish() -> Bool {
    summary = DataFileSummary(
      fileName: fileName, bytes: diskBytes, sha256: digest.take()?.hex() ?? "", rawBytes: rawBytes)
    return false
  }
}
