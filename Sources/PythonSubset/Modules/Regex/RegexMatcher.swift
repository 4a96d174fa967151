/// Runs a compiled pattern over a text. Backtracking keeps its own stack, and every step counts, so
/// that no pattern overflows or hangs.
struct RegexMatcher {
  let text: [UInt32]
  /// Where the text is taken to end (`endpos`).
  let end: Int
  /// Counts steps; throws when there were too many.
  let tick: (Int) throws -> Void
  var captures: [Int]

  /// What is undone and tried on backtracking.
  private enum Choice {
    case resume(instruction: Int, position: Int)
    case capture(slot: Int, value: Int)
    case mark(Int, value: Int)
    case counter(Int, value: Int)
    /// A greedy run that can still give up characters.
    case shrink(instruction: Int, least: Int, position: Int)
    /// A lazy run that can still take characters.
    case grow(matcher: Int, instruction: Int, position: Int, left: Int)
  }

  static let stackLimit = 4_000_000

  init(text: [UInt32], end: Int, groups: Int, tick: @escaping (Int) throws -> Void) {
    self.text = text
    self.end = end
    self.tick = tick
    captures = Array(repeating: -1, count: (groups + 1) * 2)
  }

  /// Matches from `start`; where the match ends, or nil. With `mustEnd` only a match up to the end
  /// of the text counts.
  mutating func match(_ program: RegexProgram, from start: Int, mustEnd: Bool = false) throws
    -> Int?
  {
    for index in captures.indices { captures[index] = -1 }
    guard let stop = try run(program, start, accepts: mustEnd ? end : nil) else { return nil }
    captures[0] = start
    captures[1] = stop
    return stop
  }

  private mutating func run(
    _ program: RegexProgram, _ start: Int, accepts wanted: Int?
  ) throws -> Int? {
    var steps = 0
    let stop = try walk(program, start, accepts: wanted, &steps)
    try tick(steps)
    return stop
  }

  private mutating func walk(
    _ program: RegexProgram, _ start: Int, accepts wanted: Int?, _ steps: inout Int
  ) throws -> Int? {
    var stack: [Choice] = []
    var marks = Array(repeating: -1, count: program.marks)
    var counters = Array(repeating: 0, count: program.counters)
    var position = start
    var pc = 0
    while true {
      steps += 1
      if steps == 4096 {
        steps = 0
        try tick(4096)
        if stack.count > Self.stackLimit {
          throw LimitExceeded(.memory, "the regular expression backtracks too far")
        }
      }
      var matched = true
      switch program.instructions[pc] {
      case .accept:
        if wanted == nil || wanted == position { return position }
        matched = false
      case .split(let first, let second):
        stack.append(.resume(instruction: second, position: position))
        pc = first
        continue
      case .jump(let target):
        pc = target
        continue
      case .save(let slot):
        stack.append(.capture(slot: slot, value: captures[slot]))
        captures[slot] = position
      case .assertion(let assertion, let flags): matched = holds(assertion, flags, position)
      case .look(let inner, let width, let isNegative):
        matched = try look(inner, width, isNegative, position, &stack)
      case .atomic(let inner):
        let saved = captures
        if let stop = try run(inner, position, accepts: nil) {
          Self.note(saved, captures, &stack)
          position = stop
        } else {
          captures = saved
          matched = false
        }
      case .reference(let group, let flags):
        if let stop = refers(group, flags, position) { position = stop } else { matched = false }
      case .conditional(let group, let otherwise):
        if captures[group * 2 + 1] < 0 {
          pc = otherwise
          continue
        }
      case .run(let matcher, let minimum, let maximum, let isLazy):
        matched = startRun(matcher, minimum, maximum, isLazy, pc, &position, &stack, &steps)
      case .mark(let mark):
        stack.append(.mark(mark, value: marks[mark]))
        marks[mark] = position
      case .unless(let mark, let exit):
        if marks[mark] == position {
          pc = exit
          continue
        }
      case .clear(let counter):
        stack.append(.counter(counter, value: counters[counter]))
        counters[counter] = 0
      case .count(let counter, let minimum, let maximum, let body, let isLazy):
        let turns = counters[counter]
        if turns < minimum {
          stack.append(.counter(counter, value: turns))
          counters[counter] = turns + 1
          pc = body
          continue
        }
        guard turns < maximum else { break }
        if isLazy {
          stack.append(.counter(counter, value: turns))
          stack.append(.resume(instruction: -body - 1, position: position))
          break
        }
        stack.append(.resume(instruction: pc + 1, position: position))
        stack.append(.counter(counter, value: turns))
        counters[counter] = turns + 1
        pc = body
        continue
      default:
        if position < end, Self.accepts(program.instructions[pc], text[position]) {
          position += 1
        } else {
          matched = false
        }
      }
      if matched {
        pc += 1
      } else {
        guard backtrack(program, &stack, &position, &pc, &marks, &counters) else { return nil }
      }
    }
  }

