import Diagnostics
import OrderedCollections
import Quantities
import Runbooks
import Testing

let here = SourceLocation(file: "r.yaml", line: 1, column: 1)

/// A run in the middle: one step done, one skipped, one to come.
let scope = Scope(
  contexts: [
    "inputs": [
      "name": "app", "jobs": 2, "ratio": 1.5, "dry": true, "nothing": nil,
      "limit": .duration(.seconds(300)),
    ],
    "result": [
      "rows": [["n": 0, "name": "a"], ["n": 3, "name": "b"]], "empty": [], "row-count": 2,
      "json": true, "text": "a,b", "map": ["x": 1, "y": 2], "big": .int(.max),
      "gaps": [["k": 1], [:]],
      "conditions": ["status": ["conditions": [["type": "Ready", "status": "True"]]]],
    ],
    "target": ["name": "prod", "database": ["name": "app"], "kubernetes": nil],
  ],
  steps: [
    "find": StepView(
      status: "done",
      outputs: [
        "id": "b1", "taken-at": .timestamp(Timestamp(microseconds: 1_000_000_000_000_000)),
      ],
      startedAt: Timestamp(microseconds: 1_000_000_100_000_000),
      finishedAt: Timestamp(microseconds: 1_000_000_160_000_000)),
    "optional": StepView(status: "skipped"),
    "later-step": StepView(status: "pending"),
  ],
  now: Timestamp(microseconds: 1_000_003_600_000_000))

func evaluate(_ text: String) throws -> Value {
  try Expression(parsing: text, at: here).evaluate(in: scope)
}

func expressionFailure(_ text: String) -> ExpressionError? {
  do {
    _ = try evaluate(text)
    return nil
  } catch {
    return error as? ExpressionError
  }
}

@Suite("values of expressions")
struct ExpressionValueTests {
  @Test(
    "literals, operators and their precedence",
    arguments: [
      ("1", 1), ("1.5", 1.5), ("'it''s'", "it's"), ("true", true), ("null", nil),
      ("${{ 1 + 2 }}", 3), ("  ${{ 1 }}  ", 1), ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9),
      ("10 - 4 - 3", 3), ("7 / 2", 3.5), ("8 / 2", 4), ("2 * 1.5", 3.0), ("-3 + 1", -2),
      ("!true || true", true), ("!(true || true)", false), ("1 < 2 && 2 <= 2", true),
      ("1 == 1.0", true), ("1 != 2", true), ("'a' < 'b'", true), ("'B' < 'a'", true),
      ("true == (1 < 2)", true), ("null == null", true), ("1 == null", false),
      ("'x' != null", true), ("false && 1 / 0 == 1", false), ("true || 1 / 0 == 1", true),
      ("9223372036854775807", .int(.max)), ("1 == 1 == true", nil),
    ] as [(String, Value)])
  func operators(_ text: String, _ value: Value) throws {
    if text == "1 == 1 == true" { return }  // chained comparisons stand under the refusals
    #expect(try evaluate(text) == value)
  }

  @Test(
    "paths and projections",
    arguments: [
      ("inputs.name", "app"), ("inputs['name']", "app"), ("result.rows[1].n", 3),
      ("result.rows.*.n", [0, 3]), ("result.rows.*['name']", ["a", "b"]),
      ("result['row-count']", 2), ("result.row-count - 1", 1), ("(result.rows.*.n)[1]", 3),
      ("result.map.*", [1, 2]), ("result.gaps.*.k", [1, nil]), ("inputs.nothing", nil),
      ("target.kubernetes", nil), ("target.alertmanager != null", false),
      ("target.kubernetes != null && target.kubernetes.namespace == 'x'", false),
      ("target.kubernetes == null || target.kubernetes.namespace == 'x'", true),
      ("steps.find.status", "done"), ("steps.find.outputs.id", "b1"),
      ("steps['find'].outputs['id']", "b1"), ("steps.optional.status == 'skipped'", true),
      ("steps.later-step.status", "pending"),
    ] as [(String, Value)])
  func paths(_ text: String, _ value: Value) throws {
    #expect(try evaluate(text) == value)
  }

  @Test(
    "times and durations are types of their own",
    arguments: [
      ("steps.find.finished-at - steps.find.started-at", .duration(.seconds(60))),
      ("age(steps.find.outputs.taken-at) == duration('1h')", true),
      ("now() > steps.find.started-at", true),
      ("duration('1h30m') - duration('30m')", .duration(.seconds(3600))),
      ("duration('1h') / duration('30m')", 2.0), ("duration('1m') * 3", .duration(.seconds(180))),
      ("duration(inputs.limit) == duration('5m')", true),
      ("steps.find.started-at + duration('1m') == steps.find.finished-at", true),
      ("age('2001-09-09T01:46:40Z') > duration('59m')", true),
      ("-duration('1s') < duration('0s')", true), ("bytes('64MiB')", 67_108_864),
    ] as [(String, Value)])
  func times(_ text: String, _ value: Value) throws {
    #expect(try evaluate(text) == value)
  }

  @Test(
    "functions",
    arguments: [
      ("contains('abc', 'b')", true), ("contains(result.rows.*.n, 3)", true),
      ("contains(result.rows.*.name, 'z')", false), ("contains(result.empty, 1)", false),
      ("startsWith('abc', 'ab')", true), ("endsWith('abc', 'bc')", true),
      ("format('{0}-{1} {{x}}', 'a', 2)", "a-2 {x}"), ("join(result.rows.*.name, '+')", "a+b"),
      ("join(result.rows.*.n)", "0,3"), ("length(result.rows)", 2), ("length('äö')", 2),
      ("length(result.map)", 2), ("keys(result.map)", ["x", "y"]),
      ("toJSON(result.map)", #"{"x":1,"y":2}"#), ("fromJSON('[1, {\"a\": null}]')[1].a", nil),
      ("matches('abc', '^a.c$')", true), ("matches('xabcx', 'b+')", true),
      ("matches('abc', '^b')", false), ("min(3, 1, 2)", 1), ("max(result.rows.*.n)", 3),
      ("sum(result.rows.*.n)", 3), ("sum(result.empty)", 0),
      ("condition(result.conditions, 'Ready')", "True"),
      ("condition(result.conditions, 'Other')", nil), ("default(null, 1)", 1),
      ("default(steps.optional.outputs.x, 'none')", "none"),
      ("default(target.kubernetes.namespace, 'none')", "none"),
      ("default(result.rows[9].n, -1)", -1), ("default(inputs.name, 'x')", "app"),
      ("fromJSON(toJSON(result.map)) == result.map", true),
    ] as [(String, Value)])
  func functions(_ text: String, _ value: Value) throws {
    #expect(try evaluate(text) == value)
  }
}

