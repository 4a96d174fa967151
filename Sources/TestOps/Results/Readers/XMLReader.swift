internal import Glibc
internal import Text

/// Why a text is no XML, or none that this reader takes, and where.
struct XMLError: Error, Hashable {
  var message: String
  var line: Int
  var offset: Int
}

/// Reads XML piece by piece in bounded memory, as far as files of results need it.
///
/// It takes UTF-8 without a document type: a document type could define entities, and those could
/// stand for gigabytes or for files. Bytes that are no UTF-8 become U+FFFD; control characters, which
/// XML forbids and test runners write, pass as they are.
struct XMLReader {
  enum Event: Equatable {
    case start(String, [String: String])
    case end(String)
    /// A part of a text; a long one comes in many.
    case text([UInt8])
  }

  private enum Limit {
    static let name = 256
    static let value = 32768
    static let attributes = 256
    static let depth = 128
  }

  private let source: ResultSource
  private var buffer = [UInt8](repeating: 0, count: 65536)
  private var place = 0
  private var end = 0
  private var offsetBefore = 0
  private var linesBefore = 1
  private var isAtEnd = false
  private var open: [String] = []
  /// The end of an element that closes itself.
  private var pendingEnd: String?
  private var hasRoot = false
  private var isInData = false
  private var held: [UInt8] = []

  init(_ source: ResultSource) throws {
    self.source = source
    try refuseEncodings()
  }

  /// The elements that the reader is in, from the outermost.
  var path: [String] { open }

  /// The next piece; nil behind the end of the document.
  mutating func next() throws -> Event? {
    if let name = pendingEnd {
      pendingEnd = nil
      open.removeLast()
      return .end(name)
    }
    if isInData { return .text(try characterData()) }
    while let byte = try peek() {
      if byte != UInt8(ascii: "<") {
        if let text = try text() { return .text(text) }
        continue
      }
      place += 1
      switch try peek() {
      case UInt8(ascii: "?"): try skip(past: "?>", of: "a processing instruction")
      case UInt8(ascii: "!"): if let data = try declaration() { return .text(data) }
      case UInt8(ascii: "/"): return try endTag()
      default: return try startTag()
      }
    }
    if let name = open.last { throw fail("it ends within <\(name)>, which is never closed") }
    if !hasRoot { throw fail(offset == 0 ? "it is empty" : "there is no element in it") }
    return nil
  }

  // MARK: Bytes

  private var offset: Int { offsetBefore + place }

  func fail(_ message: String) -> XMLError {
    XMLError(message: message, line: linesBefore + lines(before: place), offset: offset)
  }

  /// Where a byte stands next in what is read already, before a place; that place where it does not.
  private func next(_ byte: UInt8, from start: Int, before stop: Int) -> Int {
    buffer.withUnsafeBytes { bytes in
      guard start < stop, let base = bytes.baseAddress,
        let found = memchr(base + start, Int32(byte), stop - start)
      else { return stop }
      return UnsafeRawPointer(found) - base
    }
  }

  private func lines(before stop: Int) -> Int {
    var (count, place) = (0, next(0x0A, from: 0, before: stop))
    while place < stop {
      count += 1
      place = next(0x0A, from: place + 1, before: stop)
    }
    return count
  }

  private mutating func peek() throws -> UInt8? {
    if place == end {
      if isAtEnd { return nil }
      offsetBefore += end
      linesBefore += lines(before: end)
      (place, end) = (0, 0)
      end = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
      if end == 0 {
        isAtEnd = true
        return nil
      }
    }
    return buffer[place]
  }

  private mutating func need(_ what: String) throws -> UInt8 {
    guard let byte = try peek() else { throw fail("it ends within \(what)") }
    place += 1
    return byte
  }

