import Diagnostics
import Testing
import YAML

func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> YAMLNode {
  try YAMLDocument(parsing: Array(text.utf8), file: "f.yaml", limits: limits).root
}

func failure(_ text: String, limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
  do {
    _ = try parse(text, limits: limits)
    return nil
  } catch {
    return error as? YAMLError
  }
}

@Suite("values")
struct ValueTests {
  @Test(
    "plain scalars follow the core schema of YAML 1.2",
    arguments: [
      ("null", .null), ("~", .null), ("Null", .null), ("true", .bool(true)),
      ("False", .bool(false)), ("yes", .string), ("no", .string), ("on", .string),
      ("off", .string), ("y", .string), ("12", .int(12)), ("-7", .int(-7)), ("+3", .int(3)),
      ("0x1F", .int(31)), ("0o17", .int(15)), ("017", .int(17)), ("0b11", .string),
      ("1_000", .string), ("1.5", .double(1.5)), ("-.5", .double(-0.5)), ("1e3", .double(1000)),
      ("1.", .double(1)), (".", .string), ("+", .string), ("1e", .string), ("12:30:45", .string),
      ("2026-11-23", .string), (".inf", .double(.infinity)), ("0x", .string), ("v1", .string),
      ("-", .string), ("1.2.3", .string),
    ] as [(String, YAMLScalar.Value)])
  func coreSchema(_ text: String, _ value: YAMLScalar.Value) throws {
    if text == "-" { return }  // a dash alone begins a list
    let node = try parse("k: \(text)\n")
    #expect(node.mapping?["k"]?.scalar?.value == value)
  }

  @Test(
    "quoted and block scalars are text", arguments: ["'12'", "\"true\"", "|\n  null", ">\n  1"])
  func quoted(_ text: String) throws {
    #expect(try parse("k: \(text)\n").mapping?["k"]?.scalar?.value == .string)
  }

  @Test("order, styles and places are kept")
  func structure() throws {
    let root = try parse("b: 1\na: [x, 'y']\nc:\n  - {d: e}\n")
    let mapping = try #require(root.mapping)
    #expect(mapping.entries.map(\.key) == ["b", "a", "c"])
    let items = try #require(mapping["a"]?.sequence)
    #expect(items.map(\.scalar?.style) == [.plain, .singleQuoted])
    #expect(items[1].location == SourceLocation(file: "f.yaml", line: 2, column: 8))
    let inner = try #require(mapping["c"]?.sequence?.first?.mapping?.entry("d"))
    #expect(inner.location == SourceLocation(file: "f.yaml", line: 4, column: 6))
    #expect(inner.value.location.column == 9)
  }

  @Test("an empty file is null", arguments: ["", "# nothing\n", "---\n"])
  func empty(_ text: String) throws {
    #expect(try parse(text).isNull)
  }

  @Test("a byte order mark is no part of the text")
  func byteOrderMark() throws {
    let root = try parse("\u{FEFF}k: 1\n")
    #expect(root.mapping?.entries.first?.key == "k")
    #expect(root.mapping?.entries.first?.location.column == 1)
  }

  @Test("aliases repeat a value")
  func aliases() throws {
    let root = try parse("a: &x {k: 1}\nb: *x\n")
    #expect(root.mapping?["b"]?.mapping?["k"]?.scalar?.value == .int(1))
  }
}

@Suite("refusals")
struct RefusalTests {
  @Test(
    "what is wrong is said with its line and column",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", 3, 1, "the key \"a\" stands here a second time"),
      ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
      ("a: &x 1\nb:\n  <<: *x\n", 3, 3, "merge keys"),
      ("a: !!int '3'\n", 1, 4, "tags such as"),
      ("a: !x\n", 1, 4, "tags such as"),
      ("a: *nowhere\n", 1, 4, "no anchor \"&nowhere\""),
      ("a: &x [*x]\n", 1, 8, "stands inside of what it repeats"),
      ("? [a, b]\n: 1\n", 1, 3, "a key must be a simple word"),
      ("a: 99999999999999999999\n", 1, 4, "out of range"),
      ("a: b: c\n", 1, 5, "a colon and a space"),
      ("a:\n\t- b\n", 2, 1, ""),
      ("a: 'b\n", 2, 1, "the file ends inside a quoted text"),
      ("a: [b\n", 2, 1, ""),
      ("a: 1\n  b: 2\n", 2, 4, ""),
      ("a: \"\\q\"\n", 1, 5, "unknown escape"),
      (": 1\n", 1, 1, ""), ("{: 1}\n", 1, 2, "a value is missing"),
      ("a: @x\n", 1, 4, "cannot begin with this character"),
    ])
  func places(_ text: String, line: Int, column: Int, message: String) throws {
    let error = try #require(failure(text))
    let problem = error.problems[0]
    #expect(problem.location.line == line, "\(error.message)")
    #expect(problem.location.column == column, "\(error.message)")
    #expect(message.isEmpty || error.message.contains(message), "\(error.message)")
    #expect(error.status == .usage)
  }

  @Test("an expression without quotes in a flow mapping gets the remedy")
  func expressionInFlow() throws {
    let error = try #require(failure("with: { id: ${{ inputs.backup }} }\n"))
    #expect(error.hint?.contains("needs quotes") == true)
  }

  @Test("what is not UTF-8 is refused")
  func encoding() {
    #expect(throws: YAMLError.self) {
      try YAMLDocument(parsing: [0x61, 0x3A, 0x20, 0xFF], file: "f")
    }
  }

  @Test("depth, size and number of values are bounded")
  func bounds() throws {
    #expect(failure(String(repeating: "[", count: 100))?.message.contains("levels deep") == true)
    #expect(failure("abc", limits: YAMLLimits(bytes: 2))?.message.contains("at most 2") == true)
    let wide = "[" + String(repeating: "1,", count: 20) + "1]"
    #expect(failure(wide, limits: YAMLLimits(nodes: 20))?.message.contains("more than 20") == true)
  }

  @Test("a bomb of aliases costs nothing")
  func bomb() throws {
    var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    for level in 1...30 {
      let refs = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(refs)]\n"
    }
    #expect(failure(text)?.message.contains("values") == true)
  }

  @Test("the excerpt shows the line and a caret")
  func excerpt() throws {
    let error = try #require(failure("a: 1\nb: c: d\n"))
    #expect(error.excerpt == ["b: c: d", "    ^"])
  }
}