@Suite("refusals of expressions")
struct ExpressionRefusalTests {
  @Test(
    "what cannot be read says where",
    arguments: [
      ("", 1, "the expression is empty"), ("${{ }}", 5, "the expression is empty"),
      ("1 +", 4, "the end stands where a value was expected"), ("(1", 3, "a \")\" is missing"),
      ("a[1", 4, "a \"]\" is missing"), ("'abc", 1, "a text does not end"),
      ("\"abc\"", 1, "texts stand in single quotes"), ("a = 1", 3, "compares nothing"),
      ("a & b", 3, "means nothing"), ("a | b", 3, "means nothing"), ("1 2", 3, "operator"),
      ("a.1", 3, "a name must follow the point"), ("5m", 2, "a number with \"m\""),
      ("foo(1)", 1, "there is no function \"foo\""),
      ("lenght(x)", 1, "did you mean \"length\"?"), ("length()", 1, "takes one argument, not 0"),
      ("now(1)", 1, "takes no argument"), ("contains(a)", 1, "takes two arguments"),
      ("1 == 1 == true", 8, "cannot be chained"), ("1 < 2 < 3", 7, "cannot be chained"),
      ("${{ a", 6, "\"}}\" is missing"), ("${{ a }} b", 7, "this ends the expression"),
      ("${{ a }} && ${{ b }}", 7, "this ends the expression"), ("a ? b : c", 3, "no meaning"),
      ("99999999999999999999", 1, "out of range"), ("a }}", 3, "this ends the expression"),
      ("#", 1, "no meaning"), ("a..b", 3, "a name must follow"), (".a", 1, "expected"),
    ])
  func syntax(_ text: String, column: Int, reason: String) throws {
    let error = try #require(expressionFailure(text))
    #expect(error.kind == .syntax)
    #expect(error.location.column == column, "\(error.message)")
    #expect(error.reason.contains(reason), "\(error.message)")
    #expect(error.status == .usage)
  }

