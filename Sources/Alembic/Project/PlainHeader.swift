internal import PythonSubset

/// The header of a revision script in the form that `alembic revision` gives it, read without a parser.
///
/// A docstring, imports, and assignments of texts, `None` and tuples of texts, each on a line of its own and in
/// ASCII: most scripts of most projects begin so. Every other form is the parser's, who reads
/// the same from this one.
struct PlainHeader {
  private enum Value {
    case none
    case text(String)
    case texts([String])
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0
  private var documentation = ""
  private var values: [(name: String, value: Value)] = []

  /// The revision that a file describes, where nothing behind its header names a part of it; nil where the
  /// header has another form.
  static func revision(headOf source: [UInt8], path: String) -> Revision? {
    source.withUnsafeBufferPointer { bytes in
      var header = PlainHeader(bytes)
      guard let end = header.read(),
        !Module.says(PythonHeader.names, source[end...])
      else { return nil }
      return header.revision(path: path)
    }
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private func revision(path: String) -> Revision? {
    guard case .text(let id)? = self["revision"], let down = names("down_revision"),
      let dependencies = names("depends_on", ifMissing: []),
      let labels = names("branch_labels", ifMissing: [])
    else { return nil }
    return Revision(
      id: id, downRevisions: down, dependencies: dependencies, branchLabels: labels,
      longDoc: documentation.stripped, path: path)
  }

  private subscript(name: String) -> Value? { values.last { $0.name == name }?.value }

  private func names(_ name: String, ifMissing missing: [String]? = nil) -> [String]? {
    switch self[name] {
    case nil: missing
    case .none?: []
    case .text(let text)?: [text]
    case .texts(let texts)?: texts
    }
  }

  // MARK: - Lines

  /// Where the header ends: at the first definition; nil where it has another form.
  private mutating func read() -> Int? {
    skipEmptyLines()
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'"), !readDocumentation() { return nil }
    while true {
      skipEmptyLines()
      let start = place
      if next == UInt8(ascii: "@") { return start }
      guard let word = readWord() else { return nil }
      switch word {
      case "def", "class": return next == UInt8(ascii: " ") ? start : nil
      case "async": return skip(UInt8(ascii: " ")) && readWord() == "def" ? start : nil
      case "import": guard readImports() else { return nil }
      case "from": guard readImportsFrom() else { return nil }
      default: guard readAssignment(to: word) else { return nil }
      }
      guard endLine() else { return nil }
    }
  }

  private mutating func skipEmptyLines() {
    while place < bytes.count {
      let start = place
      guard endLine() else {
        place = start
        return
      }
    }
  }

  /// Reads what may stand behind a statement: spaces, a comment, the end of the line. Says no where
  /// something else does.
  private mutating func endLine() -> Bool {
    skipSpaces()
    if next == UInt8(ascii: "#") {
      // One that says how the file is encoded says nothing about ASCII.
      while let byte = next, byte != 10 {
        guard isPlain(byte) else { return false }
        place += 1
      }
    }
    return skip(10)
  }

  /// Reads a text in three quotes without escapes.
  private mutating func readDocumentation() -> Bool {
    guard let quote = next, skip(quote), skip(quote), skip(quote) else { return false }
    let start = place
    while place + 2 < bytes.count {
      if bytes[place] == quote, bytes[place + 1] == quote, bytes[place + 2] == quote {
        documentation = String(decoding: bytes[start..<place], as: UTF8.self)
        place += 3
        return endLine()
      }
      guard isPlain(bytes[place]) || bytes[place] == 10, bytes[place] != UInt8(ascii: "\\") else {
        return false
      }
      place += 1
    }
    return false
  }

  // MARK: - Imports

  private mutating func readImports() -> Bool {
    skipSpaces()
    repeat {
      guard readDottedName(), readAlias() else { return false }
    } while skipComma()
    return true
  }

  private mutating func readImportsFrom() -> Bool {
    skipSpaces()
    let start = place
    guard readDottedName() else { return false }
    // Not every name may come from there, and not from everywhere in a file.
    if bytes[start..<place].elementsEqual("__future__".utf8) { return false }
    skipSpaces()
    guard readWord() == "import" else { return false }
    skipSpaces()
    repeat {
      guard readName(), readAlias() else { return false }
    } while skipComma()
    return true
  }

  private mutating func readAlias() -> Bool {
    skipSpaces()
    guard next == UInt8(ascii: "a") else { return true }
    guard readWord() == "as" else { return false }
    skipSpaces()
    return readName()
  }

  private mutating func readDottedName() -> Bool {
    repeat {
      guard readName() else { return false }
    } while skip(UInt8(ascii: "."))
    return true
  }

  /// Reads a name that may be bound without changing the header.
  private mutating func readName() -> Bool {
    guard let word = readWord() else { return false }
    return !ReservedWord.contains(word) && !PythonHeader.names.contains(word)
  }

  // MARK: - Assignments

  private mutating func readAssignment(to name: String) -> Bool {
    guard PythonHeader.names.contains(name) else { return false }
    skipSpaces()
    if skip(UInt8(ascii: ":")), !readAnnotation() { return false }
    guard skip(UInt8(ascii: "=")) else { return false }
    skipSpaces()
    guard let value = readValue() else { return false }
    values.append((name, value))
    return true
  }

  /// Reads names, `|`, and brackets around them: `Union[str, Sequence[str], None]`.
  private mutating func readAnnotation(depth: Int = 0) -> Bool {
    guard depth < 8 else { return false }
    repeat {
      skipSpaces()
      guard let word = readWord(), word == "None" || !ReservedWord.contains(word) else {
        return false
      }
      skipSpaces()
      if skip(UInt8(ascii: "[")) {
        repeat {
          guard readAnnotation(depth: depth + 1) else { return false }
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { return false }
        skipSpaces()
      }
    } while skip(UInt8(ascii: "|"))
    return true
  }

  private mutating func readValue() -> Value? {
    switch next {
    case UInt8(ascii: "N"): return readWord() == "None" ? Value.none : nil
    case UInt8(ascii: "("): return readTexts(until: UInt8(ascii: ")"))
    case UInt8(ascii: "["): return readTexts(until: UInt8(ascii: "]"))
    default: return readText().map(Value.text)
    }
  }

  private mutating func readTexts(until end: UInt8) -> Value? {
    place += 1
    var texts: [String] = []
    skipSpaces()
    while !skip(end) {
      guard let text = readText() else { return nil }
      texts.append(text)
      skipSpaces()
      guard skipComma() || next == end else { return nil }
    }
    return .texts(texts)
  }

  private mutating func readText() -> String? {
    guard let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return nil
    }
    place += 1
    let start = place
    while let byte = next, byte != quote {
      guard isPlain(byte), byte != UInt8(ascii: "\\") else { return nil }
      place += 1
    }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    return skip(quote) ? text : nil
  }

  // MARK: - Bytes

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) || byte == 9 }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func skipSpaces() { while skip(UInt8(ascii: " ")) {} }

  private mutating func skipComma() -> Bool {
    guard skip(UInt8(ascii: ",")) else { return false }
    skipSpaces()
    return true
  }

  private mutating func readWord() -> String? {
    let start = place
    while let byte = next, isLetter(byte) || place > start && isDigit(byte) { place += 1 }
    guard place > start else { return nil }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }
}
