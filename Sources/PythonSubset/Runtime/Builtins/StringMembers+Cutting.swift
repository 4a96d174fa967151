internal import OrderedCollections

extension StringMembers {
  static var cutting: OrderedDictionary<String, Value> {
    [
      "strip": stripper(left: true, right: true),
      "lstrip": stripper(left: true, right: false),
      "rstrip": stripper(left: false, right: true),
      "split": .method("self, sep=None, maxsplit=-1") { call in
        .list(try split(call).map { .string($0) })
      },
      "rsplit": .method("self, sep=None, maxsplit=-1") { call in
        .list(try splitFromRight(call).map { .string($0) })
      },
      "splitlines": .method("self, keepends=False") { call in
        .list(try lines(text(call), keepsEnds: call.truth("keepends")).map { .string($0) })
      },
      "partition": .method("self, sep, /") { call in
        try partition(call) { whole, part in whole.firstIndex(of: part) }
      },
      "rpartition": .method("self, sep, /") { call in
        try partition(call) { whole, part in whole.lastIndex(of: part) }
      },
      "removeprefix": .method("self, prefix, /") { call in
        let (whole, prefix) = (try text(call), try text(call, 1))
        let has = whole.string.utf8.starts(with: prefix.string.utf8)
        return .str(has ? whole[prefix.count..<whole.count] : whole)
      },
      "removesuffix": .method("self, suffix, /") { call in
        let (whole, suffix) = (try text(call), try text(call, 1))
        let has =
          !suffix.isEmpty
          && whole.string.utf8.reversed().starts(with: suffix.string.utf8.reversed())
        return .str(has ? whole[0..<whole.count - suffix.count] : whole)
      },
      "ljust": padder { ("", $0 > 0 ? $1($0) : "") },
      "rjust": padder { ($0 > 0 ? $1($0) : "", "") },
      "center": .method("self, width, fillchar=' ', /") { call in
        let whole = try text(call)
        let width = try call.int(1)
        let missing = max(0, width - whole.count)
        try call.python.charge(missing)
        // CPython puts the odd character to the left where the width is odd.
        let left = missing / 2 + (missing & width & 1)
        let fill = try fillCharacter(call)
        return .string(
          String(repeating: fill, count: left) + whole.string
            + String(repeating: fill, count: missing - left))
      },
      "zfill": .method("self, width, /") { call in
        let whole = try text(call)
        let missing = max(0, try call.int(1) - whole.count)
        try call.python.charge(missing)
        let zeros = String(repeating: "0", count: missing)
        if let sign = whole.string.unicodeScalars.first, sign == "+" || sign == "-" {
          return .string("\(sign)\(zeros)\(whole[1..<whole.count].string)")
        }
        return .string(zeros + whole.string)
      },
      "expandtabs": .method("self, tabsize=8") { call in
        let size = try call.int(1)
        var result = ""
        var column = 0
        for scalar in try text(call).unicodeScalars {
          if scalar == "\t" {
            let count = size > 0 ? size - column % size : 0
            try call.python.charge(count)
            result += String(repeating: " ", count: count)
            column += count
          } else {
            result.unicodeScalars.append(scalar)
            column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
          }
        }
        return .string(result)
      },
    ]
  }

  private static func fillCharacter(_ call: Call) throws -> String {
    let fill = try text(call, 2)
    guard fill.count == 1 else {
      throw PythonError(
        .typeError, "The fill character must be exactly one character long")
    }
    return fill.string
  }

  private static func padder(
    _ fills: @escaping (Int, (Int) -> String) -> (String, String)
  ) -> Value {
    .method("self, width, fillchar=' ', /") { call in
      let whole = try text(call)
      let fill = try fillCharacter(call)
      let missing = max(0, try call.int(1) - whole.count)
      try call.python.charge(missing)
      let (left, right) = fills(missing) { String(repeating: fill, count: $0) }
      return .string(left + whole.string + right)
    }
  }

