/// What is the same in messages that differ only by numbers, names in quotes and addresses:
/// `order 17 of "al" failed at 10.0.0.3` and `order 4 of "bo" failed at 10.0.0.9` are both
/// `order <n> of "…" failed at <ip>`.
enum MessageTemplate {
  /// How much of a message counts.
  private static let reach = 400

  /// The template of the first line of a message.
  static func of(_ message: Bytes) -> [UInt8] {
    let line = message.part(0..<min(message.firstLine.count, reach))
    var result: [UInt8] = []
    result.reserveCapacity(line.count)
    var place = 0
    while place < line.count {
      let byte = line[place]
      if byte.isWord {
        place = word(line, place, &result)
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"),
        place == 0 || !line[place - 1].isWord, let end = line.find(byte, from: place + 1)
      {
        result.append(byte)
        result += "…".utf8
        result.append(byte)
        place = end + 1
      } else if byte == 0x1B {
        place = TerminalText.endOfEscape(in: line, at: place)
      } else {
        result.append(byte)
        place += 1
      }
    }
    return result
  }

  /// Adds a word, or what stands for it, and gives the place behind it.
  private static func word(_ line: Bytes, _ start: Int, _ result: inout [UInt8]) -> Int {
    if isUUID(line, start) {
      result += "<id>".utf8
      return start + 36
    }
    var end = start
    var digits = 0
    var isHex = true
    while end < line.count, line[end].isWord {
      if line[end].isDigit { digits += 1 }
      if !line[end].isHex { isHex = false }
      end += 1
    }
    let length = end - start
    if digits == length { return number(line, start, &result) }
    if digits > 0, isHex && length >= 7 || line.hasAnyCase("0x", at: start) {
      result += "<hex>".utf8
      return end
    }
    var place = start
    while place < end {
      if line[place].isDigit {
        result += "<n>".utf8
        while place < end, line[place].isDigit { place += 1 }
      } else {
        result.append(line[place])
        place += 1
      }
    }
    return end
  }

  /// A number with its points: three of them are an address.
  private static func number(_ line: Bytes, _ start: Int, _ result: inout [UInt8]) -> Int {
    var end = start
    var points = 0
    while end < line.count {
      if line[end] == UInt8(ascii: "."), end + 1 < line.count, line[end + 1].isDigit {
        points += 1
      } else if !line[end].isDigit {
        break
      }
      end += 1
    }
    result += (points == 3 ? "<ip>" : "<n>").utf8
    return end
  }

  private static func isUUID(_ line: Bytes, _ start: Int) -> Bool {
    guard start + 36 <= line.count else { return false }
    for offset in 0..<36 {
      let byte = line[start + offset]
      switch offset {
      case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
      default: if !byte.isHex { return false }
      }
    }
    return true
  }
}
