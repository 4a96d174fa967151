import Glibc
import JSON
import Testing

@testable import LogOps

@Suite("A hostile log harms neither terminal nor memory")
struct HostileTests {
  /// Feeds pieces as a container's log and gives what comes out.
  private func shown(
    _ pieces: some Sequence<[UInt8]>, _ options: LogOptions = LogOptions()
  ) throws -> [UInt8] {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let pipeline = try LogPipeline(options, descriptor: fileno(file))
    let source = pipeline.addStamped(SourceLabel("p/c", fields: []), LogNotices { _ in })
    for piece in pieces { _ = try piece.withUnsafeBytes { try pipeline.feed($0, from: source) } }
    try pipeline.end(source)
    _ = try pipeline.finish()
    let count = Int(lseek(fileno(file), 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: count)
    guard pread(fileno(file), &bytes, count, 0) == count else { throw Unusable() }
    return bytes
  }

  private func cut(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: size).map {
      Array(bytes[$0..<min($0 + size, bytes.count)])
    }
  }

  private static let stamp = Array("2026-11-29T10:00:00.000000001Z ".utf8)

  /// Titles, cursor moves, answers that a terminal would type, links, C1 controls, NUL, bytes that are
  /// no UTF-8, overlong forms, marks that turn a line round.
  private static let attacks: [[UInt8]] = [
    Array("\u{1B}]0;owned\u{07}\u{1B}[2J\u{1B}[H\u{1B}c\u{1B}[?1049h".utf8),
    Array("\u{1B}[6n\u{1B}[c\u{1B}P$q\"p\u{1B}\\\u{1B}]52;c;cm0gLXJm\u{07}".utf8),
    Array("\u{1B}]8;;file:///etc/passwd\u{1B}\\click\u{1B}]8;;\u{1B}\\".utf8),
    Array("\u{9B}31m\u{90}x\u{9C}\u{85}".utf8), [0x9B, 0x33, 0x31, 0x6D, 0x90, 0x9C],
    [0x61, 0x00, 0x62, 0x00], [0xC0, 0x9B, 0xE0, 0x80, 0x9B, 0xED, 0xA0, 0x80, 0xFF, 0xFE],
    [0xF0, 0x9F], Array("user\u{202E}txt.exe\u{200B}\u{2066}".utf8),
    Array("over\rwritten\u{08}\u{7F}".utf8),
    Array("\u{1B}[".utf8), Array("\u{1B}[31".utf8), [0x1B],
  ]

  private static let log: [UInt8] = attacks.reduce(into: []) { $0 += stamp + $1 + [0x0A] }

  @Test("nothing of it speaks to a terminal", arguments: [1, 3, 1 << 16])
  func terminal(size: Int) throws {
    let log = Self.log
    for format in [RecordStyle.Format.text, .raw] {
      let options = options {
        $0.style.isTerminal = true
        $0.style.format = format
      }
      let bytes = try shown(cut(log, size), options)
      #expect(bytes.count { $0 == 0x0A } == Self.attacks.count)
      #expect(String(validating: bytes, as: UTF8.self) != nil)
      for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar != "\n" {
        #expect(scalar.properties.generalCategory != .control, "\(scalar.value)")
        #expect(scalar.properties.generalCategory != .format, "\(scalar.value)")
      }
    }
  }

  @Test("every line of it is an object that can be read", arguments: [1, 3, 1 << 16])
  func json(size: Int) throws {
    let log = Self.log
    let bytes = try shown(cut(log, size), options { $0.style.format = .json })
    let lines = bytes.split(separator: 0x0A)
    #expect(lines.count == Self.attacks.count)
    for line in lines {
      #expect(line.allSatisfy { $0 >= 0x20 })
      #expect(try JSON(parsing: Array(line))["message"]?.string != nil)
    }
  }

  @Test("a line of 100 MB takes no more memory than a line may have, and what was cut is said")
  func longLine() throws {
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 16_384)
    let before = try residentBytes()
    let count = 100_000_000 / piece.count
    let pieces = (0..<count + 2).lazy.map { index in
      switch index {
      case 0: Self.stamp
      case count + 1: [0x0A] + Self.stamp + Array("next\n".utf8)
      default: piece
      }
    }
    let bytes = try shown(pieces)
    #expect(try residentBytes() - before < 32 << 20)
    let limit = LineSplitter.usualLimit
    let message = limit - Self.stamp.count
    let lines = bytes.split(separator: 0x0A)
    #expect(lines.count == 2)
    #expect(
      lines[0].dropFirst(message).elementsEqual(
        " [\(count * piece.count - message) bytes more were cut]".utf8))
    #expect(lines[1].elementsEqual("next".utf8))
  }

  private func residentBytes() throws -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { throw Unusable() }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 200)
    guard fgets(&line, 200, file) != nil else { throw Unusable() }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Int(words[1]) else { throw Unusable() }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  @Test("a secret that comes in two pieces is hidden wherever they part")
  func secretInTwoPieces() throws {
    let secret = "hunter2-9f8e7d6c5b"
    let log = Self.stamp + Array("connect postgres://app:\(secret)@db/x token=\(secret)\n".utf8)
    for border in 1..<log.count {
      let bytes = try shown([Array(log[..<border]), Array(log[border...])])
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text == "connect postgres://app:********@db/x token=********\n")
    }
  }

  @Test("a secret that a stream broke in the middle of is hidden when it goes on")
  func secretInBrokenStream() throws {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let pipeline = try LogPipeline(LogOptions(), descriptor: fileno(file))
    let source = pipeline.addStamped(SourceLabel("p/c", fields: []), LogNotices { _ in })
    let line = "2026-11-29T10:00:00.1Z password=hunter2\n"
    for length in 0..<line.utf8.count {
      _ = pipeline.begin(source)
      _ = try String(line.prefix(length)).bytes { try pipeline.feed($0, from: source) }
    }
    _ = pipeline.begin(source)
    _ = try line.bytes { try pipeline.feed($0, from: source) }
    try pipeline.end(source)
    _ = try pipeline.finish()
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(fileno(file), &bytes, 200, 0)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "password=********\n")
  }
}
