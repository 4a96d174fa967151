/// The functions of the expression language.
enum ExpressionFunction: String, CaseIterable, Sendable {
  case contains, startsWith, endsWith, format, join, length, keys, toJSON, fromJSON, matches
  case min, max, sum, now, age, duration, bytes, condition
  case `default`

  /// How many arguments it takes.
  var arity: ClosedRange<Int> {
    switch self {
    case .now: 0...0
    case .length, .keys, .toJSON, .fromJSON, .sum, .age, .duration, .bytes: 1...1
    case .join: 1...2
    case .contains, .startsWith, .endsWith, .matches, .condition, .default: 2...2
    case .format, .min, .max: 1...64
    }
  }

  var arityPhrase: String {
    switch arity {
    case 0...0: "no argument"
    case 1...1: "one argument"
    case 2...2: "two arguments"
    case 1...2: "one or two arguments"
    default: "at least one argument"
    }
  }

  /// How a call is written.
  var usage: String {
    switch self {
    case .contains: "contains(list or text, value)"
    case .startsWith: "startsWith(text, prefix)"
    case .endsWith: "endsWith(text, suffix)"
    case .format: "format('... {0} ... {1}', value, value)"
    case .join: "join(list, separator)"
    case .length: "length(list, mapping or text)"
    case .keys: "keys(mapping)"
    case .toJSON: "toJSON(value)"
    case .fromJSON: "fromJSON(text)"
    case .matches: "matches(text, 'regular expression')"
    case .min: "min(a, b, ...) or min(list)"
    case .max: "max(a, b, ...) or max(list)"
    case .sum: "sum(list)"
    case .now: "now()"
    case .age: "age(timestamp)"
    case .duration: "duration('5m')"
    case .bytes: "bytes('64MiB')"
    case .condition: "condition(object, 'Ready')"
    case .default: "default(value that may be absent, other value)"
    }
  }
}
