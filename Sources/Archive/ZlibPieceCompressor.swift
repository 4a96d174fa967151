internal import CDeflate
internal import CZlib

/// Compresses pieces that stand one after the other in a zlib stream (RFC 1950).
///
/// pg_restore reads exactly one such stream of each table in a custom archive, and would loop for ever
/// on a second one. libdeflate is twice as fast as zlib, but ends a stream with every call: so the
/// mark that makes a piece's last block the stream's is taken away, and an empty stored block brings
/// the piece to the border of a byte, as zlib's sync flush does.
final class ZlibPieceCompressor: PieceCompressor {
  private let compressor: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer
  private let blocks = DeflateBlocks()

  init(level: Int, limit: Int) {
    guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
      preconditionFailure("no memory for a compressor")
    }
    self.compressor = compressor
    output = .allocate(
      byteCount: libdeflate_deflate_compress_bound(compressor, limit) + DeflateBlocks.slack,
      alignment: 16)
  }

  deinit {
    libdeflate_free_compressor(compressor)
    output.deallocate()
  }

  func compressed(_ piece: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var size = libdeflate_deflate_compress(
      compressor, piece.baseAddress, piece.count, output.baseAddress,
      output.count - DeflateBlocks.slack)
    precondition(size > 0, "the buffer has the size that the library asks for")
    guard let last = blocks.last(in: UnsafeRawBufferPointer(output), count: size) else {
      preconditionFailure("libdeflate's output is not what RFC 1951 says")
    }
    output[last.start >> 3] &= ~(1 << UInt8(last.start & 7))
    // The stored block's header is three zero bits; what is left of the last byte is zero already.
    let unused = size * 8 - last.end
    var tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
    if unused < 3 { tail.insert(0, at: 0) }
    for byte in tail {
      output[size] = byte
      size += 1
    }
    return UnsafeRawBufferPointer(rebasing: output.prefix(size))
  }
}

/// The start and the end of a zlib stream whose pieces were compressed one by one.
struct ZlibStream {
  /// Deflate with a window of 32 KiB, compressed quickly.
  static let start: [UInt8] = [0x78, 0x01]
  private var checksum: UInt32 = 1

  /// The checksum of a piece by itself.
  static func checksum(of piece: UnsafeRawBufferPointer) -> UInt32 {
    libdeflate_adler32(1, piece.baseAddress, piece.count)
  }

  /// Counts in the next piece.
  mutating func add(_ checksum: UInt32, of count: Int) {
    self.checksum = UInt32(adler32_combine(UInt(self.checksum), UInt(checksum), count))
  }

  /// An empty last block, and the checksum of everything.
  var end: [UInt8] {
    [0x01, 0x00, 0x00, 0xFF, 0xFF] + withUnsafeBytes(of: checksum.bigEndian) { Array($0) }
  }
}
