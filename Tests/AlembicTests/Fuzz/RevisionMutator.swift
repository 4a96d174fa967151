import SeededRandom

/// Damages the text of revision scripts: what nobody writes by intent, what an editor or a merge
/// leaves behind, and what somebody writes who wants to bring the reader down.
///
/// A number gives the same text in every run over the same scripts.
struct RevisionMutator {
  /// A script and where it stands.
  struct Script {
    /// The place of its project among the projects.
    var project: Int
    var path: String
    var text: [UInt8]
    let tokens: [ScriptToken]

    init(project: Int, path: String, text: [UInt8]) {
      self.project = project
      self.path = path
      self.text = text
      tokens = ScriptToken.all(in: text)
    }
  }

  let scripts: [Script]
  /// What scripts can import: modules and the names in them.
  let offers: [(module: String, name: String)]

  /// The mutant of a number.
  func mutant(_ number: Int) -> Script {
    var random = SeededRandom(state: UInt64(number))
    let origin = scripts[random.below(scripts.count)]
    var text = origin.text
    for _ in 0...random.below(3) {
      damage(&text, &random)
      // Splices of splices would grow without end.
      if text.count > 1 << 20 { break }
    }
    return Script(project: origin.project, path: origin.path, text: text)
  }

  private func damage(_ text: inout [UInt8], _ random: inout SeededRandom) {
    switch random.below(16) {
    case 0: flip(&text, &random)
    case 1...3: damageTokens(&text, &random)
    case 4...6: exchange(&text, &random)
    case 7...8: damageLines(&text, &random)
    case 9: splice(&text, &random)
    case 10: insertStatement(random.pick(Harm.statements, or: "pass"), into: &text, &random)
    case 11: insertStatement(calls(&random), into: &text, &random)
    case 12...13: replaceByHarm(&text, &random)
    case 14: nest(&text, &random)
    default: insertCharacters(&text, &random)
    }
  }

  private func flip(_ text: inout [UInt8], _ random: inout SeededRandom) {
    for _ in 0...random.below(3) where !text.isEmpty {
      text[random.below(text.count)] ^= 1 << UInt8(random.below(8))
    }
    if random.below(8) == 0 { text.removeLast(random.below(text.count)) }
  }

  private func damageTokens(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let tokens = ScriptToken.all(in: text)
    guard tokens.count > 1 else { return }
    let first = random.below(tokens.count)
    let one = tokens[first].range
    switch random.below(4) {
    case 0: text.removeSubrange(one)
    case 1: text.insert(contentsOf: Array(text[one]), at: one.lowerBound)
    case 2:
      let other = tokens[random.below(tokens.count)].range
      let (low, high) = one.lowerBound < other.lowerBound ? (one, other) : (other, one)
      guard low.upperBound <= high.lowerBound else { return }
      let (a, b) = (Array(text[low]), Array(text[high]))
      text.replaceSubrange(high, with: a)
      text.replaceSubrange(low, with: b)
    default:
      let last = tokens[min(tokens.count - 1, first + random.below(12))].range
      text.removeSubrange(one.lowerBound..<last.upperBound)
    }
  }

  /// Puts a word, number, text or bracket of any script in the place of one of its kind: the result
  /// mostly is Python still, and means something else.
  private func exchange(_ text: inout [UInt8], _ random: inout SeededRandom) {
    for _ in 0...random.below(4) {
      let tokens = ScriptToken.all(in: text)
      guard let mine = tokens.randomElement(using: &random) else { return }
      let isOwn = random.below(2) == 0
      let source = scripts[random.below(scripts.count)]
      let others = (isOwn ? tokens : source.tokens).filter { $0.kind == mine.kind }
      guard let other = others.randomElement(using: &random) else { continue }
      let replacement = Array((isOwn ? text : source.text)[other.range])
      text.replaceSubrange(mine.range, with: replacement)
    }
  }

  private func damageLines(_ text: inout [UInt8], _ random: inout SeededRandom) {
    var lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    guard lines.count > 2 else { return }
    let place = random.below(lines.count)
    let end = min(lines.count, place + 1 + random.below(8))
    switch random.below(6) {
    case 0: lines.removeSubrange(place..<end)
    case 1: lines.insert(contentsOf: lines[place..<end], at: random.below(lines.count))
    case 2: lines.swapAt(place, random.below(lines.count))
    case 3: lines[place..<end].shuffle(using: &random)
    case 4: lines[place..<end].reverse()
    default:
      for index in place..<end {
        lines[index].insert(contentsOf: Array(repeating: 32, count: random.below(9)), at: 0)
      }
    }
    text = Array(lines.joined(separator: [10]))
  }

  private func splice(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let other = scripts[random.below(scripts.count)].text
    let lines = other.split(separator: 10, omittingEmptySubsequences: false)
    let start = random.below(lines.count)
    let taken = lines[start..<min(lines.count, start + 1 + random.below(40))]
    let place = lineStart(in: text, &random)
    text.insert(contentsOf: Array(taken.joined(separator: [10])) + [10], at: place)
  }

  private func lineStart(in text: [UInt8], _ random: inout SeededRandom) -> Int {
    let starts = [0] + text.indices.filter { text[$0] == 10 }.map { $0 + 1 }
    return starts[random.below(starts.count)]
  }

