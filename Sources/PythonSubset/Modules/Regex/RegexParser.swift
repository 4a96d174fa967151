/// A pattern that Python's `re` would not take: `re.error`.
struct RegexFailure: Error {
  let reason: String
  let position: Int
}

/// Reads a pattern of Python 3.12's `re`.
struct RegexParser {
  let pattern: [UInt32]
  let isBytes: Bool
  var flags: RegexFlags
  var index = 0
  var groups = 0
  var names: [(name: String, group: Int)] = []
  private var openGroups: Set<Int> = []
  private var depth = 0
  private var lookbehinds = 0

  static let depthLimit = 200
  static let repeatLimit = 4_294_967_295

  init(_ pattern: [UInt32], isBytes: Bool, flags: RegexFlags) {
    self.pattern = pattern
    self.isBytes = isBytes
    self.flags = flags
    if !isBytes, !flags.contains(.ascii) { self.flags.insert(.unicode) }
  }

  mutating func parse() throws -> RegexNode {
    let node = try alternatives(isTop: true)
    if index < pattern.count { throw failure("unbalanced parenthesis") }
    return node
  }

  func failure(_ reason: String, at position: Int? = nil) -> RegexFailure {
    RegexFailure(reason: reason, position: position ?? index)
  }

  var current: UInt32? { index < pattern.count ? pattern[index] : nil }

  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= pattern.count else { return false }
    for offset in 0..<count where pattern[index + offset] != UInt32(text.utf8Start[offset]) {
      return false
    }
    index += count
    return true
  }

  private func isSign(_ value: UInt32?, _ sign: Unicode.Scalar) -> Bool { value == sign.value }

  // MARK: Alternatives, sequences, repetition

  private mutating func alternatives(isTop: Bool = false) throws -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit { throw failure("the pattern nests too deeply") }
    var branches = [try sequence(isFirst: isTop)]
    while take("|") { branches.append(try sequence(isFirst: false)) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence(isFirst: Bool) throws -> RegexNode {
    var items: [RegexNode] = []
    while let value = current, value != UInt32(UInt8(ascii: "|")),
      value != UInt32(UInt8(ascii: ")"))
    {
      if flags.contains(.verbose), skipVerbose(value) { continue }
      let start = index
      guard var item = try atom(isStart: isFirst && items.isEmpty) else { continue }
      while let (minimum, maximum) = try quantifier() {
        if case .assertion(let assertion) = item {
          switch assertion {
          case .boundary, .notBoundary, .end: break
          default: throw failure("nothing to repeat", at: start)
          }
        }
        if case .repetition = item { throw failure("multiple repeat", at: index - 1) }
        let greed: RegexGreed = take("?") ? .lazy : take("+") ? .possessive : .greedy
        item = .repetition(item, minimum: minimum, maximum: maximum, greed)
      }
      items.append(item)
    }
    return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
  }

  private mutating func skipVerbose(_ value: UInt32) -> Bool {
    if value == 32 || (9...13).contains(value) {
      index += 1
      return true
    }
    guard value == UInt32(UInt8(ascii: "#")) else { return false }
    while let next = current, next != 10 {
      _ = next
      index += 1
    }
    return true
  }

  private mutating func quantifier() throws -> (Int, Int?)? {
    if flags.contains(.verbose) {
      while let value = current, skipVerbose(value) {}
    }
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard isSign(current, "{") else { return nil }
    let start = index
    index += 1
    if isSign(current, "}") {
      index = start
      return nil
    }
    let low = digits()
    var high = low
    if take(",") {
      high = digits()
    } else if low.isEmpty {
      index = start
      return nil
    }
    guard take("}") else {
      index = start
      return nil
    }
    guard let minimum = low.isEmpty ? 0 : Int(low), minimum <= Self.repeatLimit else {
      throw failure("the repetition number is too large", at: start)
    }
    guard !high.isEmpty else { return (minimum, nil) }
    guard let maximum = Int(high), maximum <= Self.repeatLimit else {
      throw failure("the repetition number is too large", at: start)
    }
    guard minimum <= maximum else {
      throw failure("min repeat greater than max repeat", at: start)
    }
    return (minimum, maximum)
  }

  mutating func digits() -> String {
    var text = ""
    while let value = current, (48...57).contains(value), let scalar = Unicode.Scalar(value) {
      text.unicodeScalars.append(scalar)
      index += 1
    }
    return text
  }

  // MARK: Atoms

  private mutating func atom(isStart: Bool) throws -> RegexNode? {
    guard let value = current else { return nil }
    switch Unicode.Scalar(value) {
    case ".":
      index += 1
      return .any
    case "^":
      index += 1
      return .assertion(.lineStart)
    case "$":
      index += 1
      return .assertion(.lineEnd)
    case "[": return .set(try bracket())
    case "(": return try group(isStart: isStart)
    case "\\": return try escape()
    case "*", "+", "?": throw failure("nothing to repeat")
    case "{":
      let start = index
      if try quantifier() != nil { throw failure("nothing to repeat", at: start) }
      index = start + 1
      return .character(value)
    default:
      index += 1
      return .character(value)
    }
  }

  private mutating func group(isStart: Bool) throws -> RegexNode? {
    let start = index
    index += 1
    guard take("?") else { return try capture(name: nil, at: start) }
    if take("P") {
      if take("<") {
        let name = try name(until: ">", at: start)
        return try capture(name: name, at: start)
      }
      if take("=") {
        let name = try name(until: ")", at: start)
        guard let group = names.first(where: { $0.name == name })?.group else {
          throw failure("unknown group name '\(name)'", at: start + 4)
        }
        return try reference(group, at: start)
      }
      let letter = current.flatMap { Unicode.Scalar($0) }.map { String($0) } ?? ""
      throw failure("unknown extension ?P\(letter)", at: start + 1)
    }
    if take(":") { return try closed(alternatives(), start) }
    if take("#") {
      while let value = current, value != UInt32(UInt8(ascii: ")")) {
        _ = value
        index += 1
      }
      guard take(")") else { throw failure("missing ), unterminated comment", at: start) }
      return nil
    }
    if take("=") { return try look(isBehind: false, isNegative: false, start) }
    if take("!") { return try look(isBehind: false, isNegative: true, start) }
    if take("<=") { return try look(isBehind: true, isNegative: false, start) }
    if take("<!") { return try look(isBehind: true, isNegative: true, start) }
    if take(">") { return .atomic(try closed(alternatives(), start)) }
    if take("(") { return try conditional(start) }
    return try flagGroup(isStart: isStart, start)
  }

  private mutating func closed(_ node: RegexNode, _ start: Int) throws -> RegexNode {
    guard take(")") else { throw failure("missing ), unterminated subpattern", at: start) }
    return node
  }

  private mutating func capture(name: String?, at start: Int) throws -> RegexNode {
    groups += 1
    let group = groups
    if let name {
      if let other = names.first(where: { $0.name == name }) {
        throw failure(
          "redefinition of group name '\(name)' as group \(group); was group \(other.group)",
          at: start + 4)
      }
      names.append((name, group))
    }
    openGroups.insert(group)
    let outer = flags
    let node = try closed(alternatives(), start)
    flags = outer
    openGroups.remove(group)
    return .group(group, node)
  }

  private mutating func name(until end: Unicode.Scalar, at start: Int) throws -> String {
    var text = ""
    let begin = index
    while let value = current, value != end.value {
      if let scalar = Unicode.Scalar(value) { text.unicodeScalars.append(scalar) }
      index += 1
    }
    guard index < pattern.count else {
      throw failure(
        text.isEmpty ? "missing group name" : "missing \(end), unterminated name", at: begin)
    }
    index += 1
    guard let first = text.unicodeScalars.first else {
      throw failure("missing group name", at: begin)
    }
    guard Identifiers.canStart(first), text.unicodeScalars.allSatisfy(Identifiers.canContinue)
    else { throw failure("bad character in group name '\(text)'", at: begin) }
    return text
  }

  private mutating func look(
    isBehind: Bool, isNegative: Bool, _ start: Int
  ) throws -> RegexNode {
    if isBehind { lookbehinds += 1 }
    let node = try closed(alternatives(), start)
    if isBehind {
      lookbehinds -= 1
      guard RegexWidth.fixed(node, self) != nil else {
        throw failure("look-behind requires fixed-width pattern", at: start)
      }
    }
    return .look(node, isBehind: isBehind, isNegative: isNegative)
  }

  private mutating func reference(_ group: Int, at start: Int) throws -> RegexNode {
    if openGroups.contains(group) { throw failure("cannot refer to an open group", at: start) }
    return .reference(group)
  }

  private mutating func conditional(_ start: Int) throws -> RegexNode {
    let begin = index
    let number = digits()
    let group: Int
    if !number.isEmpty, take(")") {
      guard let value = Int(number), value > 0 else { throw failure("bad group number", at: begin) }
      group = value
    } else {
      index = begin
      let name = try name(until: ")", at: start)
      guard let named = names.first(where: { $0.name == name })?.group else {
        throw failure("unknown group name '\(name)'", at: begin)
      }
      group = named
    }
    let yes = try sequence(isFirst: false)
    var no = RegexNode.empty
    if take("|") {
      no = try sequence(isFirst: false)
      if isSign(current, "|") { throw failure("conditional backref with more than two branches") }
    }
    guard take(")") else { throw failure("missing ), unterminated subpattern", at: start) }
    return .conditional(group: group, yes, no)
  }

  /// `(?i)` for the whole pattern, `(?i-s:...)` for a part.
  private mutating func flagGroup(isStart: Bool, _ start: Int) throws -> RegexNode? {
    var added: RegexFlags = []
    var removed: RegexFlags = []
    var removes = false
    while let value = current, let scalar = Unicode.Scalar(value) {
      if scalar == "-", !removes {
        removes = true
        index += 1
        continue
      }
      guard let flag = Self.flag(scalar) else { break }
      index += 1
      if removes { removed.insert(flag) } else { added.insert(flag) }
    }
    if take(")") {
      guard !removes, !added.isEmpty else { throw failure("unknown extension", at: start + 1) }
      guard isStart, start == 0 || flags.contains(.verbose) || isLeading(start) else {
        throw failure("global flags not at the start of the expression", at: start)
      }
      apply(added, [])
      return nil
    }
    guard take(":"), !(added.isEmpty && removed.isEmpty) else {
      let letter = current.flatMap { Unicode.Scalar($0) }.map { String($0) } ?? ""
      throw failure("unknown extension ?\(letter)", at: start + 1)
    }
    let outer = flags
    apply(added, removed)
    let inner = flags
    let node = try closed(alternatives(), start)
    flags = outer
    return .flagged(inner, node)
  }

  /// Whether only other global flags stand before `start`.
  private func isLeading(_ start: Int) -> Bool {
    start > 0 && pattern[start - 1] == UInt32(UInt8(ascii: ")"))
  }

  private mutating func apply(_ added: RegexFlags, _ removed: RegexFlags) {
    if added.contains(.ascii) { flags.remove(.unicode) }
    if added.contains(.unicode) { flags.remove(.ascii) }
    flags.formUnion(added)
    flags.subtract(removed)
  }

  static func flag(_ letter: Unicode.Scalar) -> RegexFlags? {
    switch letter {
    case "i": .ignoreCase
    case "L": .locale
    case "m": .multiline
    case "s": .dotAll
    case "u": .unicode
    case "x": .verbose
    case "a": .ascii
    default: nil
    }
  }
}
