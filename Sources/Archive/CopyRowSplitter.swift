internal import Glibc

/// Cuts the pieces of a data file into whole rows, up to the mark that ends them.
///
/// It keeps at most one row in memory; to count or hash rows, `CopyRowCounter` needs not even that.
public struct CopyRowSplitter: Sendable {
  private var begun: [UInt8] = []
  private var isEnded = false

  /// Starts before the first row.
  public init() {}

  /// Adds the next piece and gives the rows that end in it, each with its newline.
  public mutating func add(
    _ bytes: UnsafeRawBufferPointer, _ row: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    guard var place = bytes.baseAddress else { return }
    let end = place + bytes.count
    while place < end, !isEnded {
      guard let newline = memchr(place, 0x0A, end - place).map({ UnsafeRawPointer($0) }) else {
        begun += UnsafeRawBufferPointer(start: place, count: end - place)
        return
      }
      let part = UnsafeRawBufferPointer(start: place, count: newline + 1 - place)
      place = newline + 1
      if begun.isEmpty {
        try finish(part, row)
      } else {
        begun += part
        let whole = begun
        begun.removeAll(keepingCapacity: true)
        try whole.withUnsafeBytes { try finish($0, row) }
      }
    }
  }

  private mutating func finish(
    _ line: UnsafeRawBufferPointer, _ row: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    if line.count == 3, line.elementsEqual(CopyRowSplitter.end) {
      isEnded = true
    } else {
      try row(line)
    }
  }

  private static let end = Array("\\.\n".utf8)
}
