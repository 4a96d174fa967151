internal import CLZ4

/// LZ4's decompressor over frames that stand one after the other.
final class LZ4Stream: Decompressor {
  private let context: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  private(set) var isAtBorder = true
  private(set) var needsInput = true

  init(limit: Int) {
    var created: OpaquePointer?
    LZ4F_createDecompressionContext(&created, UInt32(LZ4F_VERSION))
    guard let created else { preconditionFailure("no memory for a decompressor") }
    context = created
    output = .allocate(byteCount: limit, alignment: 16)
  }

  deinit {
    LZ4F_freeDecompressionContext(context)
    output.deallocate()
  }

  var unread: Int { rest.count }

  func feed(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
    needsInput = false
  }

  func decompress() throws(DecompressionTrouble) -> UnsafeRawBufferPointer {
    var produced = output.count
    var used = rest.count
    // 0 means that a frame has ended and all of it is given out.
    let status = LZ4F_decompress(
      context, output.baseAddress, &produced, rest.baseAddress, &used, nil)
    guard LZ4F_isError(status) == 0 else {
      throw DecompressionTrouble(
        reason: "not LZ4 data (\(String(cString: LZ4F_getErrorName(status))))")
    }
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(used))
    isAtBorder = status == 0
    needsInput = rest.isEmpty && (isAtBorder || produced < output.count)
    return UnsafeRawBufferPointer(rebasing: output.prefix(produced))
  }
}
