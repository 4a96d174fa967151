internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import YAML

/// Reads `with:` as the action describes it.
struct ParameterReader {
  private let parser: RunbookParser
  private let entry: ActionCatalog.Entry

  init(_ parser: RunbookParser, entry: ActionCatalog.Entry) {
    self.parser = parser
    self.entry = entry
  }

  func read(_ step: MappingReader) -> OrderedDictionary<String, Template> {
    let node = step.node("with")
    guard let parameters = entry.parameters else { return anything(node) }
    guard let node else {
      for parameter in parameters where parameter.isRequired {
        parser.problems.report(
          "\(entry.name) needs \"\(parameter.name)\" in \"with\"", at: step.location(of: "uses"))
      }
      return [:]
    }
    guard let reader = MappingReader(node, as: entry.name, problems: parser.problems) else {
      return [:]
    }
    var result: OrderedDictionary<String, Template> = [:]
    let order = Dictionary(
      reader.keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let sorted = parameters.sorted { order[$0.name] ?? .max < order[$1.name] ?? .max }
    for parameter in sorted {
      let value =
        parameter.isRequired
        ? reader.requiredNode(parameter.name) : reader.node(parameter.name)
      if let value { result[parameter.name] = template(value, for: parameter) }
    }
    reader.finish()
    checkOperation(reader)
    return result
  }

  /// `aws.read` takes only operations whose names say that they read.
  private func checkOperation(_ reader: MappingReader) {
    guard entry.name == "aws.read", let operation = reader.string("operation") else { return }
    if ActionCatalog.isReading(operation) { return }
    let verbs = ActionCatalog.readingVerbs
    parser.problems.report(
      "aws.read cannot take the operation \"\(operation)\"", at: reader.location(of: "operation"),
      hint: "It takes operations that begin with \(verbs.joined(separator: "-, "))-.")
  }

  private func anything(_ node: YAMLNode?) -> OrderedDictionary<String, Template> {
    guard let node else { return [:] }
    guard let template = parser.template(node), case .object(let members) = template.form else {
      if node.mapping == nil {
        parser.problems.report("\"with\" must be a mapping, but is \(node.kind)", at: node.location)
      }
      return [:]
    }
    return members
  }

  private func template(_ node: YAMLNode, for parameter: ActionParameter) -> Template? {
    if parameter.isDeferred {
      return parser.expression(node, "\"\(parameter.name)\"").map {
        Template(.deferred($0), at: node.location)
      }
    }
    if !parameter.allowsExpressions {
      guard let scalar = node.scalar, scalar.value == .string else {
        parser.problems.report(
          "\"\(parameter.name)\" must be text, but is \(node.kind)", at: node.location)
        return nil
      }
      let instead = parameter.name == "query" || parameter.name == "sql"
      parser.refuseExpressions(
        in: scalar, instead ? "SQL" : "\"\(parameter.name)\"",
        instead ? "\"params\" or \"identifiers\"" : "another field")
      return Template(.literal(.string(scalar.text)), at: node.location)
    }
    guard let template = parser.template(node) else { return nil }
    if case .literal(let value) = template.form {
      guard let admitted = parameter.shape.admit(value) else {
        parser.problems.report(
          "\"\(parameter.name)\" must be \(parameter.shape.phrase), but is \(value.typeName)",
          at: node.location)
        return nil
      }
      return Template(.literal(admitted), at: node.location)
    }
    return template
  }
}

extension Shape {
  /// The value if it is of this shape; the text of a duration or a time becomes one. Nil when it
  /// does not fit.
  public func admit(_ value: Value) -> Value? {
    switch (self, value) {
    case (.any, _), (.bool, .bool), (.number, .int), (.number, .double), (.string, .string),
      (.timestamp, .timestamp), (.duration, .duration), (.optional, .null):
      return value
    case (.duration, .string(let text)): return Duration(parsing: text).map { .duration($0) }
    case (.timestamp, .string(let text)): return Timestamp(parsing: text).map { .timestamp($0) }
    case (.optional(let shape), _): return shape.admit(value)
    case (.array(let shape), .array(let items)):
      let admitted = items.compactMap { shape.admit($0) }
      return admitted.count == items.count ? .array(admitted) : nil
    case (.map(let shape), .object(let members)):
      let admitted = members.compactMapValues { shape.admit($0) }
      return admitted.count == members.count ? .object(admitted) : nil
    case (.object(let shapes), .object(let members)):
      var admitted: OrderedDictionary<String, Value> = [:]
      for (key, member) in members {
        guard let value = shapes[key]?.admit(member) else { return nil }
        admitted[key] = value
      }
      return shapes.keys.allSatisfy { admitted[$0] != nil || shapes[$0]?.takesNull == true }
        ? .object(admitted) : nil
    default: return nil
    }
  }

  /// Whether null is one of its values.
  var takesNull: Bool {
    switch self {
    case .any, .optional: true
    default: false
    }
  }

  /// What a value must be, for messages: `a text`.
  public var phrase: String {
    switch self {
    case .any: "any value"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a text"
    case .timestamp: "a timestamp"
    case .duration: "a duration such as 5m"
    case .array(.any): "a list"
    case .array(let element): "a list, each element \(element.phrase)"
    case .object, .map: "a mapping"
    case .optional(let shape): shape.phrase
    }
  }
}
