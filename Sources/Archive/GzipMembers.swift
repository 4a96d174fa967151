internal import CDeflate

/// Decompresses gzip members that stand one after the other, each at once where it is no larger than
/// libdeflate writes them, and ISA-L: that is three times as fast as zlib, whose turn it is from the first
/// member on that is larger, damaged or cut.
final class GzipMembers: Decompressor {
  private let decompressor: OpaquePointer
  private let output = UnsafeMutableRawBufferPointer.allocate(
    byteCount: RowPipeline.pieceSize, alignment: 16)
  /// How much is given out at once.
  private let limit: Int
  /// What has been decompressed and not given out.
  private var waiting: Range<Int> = 0..<0
  private var input = InputWindow()
  private var isInputEnded = false
  private var stream: GzipStream?

  /// A member of this size, or all input that there is, has to be there before it is tried.
  private static let largestMember = libdeflate_gzip_compress_bound(nil, RowPipeline.pieceSize)

  init(limit: Int) {
    guard let decompressor = libdeflate_alloc_decompressor() else {
      preconditionFailure("no memory for a decompressor")
    }
    self.decompressor = decompressor
    self.limit = limit
  }

  deinit {
    libdeflate_free_decompressor(decompressor)
    output.deallocate()
  }

  var isAtBorder: Bool { stream?.isAtBorder ?? (input.count == 0 && waiting.isEmpty) }

  var unread: Int { stream?.unread ?? input.count }

  var needsInput: Bool {
    if let stream { return stream.needsInput }
    guard waiting.isEmpty else { return false }
    return isInputEnded ? input.count == 0 : input.count < GzipMembers.largestMember
  }

  func feed(_ bytes: UnsafeRawBufferPointer) {
    if let stream { return stream.feed(bytes) }
    input.append(bytes)
  }

  func endInput() { isInputEnded = true }

  func decompress() throws(DecompressionTrouble) -> UnsafeRawBufferPointer {
    if let stream { return try stream.decompress() }
    if waiting.isEmpty, !decompressMember() {
      let stream = GzipStream(limit: limit, isZlib: false)
      stream.feed(input.bytes)
      self.stream = stream
      return try stream.decompress()
    }
    let part = waiting.prefix(limit)
    waiting = part.upperBound..<waiting.upperBound
    return UnsafeRawBufferPointer(rebasing: output[part])
  }

  private func decompressMember() -> Bool {
    let bytes = input.bytes
    var used = 0
    var produced = 0
    let result = libdeflate_gzip_decompress_ex(
      decompressor, bytes.baseAddress, bytes.count, output.baseAddress, output.count, &used,
      &produced)
    guard result == LIBDEFLATE_SUCCESS else { return false }
    input.drop(used)
    waiting = 0..<produced
    return true
  }
}

/// Input that came in chunks, side by side.
private struct InputWindow: ~Copyable {
  private var space = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 16)
  private var used: Range<Int> = 0..<0

  deinit { space.deallocate() }

  var count: Int { used.count }
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: space[used]) }

  mutating func drop(_ count: Int) { used = used.lowerBound + count..<used.upperBound }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if used.upperBound + bytes.count > space.count { makeRoom(for: bytes.count) }
    UnsafeMutableRawBufferPointer(rebasing: space[used.upperBound...]).copyMemory(from: bytes)
    used = used.lowerBound..<used.upperBound + bytes.count
  }

  private mutating func makeRoom(for count: Int) {
    // They may overlap, which copyMemory allows.
    if used.count + count <= space.count {
      space.copyMemory(from: bytes)
    } else {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: used.count + count, alignment: 16)
      larger.copyMemory(from: bytes)
      space.deallocate()
      space = larger
    }
    used = 0..<used.count
  }
}
