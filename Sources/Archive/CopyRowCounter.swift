public import Digest
internal import Glibc

/// Counts and hashes the rows of a data file as its pieces go by, and sees to it that they end as
/// they must.
///
/// In COPY's text format every row ends with a newline and holds none; the rows end with `\.` on a
/// line of its own, after which an archive has blank lines only.
public struct CopyRowCounter: Sendable {
  /// The rows seen so far.
  public private(set) var rows: Int64 = 0
  /// The hash of the rows seen so far.
  public private(set) var content = ContentHash()
  /// Whether the line `\.` has been seen.
  public private(set) var isEnded = false
  /// Whether something other than blank lines came after the end.
  public private(set) var hasTrailingData = false
  /// The line that began in an earlier piece.
  private var begun: BegunLine?

  private struct BegunLine: Sendable {
    /// The first bytes, as many as tell whether it is the end.
    var start: [UInt8] = []
    var row = ContentHash.Row()

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      start += bytes.prefix(max(0, 3 - start.count))
      row.update(bytes)
    }
  }

  /// Starts before the first row.
  public init() {}

  /// Whether the file ended in the middle of a row.
  public var isCut: Bool { !isEnded && begun != nil }

  /// Adds the next piece.
  public mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard var place = bytes.baseAddress else { return }
    let end = place + bytes.count
    while place < end {
      if isEnded { return checkTail(UnsafeRawBufferPointer(start: place, count: end - place)) }
      guard let newline = memchr(place, 0x0A, end - place).map({ UnsafeRawPointer($0) }) else {
        var line = begun.take() ?? BegunLine()
        line.add(UnsafeRawBufferPointer(start: place, count: end - place))
        begun = line
        return
      }
      finish(UnsafeRawBufferPointer(start: place, count: newline + 1 - place))
      place = newline + 1
    }
  }

  /// Takes a line's last part, with its newline; most lines have one part.
  private mutating func finish(_ bytes: UnsafeRawBufferPointer) {
    guard var line = begun.take() else {
      if bytes.count == 3, bytes.elementsEqual(CopyRowCounter.end) { return isEnded = true }
      content.add(bytes)
      rows += 1
      return
    }
    line.add(bytes)
    if line.start == CopyRowCounter.end { return isEnded = true }
    content.add(line.row)
    rows += 1
  }

  private static let end = Array("\\.\n".utf8)

  private mutating func checkTail(_ bytes: UnsafeRawBufferPointer) {
    if bytes.contains(where: { $0 != 0x0A }) { hasTrailingData = true }
  }
}