  private mutating func backtrack(
    _ program: RegexProgram, _ stack: inout [Choice], _ position: inout Int, _ pc: inout Int,
    _ marks: inout [Int], _ counters: inout [Int]
  ) -> Bool {
    while let choice = stack.popLast() {
      switch choice {
      case .capture(let slot, let value): captures[slot] = value
      case .mark(let mark, let value): marks[mark] = value
      case .counter(let counter, let value): counters[counter] = value
      case .resume(let instruction, let place):
        position = place
        if instruction >= 0 {
          pc = instruction
          return true
        }
        // A lazy counted loop takes another turn.
        let body = -instruction - 1
        guard case .counter(let counter, let turns)? = stack.last else { return false }
        counters[counter] = turns + 1
        pc = body
        return true
      case .shrink(let instruction, let least, let place):
        position = place - 1
        pc = instruction
        if position > least {
          stack.append(.shrink(instruction: instruction, least: least, position: position))
        }
        return true
      case .grow(let matcher, let instruction, let place, let left):
        guard case .run(let single, _, _, _) = program.instructions[matcher], place < end,
          Self.accepts(single, text[place])
        else { continue }
        position = place + 1
        pc = instruction
        if left > 1 {
          stack.append(
            .grow(matcher: matcher, instruction: instruction, position: position, left: left - 1))
        }
        return true
      }
    }
    return false
  }

  private func startRun(
    _ matcher: RegexProgram.Instruction, _ minimum: Int, _ maximum: Int, _ isLazy: Bool, _ pc: Int,
    _ position: inout Int, _ stack: inout [Choice], _ steps: inout Int
  ) -> Bool {
    let start = position
    let limit = maximum < end - start ? start + maximum : end
    let wanted = isLazy ? min(limit, start + min(minimum, end - start)) : limit
    while position < wanted, Self.accepts(matcher, text[position]) { position += 1 }
    steps = min(4095, steps + (position - start) / 64)
    guard position - start >= minimum else { return false }
    if isLazy {
      if maximum > minimum {
        stack.append(
          .grow(
            matcher: pc, instruction: pc + 1, position: position, left: maximum - minimum))
      }
    } else if position > start + minimum {
      stack.append(.shrink(instruction: pc + 1, least: start + minimum, position: position))
    }
    return true
  }

  private static func accepts(_ instruction: RegexProgram.Instruction, _ value: UInt32) -> Bool {
    switch instruction {
    case .character(let wanted): wanted == value
    case .characterIgnoringCase(let wanted, let isASCII):
      RegexCase.equal(wanted, value, isASCII: isASCII)
    case .any(let includesNewline): includesNewline || value != 10
    case .set(let set, let flags): set.contains(value, flags)
    default: false
    }
  }

  private static func note(_ old: [Int], _ new: [Int], _ stack: inout [Choice]) {
    for slot in old.indices where old[slot] != new[slot] {
      stack.append(.capture(slot: slot, value: old[slot]))
    }
  }

  private mutating func look(
    _ inner: RegexProgram, _ width: Int?, _ isNegative: Bool, _ position: Int,
    _ stack: inout [Choice]
  ) throws -> Bool {
    let saved = captures
    let start = position - (width ?? 0)
    let found =
      start >= 0
      ? try run(inner, start, accepts: width == nil ? nil : position) != nil : false
    if found, !isNegative {
      Self.note(saved, captures, &stack)
      return true
    }
    captures = saved
    return found != isNegative
  }

  private func refers(_ group: Int, _ flags: RegexFlags, _ position: Int) -> Int? {
    let (start, stop) = (captures[group * 2], captures[group * 2 + 1])
    guard start >= 0, stop >= start, position + stop - start <= end else { return nil }
    let ignoresCase = flags.contains(.ignoreCase)
    for offset in 0..<(stop - start) {
      let (a, b) = (text[start + offset], text[position + offset])
      let same =
        a == b || ignoresCase && RegexCase.equal(a, b, isASCII: flags.contains(.ascii))
      if !same { return nil }
    }
    return position + stop - start
  }

  private func holds(_ assertion: RegexAssertion, _ flags: RegexFlags, _ position: Int) -> Bool {
    switch assertion {
    case .start: return position == 0
    case .end: return position == end
    case .lineStart:
      return position == 0 || flags.contains(.multiline) && text[position - 1] == 10
    case .lineEnd:
      if position == end { return true }
      guard text[position] == 10 else { return false }
      return flags.contains(.multiline) || position == end - 1
    case .boundary, .notBoundary:
      let isASCII = flags.contains(.ascii)
      let before = position > 0 && RegexClass.word.contains(text[position - 1], isASCII: isASCII)
      let after = position < end && RegexClass.word.contains(text[position], isASCII: isASCII)
      return (before != after) == (assertion == .boundary)
    }
  }
}