  private static func stripper(left: Bool, right: Bool) -> Value {
    .method("self, chars=None, /") { call in
      let scalars = try text(call).unicodeScalars
      let drops: (Unicode.Scalar) -> Bool
      if call[1].isNone {
        drops = Whitespace.contains
      } else {
        drops = Set(try text(call, 1).unicodeScalars).contains
      }
      let start = left ? scalars.firstIndex { !drops($0) } ?? scalars.count : 0
      let end = right ? (scalars.lastIndex { !drops($0) } ?? -1) + 1 : scalars.count
      return .string(String(String.UnicodeScalarView(scalars[start..<max(start, end)])))
    }
  }

  private static func separator(_ call: Call) throws -> PythonString? {
    if call[1].isNone { return nil }
    let separator = try text(call, 1)
    if separator.isEmpty { throw PythonError(.valueError, "empty separator") }
    return separator
  }

  private static func split(_ call: Call) throws -> [String] {
    let whole = try text(call)
    var left = try call.int("maxsplit")
    if left < 0 { left = .max }
    guard let separator = try separator(call) else {
      return splitWords(whole.unicodeScalars, limit: left)
    }
    let (bytes, part) = (whole.utf8, separator.utf8)
    var pieces: [String] = []
    var position = 0
    while left > 0, let found = ByteSearch.first(of: part, in: bytes, from: position) {
      try call.python.tick()
      pieces.append(String(decoding: bytes[position..<found], as: UTF8.self))
      position = found + part.count
      left -= 1
    }
    return pieces + [String(decoding: bytes[position...], as: UTF8.self)]
  }

  private static func splitWords(_ scalars: [Unicode.Scalar], limit: Int) -> [String] {
    var pieces: [String] = []
    var rest = scalars.drop(while: Whitespace.contains)
    while !rest.isEmpty {
      if pieces.count == limit {
        return pieces + [String(String.UnicodeScalarView(rest))]
      }
      let word = rest.prefix { !Whitespace.contains($0) }
      pieces.append(String(String.UnicodeScalarView(word)))
      rest = rest[word.endIndex...].drop(while: Whitespace.contains)
    }
    return pieces
  }

  private static func splitFromRight(_ call: Call) throws -> [String] {
    let whole = try text(call)
    var left = try call.int("maxsplit")
    if left < 0 { left = .max }
    guard let separator = try separator(call) else {
      let reversed = splitWords(whole.unicodeScalars.reversed(), limit: left)
      return reversed.reversed().map {
        String(String.UnicodeScalarView($0.unicodeScalars.reversed()))
      }
    }
    var pieces: [String] = []
    var end = whole.count
    while left > 0, let found = whole.lastIndex(of: separator, from: 0, to: end) {
      try call.python.tick()
      pieces.append(whole[found + separator.count..<end].string)
      end = found
      left -= 1
    }
    return (pieces + [whole[0..<end].string]).reversed()
  }

  private static func partition(
    _ call: Call, _ find: (PythonString, PythonString) -> Int?
  ) throws -> Value {
    let (whole, part) = (try text(call), try text(call, 1))
    if part.isEmpty { throw PythonError(.valueError, "empty separator") }
    guard let found = find(whole, part) else {
      return .tuple(
        call.function == "partition" ? [.str(whole), "", ""] : ["", "", .str(whole)])
    }
    return .tuple([
      .str(whole[0..<found]), .str(part), .str(whole[found + part.count..<whole.count]),
    ])
  }

  /// The lines of a text, by all the ends of lines that Python knows.
  static func lines(_ text: PythonString, keepsEnds: Bool) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    let scalars = text.unicodeScalars
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      switch scalar.value {
      case 10...13, 28...30, 0x85, 0x2028, 0x2029:
        if keepsEnds { line.append(scalar) }
        if scalar == "\r", index < scalars.count, scalars[index] == "\n" {
          if keepsEnds { line.append("\n") }
          index += 1
        }
        lines.append(String(line))
        line = String.UnicodeScalarView()
      default: line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }
}
