import PythonSubset
import Testing

/// Input of any depth or length is either parsed or refused; nothing overflows a stack, on the way
/// in or when the tree is released.
@Suite struct SyntaxLimitTests {
  static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  static let long = [
    "a" + repeated(" + a", 10_000),
    "a" + repeated(" and a", 10_000),
    "a" + repeated(" < a", 10_000),
    "x = (" + repeated("'text'\n", 5_000) + ")",
    "x = (" + repeated("f'{a}'\n", 5_000) + ")",
    "if a: b\n" + repeated("elif a: b\n", 3_000),
    "[" + repeated("1, ", 100_000) + "]",
    "f(" + repeated("a=1,", 1) + repeated("**b,", 20_000) + ")",
    repeated("a = ", 20_000) + "1",
    repeated("(", 190) + repeated(")", 190),
    "a" + repeated(".b()", 240),
    repeated("- ", 450) + "a",
    "x = a" + repeated(" if b else a", 450),
    "match a:\n case " + repeated("1 | ", 10_000) + "2: pass",
  ]

  @Test(arguments: long.indices)
  func `long sources parse`(index: Int) throws {
    _ = try parse(Self.long[index])
  }

  static let deep = [
    repeated("(", 100_000), repeated("[", 100_000), repeated("{", 100_000),
    repeated("f(", 100_000), repeated("a[", 100_000),
    repeated("-", 100_000) + "a", repeated("not ", 100_000) + "a",
    "a" + repeated(" ** a", 100_000), "a" + repeated(".b", 100_000), "a" + repeated("()", 100_000),
    "a" + repeated(" if b else a", 100_000), repeated("lambda: ", 100_000) + "a",
    repeated("(", 199) + repeated("-", 400) + "a" + repeated(")", 199),
    repeated("(", 150) + "a" + repeated(".b.c.d.e)", 150),
    (0..<120).map { repeated(" ", $0) + "if a:\n" }.joined() + repeated(" ", 120) + "b",
    repeated("f'{", 500) + "a" + repeated("}'", 500),
    repeated("f'{a:{", 400) + "a" + repeated("}}'", 400),
    "f'{a:" + repeated("{b:", 400) + repeated("}", 400) + "}'",
    "match a:\n case " + repeated("(", 400) + "b" + repeated(")", 400) + ": pass",
    "match a:\n case " + repeated("A(", 190) + "b" + repeated(") as c", 190) + ": pass" + "\n)",
    "match a:\n case b" + repeated(".c", 1_000) + ": pass",
    "def f[T: " + repeated("(", 300),
    "x = " + repeated("9", 5_000),
  ]

  @Test(arguments: deep.indices)
  func `sources too deep are refused`(index: Int) {
    #expect(throws: SyntaxFailure.self) { try parse(Self.deep[index]) }
  }
}