  private mutating func refuseEncodings() throws {
    guard let first = try peek() else { return }
    switch (first, end > 1 ? buffer[1] : 0) {
    case (0xFE, 0xFF), (0xFF, 0xFE),
      (0x3C, 0x00) where end > 1, (0x00, 0x3C):
      throw fail("it is UTF-16, and only UTF-8 is read")
    case (0xEF, 0xBB) where end > 2 && buffer[2] == 0xBF: place = 3
    default: break
    }
    // Only the declaration at the very start names an encoding, and it is short.
    let opening = String(decoding: buffer[place..<min(end, place + 200)], as: UTF8.self)
    guard opening.hasPrefix("<?xml"), let close = opening.firstIndex(of: ">") else { return }
    let declaration = opening[..<close].lowercased()
    guard let key = declaration.firstRange(ofText: "encoding")?.lowerBound else { return }
    let name = declaration[key...].split { "\"'".contains($0) }.dropFirst().first ?? ""
    guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(name) else {
      throw fail("its encoding is \(name.prefix(40)), and only UTF-8 is read")
    }
  }

  private mutating func skip(past end: String, of what: String) throws {
    var recent: [UInt8] = []
    while !recent.elementsEqual(end.utf8) {
      if recent.count == end.utf8.count { recent.removeFirst() }
      recent.append(try need(what))
    }
  }

  // MARK: Text

  private mutating func text() throws -> [UInt8]? {
    var text: [UInt8] = []
    while text.count < 65536, let byte = try peek(), byte != UInt8(ascii: "<") {
      if byte == UInt8(ascii: "&") {
        place += 1
        text += try reference()
        continue
      }
      let tag = next(UInt8(ascii: "<"), from: place, before: end)
      let stop = next(UInt8(ascii: "&"), from: place, before: tag)
      text += buffer[place..<stop]
      place = stop
    }
    if open.isEmpty {
      guard text.allSatisfy({ $0 <= 0x20 }) else {
        throw fail(hasRoot ? "there is text behind its root" : "it does not begin with an element")
      }
      return nil
    }
    return text
  }

  private mutating func reference() throws -> [UInt8] {
    var name: [UInt8] = []
    while true {
      let byte = try need("a reference")
      if byte == UInt8(ascii: ";") { break }
      guard name.count < 16, byte > 0x20, byte != UInt8(ascii: "<") else {
        throw fail("an \"&\" begins no reference")
      }
      name.append(byte)
    }
    let word = String(decoding: name, as: UTF8.self)
    switch word {
    case "lt": return [UInt8(ascii: "<")]
    case "gt": return [UInt8(ascii: ">")]
    case "amp": return [UInt8(ascii: "&")]
    case "quot": return [UInt8(ascii: "\"")]
    case "apos": return [UInt8(ascii: "'")]
    default: break
    }
    let number =
      word.hasPrefix("#x")
      ? UInt32(word.dropFirst(2), radix: 16)
      : word.hasPrefix("#") ? UInt32(word.dropFirst(), radix: 10) : nil
    guard word.hasPrefix("#") else {
      throw fail("the entity \"\(word)\" is not one of XML's own five")
    }
    guard let number, let scalar = Unicode.Scalar(number) else {
      throw fail("\"&\(word);\" is no character")
    }
    return Array(String(Character(scalar)).utf8)
  }

  // MARK: Tags

  private mutating func declaration() throws -> [UInt8]? {
    place += 1
    let first = try need("a declaration")
    if first == UInt8(ascii: "-") {
      guard try need("a comment") == UInt8(ascii: "-") else { throw fail("a comment is malformed") }
      try skip(past: "-->", of: "a comment")
      return nil
    }
    guard first == UInt8(ascii: "[") else {
      throw fail("it has a document type, which could define entities: it is not read")
    }
    for letter in "CDATA[".utf8 where try need("a CDATA section") != letter {
      throw fail("a CDATA section is malformed")
    }
    return try characterData()
  }

