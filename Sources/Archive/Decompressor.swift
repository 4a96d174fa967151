/// Takes compressed input as it comes, and gives what was compressed: members or frames that stand
/// one after the other.
protocol Decompressor: AnyObject {
  /// Whether the last thing read was the end of a member or frame, or nothing.
  var isAtBorder: Bool { get }
  /// Input that was fed and not used yet.
  var unread: Int { get }
  /// Whether all input is used, and no output waits inside either.
  var needsInput: Bool { get }
  /// Gives the next input; the buffer must stay until `needsInput` is true again.
  func feed(_ bytes: UnsafeRawBufferPointer)
  /// Says that there is no more input.
  func endInput()
  /// The next output, possibly empty, valid until the next call.
  func decompress() throws(DecompressionTrouble) -> UnsafeRawBufferPointer
}

extension Decompressor {
  func endInput() {}
}

/// Why input cannot be decompressed.
struct DecompressionTrouble: Error {
  let reason: String
}

extension Compression.Algorithm {
  /// What reads it, giving up to `limit` bytes at a time; nil where nothing is compressed. In a block
  /// of a custom archive gzip's data stands in zlib's wrapping (RFC 1950). Where input is still arriving,
  /// each piece of it gives what it holds at once.
  func decompressor(
    limit: Int, isBlock: Bool, isArriving: Bool = false
  ) -> (any Decompressor)? {
    switch self {
    case .none: nil
    case .gzip where isBlock || isArriving: GzipStream(limit: limit, isZlib: isBlock)
    case .gzip: GzipMembers(limit: limit)
    case .lz4: LZ4Stream(limit: limit)
    case .zstd: ZstdStream(limit: limit)
    }
  }

  /// What one of the parts is called that a compressed file consists of.
  var partName: String { self == .gzip ? "gzip member" : "\(name) frame" }

  /// Whether a file of no bytes holds nothing, instead of having been cut: pg_dump 17 writes an
  /// empty large object so.
  var allowsEmptyFile: Bool { self == .zstd || self == .lz4 }
}
