internal import Terminal

extension String {
  /// The lines of what a test wrote, so that they cannot speak to a terminal: colours are left out,
  /// tabs become blanks, and every other control character is spelt out.
  var harmlessLines: [String] {
    var lines = withoutColours.split(omittingEmptySubsequences: false) { $0.isNewline }
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).joined(separator: "    ") }
      .map(\.harmless)
    while lines.last?.allSatisfy({ $0 == " " }) == true { lines.removeLast() }
    return lines
  }

  /// The text as one harmless line.
  var harmlessLine: String { harmlessLines.joined(separator: " ") }

  /// The text without the sequences that colour it (SGR): they are no content.
  var withoutColours: String {
    guard utf8.contains(0x1B) else { return self }
    var kept: [UInt8] = []
    var rest = Array(utf8)[...]
    while let byte = rest.first {
      if byte == 0x1B, rest.dropFirst().first == UInt8(ascii: "[") {
        let parameters = rest.dropFirst(2).prefix { (0x30...0x3B).contains($0) }
        let behind = rest.dropFirst(2 + parameters.count)
        if behind.first == UInt8(ascii: "m") {
          rest = behind.dropFirst()
          continue
        }
      }
      kept.append(byte)
      rest = rest.dropFirst()
    }
    return String(decoding: kept, as: UTF8.self)
  }
}

extension [String] {
  /// No more lines than that: the first ones, a line that says how many are missing, and the last ones,
  /// which of a traceback say what happened.
  func shortened(to count: Int) -> [String] {
    guard self.count > count, count > 2 else { return self }
    let head = (count - 1) / 4
    let tail = count - 1 - head
    return prefix(head) + ["… \(self.count - head - tail) lines are left out …"] + suffix(tail)
  }
}