  /// A piece of a section that nothing in is markup.
  private mutating func characterData() throws -> [UInt8] {
    guard !open.isEmpty else { throw fail("there is text beside its root") }
    var text = held
    held = []
    isInData = true
    while true {
      text.append(try need("a CDATA section"))
      if text.last == UInt8(ascii: ">"), text.suffix(3).elementsEqual("]]>".utf8) {
        isInData = false
        return Array(text.dropLast(3))
      }
      if text.count >= 65536 {
        // What could begin the end belongs to the next piece.
        held = Array(text.suffix(2))
        return Array(text.dropLast(2))
      }
      let stop = next(UInt8(ascii: ">"), from: place, before: end)
      let count = min(stop - place, 65536 - text.count)
      text += buffer[place..<place + count]
      place += count
    }
  }

  private mutating func name(_ what: String) throws -> String {
    var name: [UInt8] = []
    while let byte = try peek() {
      let isPart =
        byte >= 0x80 || (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte)
        || (0x41...0x5A).contains(byte) || "_-.".utf8.contains(byte)
      guard isPart else { break }
      guard name.count < Limit.name else { throw fail("\(what) has a name without an end") }
      name.append(byte)
      place += 1
    }
    guard let first = name.first else {
      if try peek() == nil { throw fail("it ends within \(what)") }
      throw fail("\(what) has no name")
    }
    guard !(0x30...0x39).contains(first), first != UInt8(ascii: "-"), first != UInt8(ascii: ".")
    else { throw fail("\(what) has a name that begins with \"\(Character(.init(first)))\"") }
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func skipSpace() throws {
    while let byte = try peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { place += 1 }
  }

  private mutating func endTag() throws -> Event {
    place += 1
    let name = try name("an end tag")
    try skipSpace()
    guard try need("</\(name)>") == UInt8(ascii: ">") else {
      throw fail("</\(name)> is malformed")
    }
    guard let last = open.last else { throw fail("</\(name)> ends nothing") }
    guard last == name else { throw fail("</\(name)> stands where <\(last)> has to be closed") }
    open.removeLast()
    return .end(name)
  }

  private mutating func startTag() throws -> Event {
    let name = try name("an element")
    guard !open.isEmpty || !hasRoot else { throw fail("there is a second root, <\(name)>") }
    guard open.count < Limit.depth else {
      throw fail("its elements are nested more than \(Limit.depth) deep")
    }
    var attributes: [String: String] = [:]
    while true {
      try skipSpace()
      guard let byte = try peek() else { throw fail("it ends within <\(name)>") }
      if byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") { break }
      let key = try self.name("an attribute of <\(name)>")
      try skipSpace()
      guard try need("<\(name)>") == UInt8(ascii: "=") else {
        throw fail("the attribute \(key) of <\(name)> has no value")
      }
      try skipSpace()
      guard attributes[key] == nil, attributes.count < Limit.attributes else {
        throw fail("the attribute \(key) of <\(name)> stands twice")
      }
      attributes[key] = try value(of: key)
    }
    hasRoot = true
    open.append(name)
    if try need("<\(name)>") == UInt8(ascii: "/") {
      guard try need("<\(name)>") == UInt8(ascii: ">") else { throw fail("<\(name)> is malformed") }
      pendingEnd = name
    }
    return .start(name, attributes)
  }

  private mutating func value(of key: String) throws -> String {
    let quote = try need("an attribute")
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw fail("the value of \(key) is not quoted")
    }
    var value = BoundedText(limit: Limit.value)
    while true {
      guard let byte = try peek() else { throw fail("it ends within the attribute \(key)") }
      place += 1
      switch byte {
      case quote: return value.text
      case UInt8(ascii: "<"): throw fail("the value of \(key) has a \"<\" in it")
      case UInt8(ascii: "&"): value.append(try reference())
      default:
        let tag = next(UInt8(ascii: "<"), from: place, before: end)
        let reference = next(UInt8(ascii: "&"), from: place, before: tag)
        let stop = next(quote, from: place, before: reference)
        value.append(buffer[place - 1..<stop])
        place = stop
      }
    }
  }
}
