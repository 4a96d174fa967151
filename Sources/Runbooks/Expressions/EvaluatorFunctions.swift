internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Text

extension Evaluator {
  func call(
    _ name: String, _ arguments: [ExpressionNode], _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    guard let function = ExpressionFunction(rawValue: name) else {
      throw fault(node, "there is no function \"\(name)\"")
    }
    switch function {
    case .default: return try withDefault(arguments[0], arguments[1])
    case .now: return .timestamp(scope.now)
    default: break
    }
    var values: [Value] = []
    for argument in arguments { values.append(try value(argument)) }
    let call = FunctionCall(function: function, nodes: arguments, values: values, node: node)
    switch function {
    case .contains: return try contains(call)
    case .startsWith: return .bool(try call.text(0).hasPrefix(call.text(1)))
    case .endsWith: return .bool(try call.text(0).hasSuffix(call.text(1)))
    case .matches: return try matches(call)
    case .format: return try format(call)
    case .join: return try join(call)
    case .length: return try length(call)
    case .keys: return .array(try call.mapping(0).keys.map(Value.string))
    case .toJSON: return .string(values[0].json.text())
    case .fromJSON: return try fromJSON(call)
    case .min: return try extreme(call, keep: -1)
    case .max: return try extreme(call, keep: 1)
    case .sum: return try sum(call)
    case .age: return try difference(scope.now, call.timestamp(0), node)
    case .duration: return .duration(try call.duration(0))
    case .bytes: return .int(try call.bytes(0))
    case .condition: return try condition(call)
    case .now, .default: return .null
    }
  }

  /// The first value, unless it is null or absent. Slips in names and types stay errors.
  private func withDefault(
    _ node: ExpressionNode, _ other: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    do throws(ExpressionFault) {
      let value = try value(node)
      if value != .null { return value }
    } catch {
      guard error.kind == .absent else { throw error }
    }
    return try value(other)
  }

  private func contains(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let needle = call.values[1]
    switch call.values[0] {
    case .string(let text):
      let part = try call.text(1)
      return .bool(text.contains(text: part))
    case .array(let items):
      if items.contains(where: { $0.equals(needle) }) { return true }
      let others = items.filter { $0 != .null }
      if let other = others.first, !others.contains(where: { $0.isComparable(with: needle) }) {
        throw call.fault(
          1, "the list holds \(other.typeName), and never \(needle.typeName)",
          hint: "Compare with a value of the list's own type.")
      }
      return false
    default: throw call.wrong(0, "a list or a text")
    }
  }

  private func matches(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let (text, pattern) = (try call.text(0), try call.text(1))
    do throws(BoundedPattern.Refusal) {
      return .bool(try BoundedPattern(pattern).matches(anywhereIn: text))
    } catch {
      throw call.fault(1, error.reason)
    }
  }

  private func format(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    var result = ""
    var rest = try call.text(0)[...]
    while let character = rest.first {
      rest = rest.dropFirst()
      if character == "{" || character == "}", rest.first == character {
        result.append(character)
        rest = rest.dropFirst()
      } else if character == "{" {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        guard let index = Int(digits), rest.first == "}" else {
          throw call.fault(0, "a \"{\" in format has no number and \"}\" behind it")
        }
        rest = rest.dropFirst()
        guard index < call.values.count - 1 else {
          throw call.fault(0, "{\(index)} has no argument: there are \(call.values.count - 1)")
        }
        result += try call.spelling(index + 1)
      } else if character == "}" {
        throw call.fault(0, "a \"}\" in format has no \"{\"; write \"}}\" for the character")
      } else {
        result.append(character)
      }
    }
    return .string(result)
  }

  private func join(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let separator = call.values.count > 1 ? try call.text(1) : ","
    var parts: [String] = []
    for item in try call.list(0) {
      guard let text = item.text else {
        throw call.fault(0, "an element is \(item.typeName), which cannot be joined")
      }
      parts.append(text)
    }
    return .string(parts.joined(separator: separator))
  }

  private func length(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    switch call.values[0] {
    case .string(let text): return .int(Int64(text.count))
    case .array(let items): return .int(Int64(items.count))
    case .object(let members): return .int(Int64(members.count))
    default: throw call.wrong(0, "a list, a mapping or a text")
    }
  }

  private func fromJSON(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let text = try call.text(0)
    do throws(JSONError) {
      return Value(try JSON(parsing: text))
    } catch {
      throw call.fault(0, "the text is not JSON: \(error)")
    }
  }

  private func extreme(_ call: FunctionCall, keep: Int) throws(ExpressionFault) -> Value {
    let items = call.values.count == 1 ? try call.list(0) : call.values
    guard var best = items.first else {
      throw call.fault(0, "an empty list has no \(call.function.rawValue)", kind: .absent)
    }
    for item in items {
      guard let order = item.order(to: best) else {
        throw call.fault(
          0, "\(item.typeName) and \(best.typeName) have no order",
          kind: item == .null || best == .null ? .absent : .value)
      }
      if order == keep { best = item }
    }
    return best
  }

