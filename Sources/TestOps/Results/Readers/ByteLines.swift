internal import Glibc

extension Collection<UInt8> {
  /// Cuts what comes in pieces into lines, without their ends; a line's bytes beyond a limit are left out.
  ///
  /// - Parameters:
  ///   - rest: what was left of the piece before, and is of this one.
  ///   - body: gets every line that has ended.
  func forEachLine(keeping rest: inout [UInt8], upTo limit: Int, _ body: ([UInt8]) -> Void) {
    let done: Void? = withContiguousStorageIfAvailable { bytes in
      guard let base = bytes.baseAddress else { return }
      var start = 0
      while let found = memchr(base + start, 0x0A, bytes.count - start) {
        let end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        rest += bytes[start..<end].prefix(Swift.max(0, limit - rest.count))
        body(rest)
        rest.removeAll(keepingCapacity: true)
        start = end + 1
      }
      rest += bytes[start...].prefix(Swift.max(0, limit - rest.count))
    }
    if done == nil { Array(self).forEachLine(keeping: &rest, upTo: limit, body) }
  }
}
