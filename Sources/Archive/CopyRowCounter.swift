internal import Glibc

/// Counts the rows of a data file as its pieces go by, and sees to it that they end as they must.
///
/// In COPY's text format every row ends with a newline and holds none; the rows end with `\.` on a
/// line of its own, after which an archive has blank lines only.
public struct CopyRowCounter: Sendable {
  /// The rows seen so far.
  public private(set) var rows: Int64 = 0
  /// Whether the line `\.` has been seen.
  public private(set) var isEnded = false
  /// Whether something other than blank lines came after the end.
  public private(set) var hasTrailingData = false
  /// The first bytes of the line that has begun, as many as tell whether it is the end.
  private var lineStart: [UInt8] = []

  /// Starts before the first row.
  public init() {}

  /// Whether the file ended in the middle of a row.
  public var isCut: Bool { !isEnded && !lineStart.isEmpty }

  /// Adds the next piece.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard var place = bytes.baseAddress else { return }
    let end = place + bytes.count
    while place < end {
      if isEnded { return checkTail(UnsafeRawBufferPointer(start: place, count: end - place)) }
      let newline = memchr(place, 0x0A, end - place).map { UnsafeRawPointer($0) }
      let line = UnsafeRawBufferPointer(start: place, count: (newline ?? end) - place)
      // Only three bytes of a line matter; most lines start and end within one piece.
      if newline == nil || !lineStart.isEmpty {
        lineStart += line.prefix(max(0, 3 - lineStart.count))
      }
      guard let newline else { return }
      if lineStart.isEmpty ? isEnd(line) : lineStart.elementsEqual(CopyRowCounter.end) {
        isEnded = true
      } else {
        rows += 1
      }
      lineStart.removeAll(keepingCapacity: true)
      place = newline + 1
    }
  }

  private static let end = Array("\\.".utf8)

  private func isEnd(_ line: UnsafeRawBufferPointer) -> Bool {
    line.count == 2 && line[0] == CopyRowCounter.end[0] && line[1] == CopyRowCounter.end[1]
  }

  private mutating func checkTail(_ bytes: UnsafeRawBufferPointer) {
    if bytes.contains(where: { $0 != 0x0A }) { hasTrailingData = true }
  }
}
