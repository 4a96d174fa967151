internal import Diagnostics
internal import OrderedCollections

/// A value of a TOML document.
enum TOMLValue: Hashable, Sendable {
  case string(String)
  case integer(Int)
  case bool(Bool)
  /// A float or a date: its text, as no setting of Alembic is one.
  case other(String)
  case array([TOMLValue])
  case table(OrderedDictionary<String, TOMLValue>)

  subscript(key: String) -> TOMLValue? {
    if case .table(let table) = self { table[key] } else { nil }
  }

  var string: String? { if case .string(let text) = self { text } else { nil } }
}

/// Reads TOML 1.0, for `[tool.alembic]` of `pyproject.toml`: the rest of the file is other tools'
/// business, but it has to be understood to be passed over.
struct TOMLReader {
  private let file: String
  private let bytes: [UInt8]
  private var place = 0
  private var root: OrderedDictionary<String, TOMLValue> = [:]
  /// Where `key = value` goes now.
  private var path: [String] = []
  /// The tables that have had their header.
  private var declared: Set<[String]> = []

  /// Reads the text of a file.
  ///
  /// - Throws: `ProjectError` with the line and column.
  static func read(_ text: String, file: String) throws(ProjectError) -> TOMLValue {
    var reader = TOMLReader(file: file, bytes: Array(text.utf8))
    try reader.document()
    return .table(reader.root)
  }

  private init(file: String, bytes: [UInt8]) {
    self.file = file
    self.bytes = bytes
  }

  // MARK: - Lines

  private mutating func document() throws(ProjectError) {
    while true {
      skipBlank(newlines: true)
      guard let byte = peek() else { return }
      if byte == UInt8(ascii: "[") {
        try header()
      } else {
        let (key, value) = try pair()
        try store(value, at: path + key)
      }
      skipBlank(newlines: false)
      guard peek() == nil || isNewline else { throw wrong("expected the end of the line") }
    }
  }

  private mutating func header() throws(ProjectError) {
    let isArray = peek(1) == UInt8(ascii: "[")
    place += isArray ? 2 : 1
    path = try keys()
    guard take("]"), !isArray || take("]") else { throw wrong("expected ] after the table's name") }
    if isArray {
      declared = declared.filter { !$0.starts(with: path) }
      try store(.table([:]), at: path, appending: true)
    } else {
      let isNew = declared.insert(path).inserted
      guard isNew else { throw wrong("[\(path.joined(separator: "."))] stands there twice") }
      try store(.table([:]), at: path, keepsTable: true)
    }
  }

  private mutating func pair() throws(ProjectError) -> (key: [String], value: TOMLValue) {
    let key = try keys()
    guard take("=") else { throw wrong("expected = after \(key.joined(separator: "."))") }
    skipBlank(newlines: false)
    return (key, try value(depth: 0))
  }

