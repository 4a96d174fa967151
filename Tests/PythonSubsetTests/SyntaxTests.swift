import PythonSubset
import Testing

/// A file of golden data beside the tests.
func goldenFile(_ name: String, beside source: String = #filePath) throws -> String {
  let folder = source.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  let path = folder.joined(separator: "/") + "/Data/" + name
  return String(decoding: try #require(TreeComparison.contents(of: path)), as: UTF8.self)
}

func parse(_ source: String) throws -> Module {
  try Module.parse(Array(source.utf8), file: "test.py")
}

/// The parts of `text` between its lines that consist of `line` alone.
func blocks(of text: String, dividedBy line: String) -> [String] {
  var blocks: [[Substring]] = [[]]
  for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
    if part == line { blocks.append([]) } else { blocks[blocks.count - 1].append(part) }
  }
  return blocks.map { $0.joined(separator: "\n") }
}

@Suite struct SyntaxTests {
  @Test func `trees equal CPython's for every construct`() throws {
    let constructs = try blocks(of: goldenFile("constructs.txt"), dividedBy: "%%")
    #expect(constructs.count > 390)
    for construct in constructs {
      var lines = construct.split(separator: "\n", omittingEmptySubsequences: false)
      while lines.last?.isEmpty == true { lines.removeLast() }
      let expected = lines.removeLast().dropFirst(3)
      let source = lines.joined(separator: "\n")
      do {
        let tree = TreeDump.render(try parse(source))
        #expect(tree == expected, "\(source)")
      } catch {
        Issue.record("\(source): \(error)")
      }
    }
  }

  @Test func `what CPython does not compile is refused`() throws {
    let lines = try goldenFile("refused.txt").split(separator: "\n")
    for line in lines {
      #expect(throws: SyntaxFailure.self, "\(line)") { try parse(String(line)) }
    }
  }

  @Test func `functions know whether they yield`() throws {
    let module = try parse(
      """
      def plain():
          def inner(): yield 1
          return lambda: (yield)
      def generator():
          if a:
              x = yield
      """)
    let functions = module.body.compactMap { statement -> FunctionDefinition? in
      if case .function(let function) = statement.kind { function } else { nil }
    }
    #expect(functions.map(\.isGenerator) == [false, true])
    guard case .function(let inner)? = functions.first?.body.first?.kind else {
      Issue.record("no inner function")
      return
    }
    #expect(inner.isGenerator)
  }

  @Test(arguments: [
    ("if a:\nb", "2:1", "expected an indented block after 'if' statement on line 1"),
    ("a\n  b", "2:3", "unexpected indent"),
    ("if a:\n    b\n  c", "3:3", "unindent does not match any outer indentation level"),
    ("if a:\n        b\n\tc", "3:2", "inconsistent use of tabs and spaces in indentation"),
    ("f(a,\nb = 1\nc", "1:2", "'(' was never closed"),
    ("x = (1]", "1:7", "closing parenthesis ']' does not match opening parenthesis '('"),
    ("x = )", "1:5", "unmatched ')'"),
    ("x = 'abc", "1:5", "unterminated string literal (detected at line 1)"),
    (
      "x = '''abc\n\n", "1:5",
      "unterminated triple-quoted string literal (detected at line 2)"
    ),
    ("é = 'é' $", "1:9", "invalid syntax"),
    ("def f(a, a): pass", "1:10", "duplicate argument 'a' in function definition"),
    (
      "f() = 1", "1:1",
      "cannot assign to function call here. Maybe you meant '==' instead of '='?"
    ),
    (
      "x = 08", "1:5",
      "leading zeros in decimal integer literals are not permitted; "
        + "use an 0o prefix for octal integers"
    ),
    ("f(a=1, 2)", "1:8", "positional argument follows keyword argument"),
    ("return 1", "1:1", "'return' outside function"),
    ("f'{a!x}'", "1:7", "f-string: invalid conversion character 'x': expected 's', 'r', or 'a'"),
    ("x = 5 \\ 3", "1:7", "unexpected character after line continuation character"),
  ])
  func `failures name the place and the reason`(
    source: String, place: String, reason: String
  ) throws {
    let failure = #expect(throws: SyntaxFailure.self) { try parse(source) }
    #expect(failure.map { "\($0.location)" } == "test.py:" + place)
    #expect(failure?.reason == reason)
  }

  @Test func `sources are read in the encoding they declare`() throws {
    func names(_ bytes: [UInt8]) throws -> String {
      TreeDump.render(try Module.parse(bytes, file: "test.py"))
    }
    let expected = TreeDump.render(try parse("x = 'é'"))
    let latin = Array("# -*- coding: latin-1 -*-\nx = '".utf8) + [0xE9, 39]
    #expect(try names(latin) == expected)
    #expect(try names([0xEF, 0xBB, 0xBF] + Array("x = 'é'".utf8)) == expected)
    #expect(try names(Array("x = 'é'\r\n".utf8)) == expected)
    #expect(
      try names(Array("#!/bin/sh\n# vim: set fileencoding=utf-8 :\rx = 'é'".utf8)) == expected)
    #expect(throws: SyntaxFailure.self) { try names([120, 61, 39, 0xE9, 39]) }
    #expect(throws: SyntaxFailure.self) { try names([120, 61, 0, 49]) }
    #expect(throws: SyntaxFailure.self) {
      try names(Array("# coding: klingon\nx = 'é'".utf8))
    }
  }
}
