internal import OrderedCollections

extension JSON {
  /// How a value is written.
  public enum Layout: Sendable {
    /// One line, no spaces: for journals and streams.
    case compact
    /// Two spaces a level: for people and for files under version control.
    case pretty
  }

  /// The value as JSON text, without a newline at its end.
  ///
  /// - Parameter sortedKeys: whether the keys of every object come in byte order, for texts that
  ///   are compared or hashed; else they come as they stand.
  public func text(_ layout: Layout = .compact, sortedKeys: Bool = false) -> String {
    var writer = JSONWriter(pretty: layout == .pretty, sorted: sortedKeys)
    writer.write(self, level: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  let pretty: Bool
  let sorted: Bool
  var bytes: [UInt8] = []

  init(pretty: Bool, sorted: Bool) {
    self.pretty = pretty
    self.sorted = sorted
  }

  mutating func write(_ value: JSON, level: Int) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .int(let number): bytes += String(number).utf8
    case .double(let number): bytes += (number.isFinite ? "\(number)" : "null").utf8
    case .string(let text): string(text)
    case .array(let items):
      list("[", "]", count: items.count, level: level) { writer, index in
        writer.write(items[index], level: level + 1)
      }
    case .object(let members):
      var keys = Array(members.keys)
      if sorted { keys.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
      list("{", "}", count: keys.count, level: level) { writer, index in
        writer.string(keys[index])
        writer.bytes += (writer.pretty ? ": " : ":").utf8
        writer.write(members[keys[index]] ?? .null, level: level + 1)
      }
    }
  }

  private mutating func list(
    _ open: String, _ close: String, count: Int, level: Int,
    _ item: (inout JSONWriter, Int) -> Void
  ) {
    bytes += open.utf8
    for index in 0..<count {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      newline(level + 1)
      item(&self, index)
    }
    if count > 0 { newline(level) }
    bytes += close.utf8
  }

  private mutating func newline(_ level: Int) {
    guard pretty else { return }
    bytes.append(0x0A)
    bytes += repeatElement(0x20, count: level * 2)
  }

  private mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): bytes += "\\\"".utf8
      case UInt8(ascii: "\\"): bytes += "\\\\".utf8
      case 0x0A: bytes += "\\n".utf8
      case 0x0D: bytes += "\\r".utf8
      case 0x09: bytes += "\\t".utf8
      case 0..<0x20, 0x7F:
        let hex = String(byte, radix: 16)
        bytes += ("\\u" + String(repeating: "0", count: 4 - hex.count) + hex).utf8
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