  /// A statement at a place where one begins, with the indentation that stands there.
  private func insertStatement(
    _ statement: String, into text: inout [UInt8], _ random: inout SeededRandom
  ) {
    let place = lineStart(in: text, &random)
    let indentation = Array(text[place...].prefix { $0 == 32 || $0 == 9 })
    var inserted: [UInt8] = []
    for line in statement.split(separator: "\n") { inserted += indentation + line.utf8 + [10] }
    text.insert(contentsOf: inserted, at: place)
  }

  /// Calls of what modules offer, and of the methods of what that gives, with values of any kind.
  private func calls(_ random: inout SeededRandom) -> String {
    var lines = ["pool = [\(Harm.values.joined(separator: ", "))]"]
    func attempt(_ body: String) {
      lines += ["try: \(body)", "except Exception: pass"]
    }
    for _ in 0..<12 {
      let (module, name) = random.pick(offers, or: ("math", "sqrt"))
      if name == "sleep" { continue }
      attempt("import \(module)")
      attempt("pool.append(\(module).\(name)(\(arguments(&random))))")
      attempt("f = pool[-1]")
      for _ in 0..<4 {
        attempt("g = getattr(f, dir(f)[\(random.below(90))])")
        attempt("pool.append(g(\(arguments(&random))))")
      }
      let sign = random.pick(Harm.signs, or: "+")
      attempt("pool.append(pool[\(place(&random))] \(sign) pool[\(place(&random))])")
      attempt("str(pool[-1]), repr(pool[-1]), hash(pool[-1]), f'{pool[-1]:>5}'")
    }
    return lines.joined(separator: "\n")
  }

  private func place(_ random: inout SeededRandom) -> Int {
    random.below(4) == 0 ? -1 - random.below(8) : random.below(Harm.values.count)
  }

  private func arguments(_ random: inout SeededRandom) -> String {
    var given = (0..<random.below(5)).map { _ in "pool[\(place(&random))]" }
    if random.below(8) == 0 { given.append("key=pool[\(place(&random))]") }
    return given.joined(separator: ", ")
  }

  private func replaceByHarm(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let tokens = ScriptToken.all(in: text).filter { $0.kind != .sign }
    guard let token = tokens.randomElement(using: &random) else { return }
    let expression = random.pick(Harm.expressions, or: "None")
    text.replaceSubrange(token.range, with: Array("(\(expression))".utf8))
  }

  /// Brackets, operators or blocks within one another, more than any stack holds.
  private func nest(_ text: inout [UInt8], _ random: inout SeededRandom) {
    let depth = [40, 200, 1_000, 20_000, 100_000][random.below(5)]
    let pair = random.pick(Harm.brackets, or: ("(", ")"))
    let tokens = ScriptToken.all(in: text).filter { $0.kind != .sign }
    guard let token = tokens.randomElement(using: &random) else { return }
    let isOpen = random.below(4) == 0
    let before = Array(String(repeating: pair.0, count: depth).utf8)
    let after = isOpen ? [] : Array(String(repeating: pair.1, count: depth).utf8)
    text.replaceSubrange(token.range, with: before + Array(text[token.range]) + after)
  }

  private func insertCharacters(_ text: inout [UInt8], _ random: inout SeededRandom) {
    for _ in 0...random.below(3) {
      let place = random.below(text.count + 1)
      text.insert(contentsOf: random.pick(Harm.characters, or: [0]), at: place)
    }
  }
}

/// A piece of a script, cut as roughly as a mutator needs it.
struct ScriptToken {
  enum Kind {
    case word, number, text, bracket, sign
  }

  var kind: Kind
  var range: Range<Int>

  static func all(in text: [UInt8]) -> [ScriptToken] {
    var tokens: [ScriptToken] = []
    var place = 0
    while place < text.count {
      let byte = text[place]
      if byte == 32 || byte == 9 || byte == 10 || byte == 13 {
        place += 1
        continue
      }
      let start = place
      let kind: Kind
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        kind = .number
        while place < text.count, isWord(text[place]) { place += 1 }
      case _ where isWord(byte):
        kind = .word
        while place < text.count, isWord(text[place]) { place += 1 }
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        kind = .text
        place = end(ofText: text, from: place)
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        // A whole bracket can be exchanged too; what is in it has tokens of its own.
        if let end = end(ofBracket: text, from: place) {
          tokens.append(ScriptToken(kind: .bracket, range: place..<end))
        }
        kind = .sign
        place += 1
      default:
        kind = .sign
        place += 1
      }
      tokens.append(ScriptToken(kind: kind, range: start..<place))
    }
    return tokens
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private static func end(ofText text: [UInt8], from start: Int) -> Int {
    let quote = text[start]
    let isLong = text[start...].starts(with: [quote, quote, quote])
    var place = start + (isLong ? 3 : 1)
    while place < text.count {
      if text[place] == UInt8(ascii: "\\") {
        place += 2
      } else if isLong ? text[place...].starts(with: [quote, quote, quote]) : text[place] == quote {
        return place + (isLong ? 3 : 1)
      } else {
        place += 1
      }
    }
    return text.count
  }

  private static func end(ofBracket text: [UInt8], from start: Int) -> Int? {
    var depth = 0
    for place in start..<min(text.count, start + 512) {
      switch text[place] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      if depth == 0 { return place + 1 }
    }
    return nil
  }
}