  private func sum(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let items = try call.list(0)
    guard var total = items.first else { return 0 }
    guard total.asDouble != nil || isDuration(total) else {
      throw call.fault(0, "\(total.typeName) cannot be summed")
    }
    for item in items.dropFirst() {
      switch (total, item) {
      case (.int(let a), .int(let b)):
        let (result, overflow) = a.addingReportingOverflow(b)
        guard !overflow else { throw call.fault(0, "the sum is out of range") }
        total = .int(result)
      case (.duration(let a), .duration(let b)):
        total = try span(a.seconds + b.seconds, exactly: { a + b }, call.node)
      default:
        guard let a = total.asDouble, let b = item.asDouble, (a + b).isFinite else {
          throw call.fault(0, "\(item.typeName) cannot be added to \(total.typeName)")
        }
        total = .double(a + b)
      }
    }
    return total
  }

  private func isDuration(_ value: Value) -> Bool {
    if case .duration = value { true } else { false }
  }

  /// The status of one of `status.conditions` of a Kubernetes object; null when it has none such.
  private func condition(_ call: FunctionCall) throws(ExpressionFault) -> Value {
    let type = try call.text(1)
    let status = Value.object(try call.mapping(0))["status"]
    for item in status?["conditions"]?.array ?? [] where item["type"]?.string == type {
      return item["status"] ?? .null
    }
    return .null
  }
}

/// The arguments of a call, with errors that name function and argument.
struct FunctionCall {
  var function: ExpressionFunction
  var nodes: [ExpressionNode]
  var values: [Value]
  var node: ExpressionNode

  func fault(
    _ index: Int, _ reason: String, kind: ExpressionError.Kind = .value, hint: String? = nil
  ) -> ExpressionFault {
    ExpressionFault(
      kind: kind, reason: "\(function.rawValue): \(reason)",
      offset: nodes[index].range.lowerBound, hint: hint)
  }

  func wrong(_ index: Int, _ expected: String) -> ExpressionFault {
    let isNull = values[index] == .null
    return fault(
      index, "\"\(nodes[index].spelling)\" must be \(expected), but is \(values[index].typeName)",
      kind: isNull ? .absent : .value,
      hint: isNull
        ? "Use default(x, y) for what may be absent." : "It is written \(function.usage).")
  }

  func text(_ index: Int) throws(ExpressionFault) -> String {
    if case .string(let text) = values[index] { return text }
    throw wrong(index, "a text")
  }

  func list(_ index: Int) throws(ExpressionFault) -> [Value] {
    if case .array(let items) = values[index] { return items }
    throw wrong(index, "a list")
  }

  func mapping(_ index: Int) throws(ExpressionFault) -> OrderedDictionary<String, Value> {
    if case .object(let members) = values[index] { return members }
    throw wrong(index, "a mapping")
  }

  /// What a value looks like inside of a text.
  func spelling(_ index: Int) throws(ExpressionFault) -> String {
    if let text = values[index].text { return text }
    throw fault(
      index, "\"\(nodes[index].spelling)\" is \(values[index].typeName) and cannot stand in a text",
      kind: values[index] == .null ? .absent : .value,
      hint: "Use default(x, y) for what may be null, join or toJSON for lists and mappings.")
  }

  func timestamp(_ index: Int) throws(ExpressionFault) -> Timestamp {
    switch values[index] {
    case .timestamp(let moment): return moment
    case .string(let text):
      if let moment = Timestamp(parsing: text) { return moment }
      throw fault(
        index, "'\(text.prefix(60))' is no time",
        hint: "Times are written as 2026-11-23T08:15:02Z.")
    default: throw wrong(index, "a timestamp")
    }
  }

  func duration(_ index: Int) throws(ExpressionFault) -> Duration {
    switch values[index] {
    case .duration(let duration): return duration
    case .string(let text):
      if let duration = Duration(parsing: text) { return duration }
      throw fault(
        index, "'\(text.prefix(60))' is no duration",
        hint: "Durations are written as 90s, 5m, 1h30m or 2d.")
    default: throw wrong(index, "a text such as '5m'")
    }
  }

  func bytes(_ index: Int) throws(ExpressionFault) -> Int64 {
    switch values[index] {
    case .int(let count): return count
    case .string(let text):
      if let count = ByteCount(parsing: text) { return count.bytes }
      throw fault(
        index, "'\(text.prefix(60))' is no size", hint: "Sizes are written as 64MiB or 2GB.")
    default: throw wrong(index, "a text such as '64MiB'")
    }
  }
}
