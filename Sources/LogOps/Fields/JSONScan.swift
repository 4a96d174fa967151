internal import JSON

/// Walks over JSON text without building values: for lines of which a field or two are wanted.
///
/// It trusts the shape and checks nothing: text that is not JSON gives nonsense or nothing, and never
/// reads outside its bytes.
enum JSONScan {
  /// Gives the members of an object, the values as they are written, until `body` says no. Keys with
  /// escapes come as they stand.
  static func members(of object: Bytes, _ body: (_ key: Bytes, _ value: Bytes) -> Bool) {
    var place = skipSpace(object, 0)
    guard place < object.count, object[place] == UInt8(ascii: "{") else { return }
    place = skipSpace(object, place + 1)
    while place < object.count, object[place] == UInt8(ascii: "\"") {
      let keyEnd = endOfString(object, place)
      guard keyEnd - place >= 2 else { return }
      let key = object.part(place + 1..<keyEnd - 1)
      place = skipSpace(object, keyEnd)
      guard place < object.count, object[place] == UInt8(ascii: ":") else { return }
      place = skipSpace(object, place + 1)
      let end = endOfValue(object, place)
      guard end > place, body(key, object.part(place..<end)) else { return }
      place = skipSpace(object, end)
      guard place < object.count, object[place] == UInt8(ascii: ",") else { return }
      place = skipSpace(object, place + 1)
    }
  }

  /// The elements of an array, until `body` says no.
  static func elements(of array: Bytes, _ body: (Bytes) -> Bool) {
    var place = skipSpace(array, 0)
    guard place < array.count, array[place] == UInt8(ascii: "[") else { return }
    place = skipSpace(array, place + 1)
    while place < array.count, array[place] != UInt8(ascii: "]") {
      let end = endOfValue(array, place)
      guard end > place, body(array.part(place..<end)) else { return }
      place = skipSpace(array, end)
      guard place < array.count, array[place] == UInt8(ascii: ",") else { return }
      place = skipSpace(array, place + 1)
    }
  }

  /// A string's inside, escapes and all; other values as they are.
  @inline(__always)
  static func unquoted(_ value: Bytes) -> Bytes {
    guard value.count >= 2, value[0] == UInt8(ascii: "\""),
      value[value.count - 1] == UInt8(ascii: "\"")
    else { return value }
    return value.part(1..<value.count - 1)
  }

  /// The bytes of a string with its escapes undone; of other values the text as it is written.
  static func decoded(_ value: Bytes) -> [UInt8] {
    let inner = unquoted(value)
    guard inner.count != value.count, inner.find(UInt8(ascii: "\\")) != nil else {
      return Array(inner)
    }
    guard let parsed = try? JSON(parsing: value), case .string(let text) = parsed else {
      return Array(inner)
    }
    return Array(text.utf8)
  }

  /// The place behind a string whose quote stands at `start`.
  static func endOfString(_ text: Bytes, _ start: Int) -> Int {
    var place = start + 1
    while let quote = text.find(UInt8(ascii: "\""), from: place) {
      var backslashes = 0
      while quote - backslashes - 1 > start, text[quote - backslashes - 1] == UInt8(ascii: "\\") {
        backslashes += 1
      }
      if backslashes & 1 == 0 { return quote + 1 }
      place = quote + 1
    }
    return text.count
  }

  private static func endOfValue(_ text: Bytes, _ start: Int) -> Int {
    guard start < text.count else { return start }
    switch text[start] {
    case UInt8(ascii: "\""): return endOfString(text, start)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfNested(text, start)
    default:
      var place = start
      while place < text.count, !isEnd(text[place]) { place += 1 }
      return place
    }
  }

  private static func endOfNested(_ text: Bytes, _ start: Int) -> Int {
    var depth = 0
    var place = start
    while place < text.count {
      switch text[place] {
      case UInt8(ascii: "\""):
        place = endOfString(text, place)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == 0 { return place + 1 }
      default: break
      }
      place += 1
    }
    return text.count
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
      || byte.isBlank || byte == 0x0A
  }

  private static func skipSpace(_ text: Bytes, _ start: Int) -> Int {
    var place = start
    while place < text.count, text[place].isBlank || text[place] == 0x0A { place += 1 }
    return place
  }
}
