internal import Archive
internal import SystemPackage

/// The bytes of a script, decompressed as they are needed; the line of the next one is known.
struct ScriptBytes: Sendable {
  private let source: DataFileReader
  private(set) var buffer: [UInt8] = []
  private(set) var position = 0
  private var isAtEnd = false
  /// The line of the next byte, from 1.
  private(set) var line = 1

  /// Opens a script, which may be compressed whatever its name is.
  init(_ path: FilePath) throws {
    source = try DataFileReader(opening: path, compressedBy: .detected(in: path))
  }

  /// How many bytes of the file have been read.
  var bytesRead: Int64 { source.bytesRead }

  /// Whether nothing is left; meaningful after `ensure`.
  var isEmpty: Bool { position == buffer.count }

  /// Sees to it that so many bytes can be looked at, where there are that many.
  mutating func ensure(_ count: Int) throws {
    while buffer.count - position < count, !isAtEnd {
      if position > 0 {
        buffer.removeSubrange(..<position)
        position = 0
      }
      let hasMore = try source.next { buffer.append(contentsOf: $0) }
      isAtEnd = !hasMore
    }
  }

  /// The byte so far ahead; 0 where there is none. `ensure` comes first.
  func peek(_ offset: Int) -> UInt8 {
    position + offset < buffer.count ? buffer[position + offset] : 0
  }

  /// Whether a text stands at the place. `ensure` comes first.
  func stands(_ text: some Collection<UInt8>) -> Bool { buffer[position...].starts(with: text) }

  /// Goes on by so many bytes.
  mutating func advance(_ count: Int = 1) {
    let end = min(buffer.count, position + count)
    for index in position..<end where buffer[index] == 0x0A { line += 1 }
    position = end
  }

  /// Goes on by so many bytes, of which the line ends have been counted.
  mutating func advance(_ count: Int, lines: Int) {
    position += count
    line += lines
  }

  /// Goes on to the first byte that is one of two, or as far as the buffer reaches, and appends what
  /// lies between.
  mutating func take(upTo a: UInt8, _ b: UInt8, into text: inout [UInt8]) {
    var index = position
    while index < buffer.count {
      let byte = buffer[index]
      if byte == a || byte == b { break }
      if byte == 0x0A { line += 1 }
      index += 1
    }
    text += buffer[position..<index]
    position = index
  }
}