@Suite("places inside of scalars")
struct AlignmentTests {
  /// In every text the character X is looked up; the file holds it once.
  @Test(
    "a character is found through quotes, escapes and folds",
    arguments: [
      "k: abX\n", "k: 'it''s X'\n", "k: \"a\\tb \\u0041 X\"\n", "k: |\n  a\n\n    bX\n",
      "k: >-\n  one\n  two X\n", "k: |2- # note\n    aX\n", "k: one\n  two\n  X\n",
      "k: \"one \\\n    two X\"\n", "k: 'one\n\n  two X'\n", "k: \"\\\"X\\\"\"\n",
      "k: [a, {b: \"c X\"}]\n", "k: ä€X\n", "k: \"a \\n \\t bX\"\n",
    ])
  func find(_ text: String) throws {
    let root = try parse(text)
    func scalars(_ node: YAMLNode) -> [YAMLScalar] {
      switch node.content {
      case .scalar(let scalar): [scalar]
      case .sequence(let items): items.flatMap(scalars)
      case .mapping(let mapping): mapping.entries.flatMap { scalars($0.value) }
      }
    }
    let scalar = try #require(scalars(root).first { $0.text.contains("X") })
    let offset = try #require(Array(scalar.text.unicodeScalars).firstIndex(of: "X"))
    let place = scalar.location(at: offset)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("X") })
    #expect(place.line == line + 1)
    #expect(Array(lines[line].unicodeScalars).firstIndex(of: "X") == place.column - 1)
  }
}

@Suite("reading mappings")
struct MappingReaderTests {
  @Test("every problem is reported at its place")
  func problems() throws {
    let problems = YAMLProblems()
    let root = try parse("name: 5\nport: x\ntls: yes\nlist: [a, 1]\nnaem: b\ncolour: red\n")
    let reader = try #require(MappingReader(root, as: "the server", problems: problems))
    #expect(reader.string("name") == nil)
    #expect(reader.int("port") == nil)
    #expect(reader.bool("tls") == nil)
    #expect(reader.strings("list") == ["a"])
    #expect(reader.string("host", required: true) == nil)
    #expect(reader.choice("colour", of: ["green", "rad"]) == nil)
    reader.finish()
    #expect(
      problems.list.map(\.description) == [
        "f.yaml:1:7: \"name\" must be text, but is the number 5",
        "f.yaml:2:7: \"port\" must be a whole number, but is text",
        "f.yaml:3:6: \"tls\" must be true or false, but is text",
        "f.yaml:4:11: an entry of \"list\" must be text, but is the number 1",
        "f.yaml:1:1: the server has no \"host\"",
        "f.yaml:6:9: \"colour\" is \"red\"; did you mean \"rad\"?",
        "f.yaml:5:1: the server has no key \"naem\"",
      ])
    #expect(throws: YAMLError.self) { try problems.throwIfAny() }
  }

  @Test("a slip in a key is answered with the key that was meant")
  func suggestion() throws {
    let problems = YAMLProblems()
    let reader = try #require(
      MappingReader(try parse("descripton: x\n"), as: "the file", problems: problems))
    _ = reader.string("description")
    reader.finish()
    #expect(problems.list[0].message.hasSuffix("did you mean \"description\"?"))
  }

  @Test("what is no mapping is reported")
  func noMapping() throws {
    let problems = YAMLProblems()
    #expect(MappingReader(try parse("- a\n"), as: "the file", problems: problems) == nil)
    #expect(problems.list.map(\.message) == ["the file must be a mapping, but is a list"])
  }
}

@Suite("robustness")
struct FuzzTests {
  @Test("mutated files are read or refused, never more")
  func mutations() throws {
    let seed = Array(
      """
      a: &x {k: 1, l: [1, 'two', "thr\\u0065e"]}
      b: *x
      c: |
        text ${{ inputs.a }}
      d: >-
        folded
        text
      ? e
      : [~, true, 0x1f, 1.5e3]

      """.utf8)
    var generator = SplitMix(state: 7)
    for _ in 0..<4000 {
      var bytes = seed
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let at = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: at)
        case 2: bytes.insert(seed.randomElement(using: &generator) ?? 0, at: at)
        default: bytes.swapAt(at, Int.random(in: bytes.indices, using: &generator))
        }
      }
      guard let document = try? YAMLDocument(parsing: bytes, file: "f") else { continue }
      visit(document.root)
    }
  }

  private func visit(_ node: YAMLNode) {
    switch node.content {
    case .scalar(let scalar): _ = scalar.location(at: scalar.text.unicodeScalars.count)
    case .sequence(let items): items.forEach(visit)
    case .mapping(let mapping): mapping.entries.forEach { visit($0.value) }
    }
  }
}

/// A small generator with a fixed seed, so that a failure comes again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