  private mutating func keys() throws(ProjectError) -> [String] {
    var keys: [String] = []
    repeat {
      skipBlank(newlines: false)
      switch peek() {
      case UInt8(ascii: "\""): keys.append(try basicString())
      case UInt8(ascii: "'"): keys.append(try literalString())
      default:
        let start = place
        while let byte = peek(), TOMLReader.isBare(byte) { place += 1 }
        if start == place { throw wrong("expected a key") }
        keys.append(text(start..<place))
      }
      skipBlank(newlines: false)
    } while take(".")
    return keys
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  // MARK: - Storing

  /// Puts a value at a path of tables; in an array of tables its last one is meant.
  private mutating func store(
    _ value: TOMLValue, at path: [String], appending: Bool = false, keepsTable: Bool = false
  ) throws(ProjectError) {
    func stored(
      in table: OrderedDictionary<String, TOMLValue>, _ rest: ArraySlice<String>
    ) throws(ProjectError) -> OrderedDictionary<String, TOMLValue> {
      guard let key = rest.first else { return table }
      var table = table
      if rest.count == 1 {
        switch table[key] {
        case nil: table[key] = appending ? .array([value]) : value
        case .array(let items)? where appending: table[key] = .array(items + [value])
        case .table? where keepsTable: break
        case .array? where keepsTable: break
        default: throw wrong("\(key) stands there twice")
        }
        return table
      }
      switch table[key] {
      case nil: table[key] = .table(try stored(in: [:], rest.dropFirst()))
      case .table(let inner)?: table[key] = .table(try stored(in: inner, rest.dropFirst()))
      case .array(var items)?:
        guard case .table(let inner)? = items.last else { throw wrong("\(key) is no table") }
        items[items.count - 1] = .table(try stored(in: inner, rest.dropFirst()))
        table[key] = .array(items)
      default: throw wrong("\(key) is no table")
      }
      return table
    }
    root = try stored(in: root, path[...])
  }

  // MARK: - Values

  private mutating func value(depth: Int) throws(ProjectError) -> TOMLValue {
    if depth > 64 { throw wrong("values nest deeper than 64") }
    switch peek() {
    case UInt8(ascii: "\""):
      return .string(try starts(with: "\"\"\"") ? multilineBasic() : basicString())
    case UInt8(ascii: "'"):
      return .string(try starts(with: "'''") ? multilineLiteral() : literalString())
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): return try inlineTable(depth: depth)
    default: return try word()
    }
  }

  private mutating func array(depth: Int) throws(ProjectError) -> TOMLValue {
    place += 1
    var items: [TOMLValue] = []
    while true {
      skipBlank(newlines: true)
      if take("]") { return .array(items) }
      items.append(try value(depth: depth + 1))
      skipBlank(newlines: true)
      if take("]") { return .array(items) }
      guard take(",") else { throw wrong("expected , or ] in the array") }
    }
  }

  private mutating func inlineTable(depth: Int) throws(ProjectError) -> TOMLValue {
    place += 1
    var inner = TOMLReader(file: file, bytes: bytes)
    inner.place = place
    inner.skipBlank(newlines: false)
    while !inner.take("}") {
      let key = try inner.keys()
      guard inner.take("=") else { throw inner.wrong("expected = in the table") }
      inner.skipBlank(newlines: false)
      try inner.store(try inner.value(depth: depth + 1), at: key)
      inner.skipBlank(newlines: false)
      if inner.take("}") { break }
      guard inner.take(",") else { throw inner.wrong("expected , or } in the table") }
      inner.skipBlank(newlines: false)
    }
    place = inner.place
    return .table(inner.root)
  }

  /// A boolean, a number or a date.
  private mutating func word() throws(ProjectError) -> TOMLValue {
    let start = place
    while let byte = peek(),
      TOMLReader.isBare(byte)
        || [UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":")]
          .contains(byte)
    {
      place += 1
    }
    // `1979-05-27 07:32:00` holds a space.
    if place - start == 10, peek() == UInt8(ascii: " "), let next = peek(1), next >= 0x30,
      next <= 0x39
    {
      place += 1
      while let byte = peek(),
        TOMLReader.isBare(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
      {
        place += 1
      }
    }
    let word = text(start..<place)
    switch word {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "": throw wrong("expected a value")
    default:
      let digits = word.filter { $0 != "_" }
      if let number = Int(digits) ?? TOMLReader.prefixed(digits) { return .integer(number) }
      guard let first = word.utf8.first,
        first < 0x3A || word.hasSuffix("inf") || word.hasSuffix("nan")
      else { throw wrong("\(word) is no value") }
      return .other(word)
    }
  }

  /// `0xff`, `0o17`, `0b11`.
  private static func prefixed(_ digits: String) -> Int? {
    let radix = ["0x": 16, "0o": 8, "0b": 2][String(digits.prefix(2))]
    return radix.flatMap { Int(digits.dropFirst(2), radix: $0) }
  }

