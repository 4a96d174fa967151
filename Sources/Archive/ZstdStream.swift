internal import CZstd

/// zstd's decompressor over frames that stand one after the other.
///
/// A frame may ask for up to 128 MiB of memory, the library's own limit; what pg_dump writes up to
/// level 19 asks for 8.
final class ZstdStream: Decompressor {
  private let stream: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer
  private var input = ZSTD_inBuffer()
  private(set) var isAtBorder = true
  private(set) var needsInput = true

  init(limit: Int) {
    guard let stream = ZSTD_createDStream() else {
      preconditionFailure("no memory for a decompressor")
    }
    self.stream = stream
    output = .allocate(byteCount: limit, alignment: 16)
  }

  deinit {
    ZSTD_freeDStream(stream)
    output.deallocate()
  }

  var unread: Int { input.size - input.pos }

  func feed(_ bytes: UnsafeRawBufferPointer) {
    input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    needsInput = false
  }

  func decompress() throws(DecompressionTrouble) -> UnsafeRawBufferPointer {
    var room = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    // 0 means that a frame has ended and all of it is given out.
    let status = ZSTD_decompressStream(stream, &room, &input)
    guard ZSTD_isError(status) == 0 else {
      throw DecompressionTrouble(
        reason: "not zstd data (\(String(cString: ZSTD_getErrorName(status))))")
    }
    isAtBorder = status == 0
    needsInput = unread == 0 && (isAtBorder || room.pos < room.size)
    return UnsafeRawBufferPointer(rebasing: output.prefix(room.pos))
  }
}
