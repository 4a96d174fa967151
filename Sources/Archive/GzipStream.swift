internal import CZlib

/// zlib's inflater over gzip members, or zlib streams, that stand one after the other.
final class GzipStream: Decompressor {
  private let name: String
  private let stream: UnsafeMutablePointer<z_stream>
  private let output: UnsafeMutableRawBufferPointer
  private(set) var isAtBorder = true

  init(limit: Int, isZlib: Bool) {
    name = isZlib ? "zlib" : "gzip"
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    output = .allocate(byteCount: limit, alignment: 16)
    // 15 bits of window; 16 more means: gzip and nothing else.
    let status = inflateInit2_(
      stream, isZlib ? 15 : 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "no memory for an inflater")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  var unread: Int { Int(stream.pointee.avail_in) }

  private(set) var needsInput = true

  func feed(_ bytes: UnsafeRawBufferPointer) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
    needsInput = false
  }

  func decompress() throws(DecompressionTrouble) -> UnsafeRawBufferPointer {
    if isAtBorder {
      guard inflateReset(stream) == Z_OK else {
        throw DecompressionTrouble(reason: "the inflater is broken")
      }
      isAtBorder = false
    }
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(output.count)
    let status = inflate(stream, Z_NO_FLUSH)
    let produced = output.count - Int(stream.pointee.avail_out)
    switch status {
    case Z_STREAM_END:
      isAtBorder = true
      needsInput = unread == 0
    case Z_OK, Z_BUF_ERROR:
      // A full output buffer may mean that more waits inside, even when the input is used up.
      needsInput = unread == 0 && stream.pointee.avail_out > 0
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)"
      throw DecompressionTrouble(reason: "not \(name) data (\(reason))")
    }
    return UnsafeRawBufferPointer(rebasing: output.prefix(produced))
  }
}
