/// The byte patterns that have to be replaced, found by their first byte.
///
/// Of the patterns that begin at one place the longest counts, so that a secret which begins with
/// another secret leaves no tail behind.
struct PatternTable: Sendable {
  private var byFirstByte: [UInt8: [[UInt8]]] = [:]

  var isEmpty: Bool { byFirstByte.isEmpty }

  mutating func insert(_ pattern: [UInt8]) {
    guard let first = pattern.first else { return }
    var bucket = byFirstByte[first] ?? []
    guard !bucket.contains(pattern) else { return }
    bucket.insert(pattern, at: bucket.firstIndex { $0.count < pattern.count } ?? bucket.endIndex)
    byFirstByte[first] = bucket
  }

  /// Replaces what it finds.
  ///
  /// - Parameter isFinal: whether nothing follows; else the bytes at the end that could still
  ///   become a secret are not consumed.
  func mask(_ bytes: ArraySlice<UInt8>, isFinal: Bool) -> (output: [UInt8], consumed: Int) {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      switch match(at: index, in: bytes, isFinal: isFinal) {
      case .none:
        output.append(bytes[index])
        index += 1
      case .found(let length):
        output += Masker.replacement.utf8
        index += length
      case .undecided:
        return (output, index - bytes.startIndex)
      }
    }
    return (output, bytes.count)
  }

  private enum Match {
    case none, undecided
    case found(Int)
  }

  private func match(at index: Int, in bytes: ArraySlice<UInt8>, isFinal: Bool) -> Match {
    guard let bucket = byFirstByte[bytes[index]] else { return .none }
    let rest = bytes[index...]
    for pattern in bucket {
      if rest.count >= pattern.count {
        if rest.starts(with: pattern) { return .found(pattern.count) }
      } else if !isFinal, pattern.starts(with: rest) {
        return .undecided
      }
    }
    return .none
  }
}
