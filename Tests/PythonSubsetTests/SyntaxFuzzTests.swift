import PythonSubset
import Testing

/// A small generator of pseudo-random numbers (SplitMix64), so that every run tries the same.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Sources damaged at random are parsed or refused with a place inside them.
@Suite struct SyntaxFuzzTests {
  static let fragments = [
    "(", ")", "[", "]", "{", "}", "'", "\"", "'''", "f'", "f\"{", "{", "}", ":", "\n", "\n    ",
    "\t", "\\\n", "\\", "#", "lambda ", "if ", " else ", "for ", " in ", "async ", "await ",
    "match ", "case ", "type ", "yield ", "not ", "*", "**", ":=", "=", "...", "0x", "1e", "1_",
    "@", "é", "\u{0}", "\u{FEFF}", "\r", "!r", "!=", "with (", "as ", "except*", "class A:",
    "def f(", "import ", "from . ", "\u{C}", "\\N{", "\\u", "b'", "global ", "del ",
  ]

  @Test(arguments: 0..<8)
  func `damaged constructs`(seed: Int) throws {
    let constructs = try blocks(of: goldenFile("constructs.txt"), dividedBy: "%%").map { block in
      block.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("=> ") }.joined(separator: "\n")
    }
    var random = SeededGenerator(state: UInt64(seed))
    for _ in 0..<1_500 {
      var source: [UInt8] = []
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        source += Array((constructs.randomElement(using: &random) ?? "").utf8) + [10]
      }
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        Self.damage(&source, &random)
      }
      Self.check(source)
    }
  }

  @Test func `bytes of any kind`() {
    var random = SeededGenerator(state: 99)
    for length in 0..<600 {
      Self.check((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
      Self.check((0..<length).map { _ in UInt8.random(in: 9...126, using: &random) })
    }
  }

  static func damage(_ source: inout [UInt8], _ random: inout SeededGenerator) {
    let place = Int.random(in: 0...source.count, using: &random)
    let end = min(source.count, place + Int.random(in: 0...8, using: &random))
    switch Int.random(in: 0..<5, using: &random) {
    case 0: source.removeSubrange(place..<end)
    case 1: source.insert(contentsOf: source[place..<end], at: place)
    case 2: source.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 3: source.removeSubrange(place..<source.count)
    default:
      source.insert(contentsOf: (fragments.randomElement(using: &random) ?? "").utf8, at: place)
    }
  }

  static func check(_ source: [UInt8]) {
    do {
      _ = TreeDump.render(try Module.parse(source, file: "fuzz.py"))
    } catch {
      let lines = source.count { $0 == 10 || $0 == 13 } + 2
      #expect((1...lines).contains(error.location.line), "\(source)")
      #expect((1...(source.count + 2)).contains(error.location.column), "\(source)")
      #expect(!error.reason.isEmpty)
    }
  }
}