  @Test(
    "nothing is coerced and nothing is silently empty",
    arguments: [
      ("inputs.nmae", 1, "did you mean \"name\"?"), ("input.name", 1, "did you mean \"inputs\"?"),
      ("steps.fnid.status", 1, "did you mean \"find\"?"),
      ("steps.find.output.id", 1, "did you mean \"outputs\"?"),
      ("steps.find.outputs.ident", 1, "has no \"ident\""),
      ("1 == '1'", 1, "a number and a text cannot be compared by =="),
      ("'a' < 1", 1, "cannot be compared by <"), ("1 < null", 1, "cannot be compared by <"),
      ("'a' + 'b'", 1, "do not fit +"), ("true + 1", 1, "do not fit +"),
      ("1 && true", 1, "&& needs true or false"), ("true && 'x'", 9, "is a text"),
      ("!0", 2, "! needs true or false"), ("1 / 0", 1, "a division by zero"),
      ("result.big + 1", 1, "out of range"), ("result.rows[2]", 1, "there is no [2]"),
      ("result.rows[-1]", 1, "there is no [-1]"), ("result.rows['x']", 1, "is a list and has no"),
      ("result.rows[true]", 1, "an index must be"), ("result.text.x", 1, "is a text and has no"),
      ("target.kubernetes.namespace", 1, "\"target.kubernetes\" is null"),
      ("target.databse", 1, "did you mean \"database\"?"),
      ("steps.optional.outputs.x", 1, "has no outputs: it is skipped"),
      ("steps.later-step.started-at", 1, "did not begin: it is pending"),
      ("steps.find", 1, "is no value by itself"), ("steps", 1, "is no value by itself"),
      ("result.rows.*.n[0]", 1, "could mean two things"),
      ("length(5)", 8, "must be a list, a mapping or a text"),
      ("length(inputs.nothing)", 8, "but is null"),
      ("duration('5')", 10, "is no duration"), ("bytes('x')", 7, "is no size"),
      ("age('yesterday')", 5, "is no time"), ("age(5)", 5, "must be a timestamp"),
      ("contains(result.rows.*.n, 'a')", 27, "never a text"),
      ("format('{1}', 1)", 8, "{1} has no argument"), ("format('{x}', 1)", 8, "has no number"),
      ("format('{0}', result.rows)", 15, "cannot stand in a text"),
      ("fromJSON('{')", 10, "the text is not JSON"),
      ("matches('a', '(')", 14, "is wrong at character 2: missing"),
      ("matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac', '(a+)+$')", 46, "takes too many steps"),
      ("min(result.empty)", 5, "an empty list"),
      ("max(1, 'a')", 5, "have no order"), ("sum(result.rows.*.name)", 5, "cannot be summed"),
      ("duration('1s') + 1", 1, "a duration and a number do not fit +"),
      ("now() + now()", 1, "do not fit +"), ("default(inputs.nmae, 1)", 9, "did you mean"),
      ("default(1 == 'a', 1)", 9, "cannot be compared"), ("-'a'", 2, "cannot stand before a text"),
      ("duration('30000d') * 1000000000000", 1, "out of range"),
    ])
  func values(_ text: String, column: Int, reason: String) throws {
    let error = try #require(expressionFailure(text))
    #expect(error.kind != .syntax)
    #expect(error.location.column == column, "\(error.message)")
    #expect(error.reason.contains(reason), "\(error.message)")
  }

  @Test("only booleans are conditions")
  func conditions() throws {
    let one = try Expression(parsing: "1", at: here)
    #expect(throws: ExpressionError.self) { try one.isTrue(in: scope) }
    #expect(try Expression(parsing: "1 == 1", at: here).isTrue(in: scope))
  }

  @Test("the error shows the expression and a caret")
  func caret() throws {
    let error = try #require(expressionFailure("1 + inputs.nmae"))
    #expect(error.details == ["1 + inputs.nmae", "    ^"])
    #expect(error.message.hasPrefix("r.yaml:1:5: "))
  }

  @Test("what it reads is known before the run")
  func references() throws {
    let expression = try Expression(
      parsing: "steps.a.outputs.x == inputs.y && steps['b'].status == 'done'", at: here)
    #expect(expression.contexts == ["steps", "inputs"])
    #expect(expression.steps == ["a", "b"])
    #expect(expression.stepsWhoseOutputsAreRead == ["a"])
  }
}

@Suite("robustness of expressions")
struct ExpressionFuzzTests {
  private static let words = [
    "inputs", ".", "name", "[", "]", "(", ")", "'a'", "''", "1", "0", "1.5", "==", "!=", "<", "&&",
    "||", "!", "-", "+", "*", "/", ".*", ",", "length", "contains", "format", "now", "age",
    "default", "duration", "steps", "find", "outputs", "result", "rows", "null", "true", " ",
    "'5m'", "}}", "${{", "\"", "#", "ä", "min", "sum", "toJSON", "fromJSON", "target", "big",
    "9223372036854775807",
  ]

  @Test("any sequence of words is read or refused, evaluated or refused")
  func words() {
    var generator = SplitMix(state: 11)
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...14, using: &generator)
      let text = (0..<count).map { _ in Self.words.randomElement(using: &generator) ?? "" }
        .joined(separator: Bool.random(using: &generator) ? "" : " ")
      _ = try? evaluate(text)
    }
  }

  @Test("depth is bounded", arguments: ["(", "!", "-", "a[", "length(", "[", "1+("])
  func depth(_ opening: String) {
    _ = expressionFailure(String(repeating: opening, count: 50_000))
    _ = expressionFailure(String(repeating: opening, count: 500) + "1")
  }

  @Test("a long chain of operators does not exhaust the stack")
  func chain() {
    _ = expressionFailure("1" + String(repeating: " + 1", count: 900))
    _ = expressionFailure("a" + String(repeating: ".b", count: 900))
    _ = expressionFailure("true" + String(repeating: " && true", count: 900))
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
