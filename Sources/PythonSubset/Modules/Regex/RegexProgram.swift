/// A pattern compiled to instructions of a backtracking machine.
struct RegexProgram {
  indirect enum Instruction {
    case character(UInt32)
    case characterIgnoringCase(UInt32, isASCII: Bool)
    case any(includesNewline: Bool)
    case set(RegexSet, RegexFlags)
    /// Tries `first`, later `second`.
    case split(first: Int, second: Int)
    case jump(Int)
    case save(Int)
    case assertion(RegexAssertion, RegexFlags)
    case look(RegexProgram, width: Int?, isNegative: Bool)
    case atomic(RegexProgram)
    case reference(Int, RegexFlags)
    case conditional(group: Int, otherwise: Int)
    /// One-character matcher repeated.
    case run(Instruction, minimum: Int, maximum: Int, isLazy: Bool)
    /// Notes where a turn of a loop began.
    case mark(Int)
    /// Leaves a loop whose turn matched nothing.
    case unless(Int, exit: Int)
    /// Sets a counter to zero.
    case clear(Int)
    /// One more turn of a counted loop: goes on to `body` while the counter is below the maximum.
    case count(Int, minimum: Int, maximum: Int, body: Int, isLazy: Bool)
    case accept
  }

  var instructions: [Instruction] = []
  var marks = 0
  var counters = 0
}

/// Turns the tree into instructions.
struct RegexCompiler {
  private var program = RegexProgram()

  static func compile(_ node: RegexNode, _ flags: RegexFlags) -> RegexProgram {
    var compiler = RegexCompiler()
    compiler.add(node, flags)
    compiler.program.instructions.append(.accept)
    return compiler.program
  }

  private var here: Int { program.instructions.count }

  private mutating func emit(_ instruction: RegexProgram.Instruction) -> Int {
    program.instructions.append(instruction)
    return here - 1
  }

  private mutating func add(_ node: RegexNode, _ flags: RegexFlags) {
    switch node {
    case .empty: break
    case .character, .any, .set:
      if let single = Self.single(node, flags) { _ = emit(single) }
    case .sequence(let items): for item in items { add(item, flags) }
    case .alternatives(let branches): addAlternatives(branches, flags)
    case .group(let group, let body):
      _ = emit(.save(group * 2))
      add(body, flags)
      _ = emit(.save(group * 2 + 1))
    case .flagged(let inner, let body): add(body, inner)
    case .repetition(let body, let minimum, let maximum, let greed):
      addRepetition(body, minimum, maximum, greed, flags)
    case .assertion(let assertion): _ = emit(.assertion(assertion, flags))
    case .look(let body, let isBehind, let isNegative):
      let width = isBehind ? RegexWidth.fixed(body, nil) ?? 0 : nil
      _ = emit(.look(Self.compile(body, flags), width: width, isNegative: isNegative))
    case .reference(let group): _ = emit(.reference(group, flags))
    case .conditional(let group, let yes, let no):
      let test = emit(.conditional(group: group, otherwise: 0))
      add(yes, flags)
      let leave = emit(.jump(0))
      program.instructions[test] = .conditional(group: group, otherwise: here)
      add(no, flags)
      program.instructions[leave] = .jump(here)
    case .atomic(let body): _ = emit(.atomic(Self.compile(body, flags)))
    }
  }

  private mutating func addAlternatives(_ branches: [RegexNode], _ flags: RegexFlags) {
    var leaves: [Int] = []
    for (index, branch) in branches.enumerated() {
      guard index < branches.count - 1 else {
        add(branch, flags)
        break
      }
      let split = emit(.split(first: 0, second: 0))
      add(branch, flags)
      leaves.append(emit(.jump(0)))
      program.instructions[split] = .split(first: split + 1, second: here)
    }
    for leave in leaves { program.instructions[leave] = .jump(here) }
  }

  private static func single(
    _ node: RegexNode, _ flags: RegexFlags
  ) -> RegexProgram.Instruction? {
    switch node {
    case .character(let value):
      guard flags.contains(.ignoreCase) else { return .character(value) }
      return .characterIgnoringCase(value, isASCII: flags.contains(.ascii))
    case .any: return .any(includesNewline: flags.contains(.dotAll))
    case .set(let set): return .set(set, flags)
    default: return nil
    }
  }

  private mutating func addRepetition(
    _ body: RegexNode, _ minimum: Int, _ maximum: Int?, _ greed: RegexGreed, _ flags: RegexFlags
  ) {
    if greed == .possessive {
      let inner = RegexNode.repetition(body, minimum: minimum, maximum: maximum, .greedy)
      _ = emit(.atomic(Self.compile(inner, flags)))
      return
    }
    let isLazy = greed == .lazy
    if let single = Self.single(body, flags) {
      _ = emit(.run(single, minimum: minimum, maximum: maximum ?? .max, isLazy: isLazy))
      return
    }
    if minimum == 0, maximum == 1 {
      let split = emit(.split(first: 0, second: 0))
      add(body, flags)
      program.instructions[split] =
        isLazy ? .split(first: here, second: split + 1) : .split(first: split + 1, second: here)
      return
    }
    let mark = program.marks
    program.marks += 1
    let counter = program.counters
    program.counters += 1
    _ = emit(.clear(counter))
    let entry = emit(.jump(0))
    let start = emit(.mark(mark))
    add(body, flags)
    let check = emit(.unless(mark, exit: 0))
    let count = emit(
      .count(counter, minimum: minimum, maximum: maximum ?? .max, body: start, isLazy: isLazy))
    program.instructions[entry] = .jump(count)
    program.instructions[check] = .unless(mark, exit: count + 1)
  }
}

/// How many characters a pattern matches, where that is one number.
enum RegexWidth {
  static func fixed(_ node: RegexNode, _ parser: RegexParser?) -> Int? {
    switch node {
    case .empty, .assertion, .look: return 0
    case .character, .any, .set: return 1
    case .sequence(let items):
      var sum = 0
      for item in items {
        guard let width = fixed(item, parser) else { return nil }
        sum += width
      }
      return sum
    case .alternatives(let branches):
      let widths = Set(branches.map { fixed($0, parser) })
      return widths.count == 1 ? widths.first ?? nil : nil
    case .group(_, let body), .flagged(_, let body), .atomic(let body): return fixed(body, parser)
    case .repetition(let body, let minimum, let maximum, _):
      guard minimum == maximum, let width = fixed(body, parser) else { return nil }
      return width.multipliedReportingOverflow(by: minimum).overflow ? nil : width * minimum
    case .reference: return nil
    case .conditional(_, let yes, let no):
      guard let width = fixed(yes, parser), width == fixed(no, parser) else { return nil }
      return width
    }
  }
}