  // MARK: - Strings

  private mutating func basicString() throws(ProjectError) -> String {
    place += 1
    var result: [UInt8] = []
    while let byte = peek(), !isNewline {
      place += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: result, as: UTF8.self) }
      if byte == UInt8(ascii: "\\") { try escape(into: &result) } else { result.append(byte) }
    }
    throw wrong("the text has no end on its line")
  }

  private mutating func literalString() throws(ProjectError) -> String {
    place += 1
    let start = place
    while let byte = peek(), !isNewline {
      place += 1
      if byte == UInt8(ascii: "'") { return text(start..<(place - 1)) }
    }
    throw wrong("the text has no end on its line")
  }

  private mutating func multilineBasic() throws(ProjectError) -> String {
    place += 3
    skipNewline()
    var result: [UInt8] = []
    while let byte = peek() {
      if starts(with: "\"\"\"") {
        place += 3
        // Up to two quotes may stand before the end.
        while peek() == UInt8(ascii: "\"") {
          result.append(UInt8(ascii: "\""))
          place += 1
        }
        return String(decoding: result, as: UTF8.self)
      }
      place += 1
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      let mark = place
      skipSpaces()
      if isNewline {
        while isNewline || isSpace { place += 1 }
      } else {
        place = mark
        try escape(into: &result)
      }
    }
    throw wrong("the text has no end")
  }

  private mutating func multilineLiteral() throws(ProjectError) -> String {
    place += 3
    skipNewline()
    let start = place
    while peek() != nil {
      if starts(with: "'''") {
        place += 3
        while peek() == UInt8(ascii: "'") { place += 1 }
        return text(start..<(place - 3))
      }
      place += 1
    }
    throw wrong("the text has no end")
  }

  private mutating func escape(into result: inout [UInt8]) throws(ProjectError) {
    let byte = peek()
    place += 1
    switch byte {
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): result.append(byte ?? 0)
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let end = min(place + (byte == UInt8(ascii: "u") ? 4 : 8), bytes.count)
      guard let number = UInt32(text(place..<end), radix: 16), let scalar = Unicode.Scalar(number)
      else { throw wrong("the escape is no character") }
      result += Array(String(Character(scalar)).utf8)
      place = end
    default: throw wrong("a backslash is followed by nothing that TOML knows")
    }
  }

  // MARK: - Bytes

  private func peek(_ distance: Int = 0) -> UInt8? {
    place + distance < bytes.count ? bytes[place + distance] : nil
  }

  private var isNewline: Bool {
    peek() == 0x0A || (peek() == 0x0D && peek(1) == 0x0A)
  }

  private var isSpace: Bool { peek() == 0x20 || peek() == 0x09 || peek() == 0x0D }

  private func starts(with text: String) -> Bool {
    bytes[place...].starts(with: text.utf8)
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: byte) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpaces() { while peek() == 0x20 || peek() == 0x09 { place += 1 } }

  private mutating func skipNewline() {
    if peek() == 0x0D { place += 1 }
    if peek() == 0x0A { place += 1 }
  }

  /// Skips spaces and comments, and ends of lines where those mean nothing.
  private mutating func skipBlank(newlines: Bool) {
    while let byte = peek() {
      if byte == 0x20 || byte == 0x09 || (newlines && (byte == 0x0A || byte == 0x0D)) {
        place += 1
      } else if byte == UInt8(ascii: "#") {
        while peek() != nil, !isNewline { place += 1 }
      } else {
        return
      }
    }
  }

  private func wrong(_ message: String) -> ProjectError {
    let before = bytes[..<min(place, bytes.count)]
    let line = before.count { $0 == 0x0A } + 1
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = String(decoding: before[start...], as: UTF8.self).count + 1
    return ProjectError(
      at: SourceLocation(file: file, line: line, column: column), "no TOML: \(message)")
  }
}
