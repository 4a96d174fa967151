/// `function(arguments)`.
final class CallNode: ExpressionNode {
  enum Part {
    case positional(ExpressionNode)
    case keyword(String, ExpressionNode)
    case sequence(ExpressionNode)
    case mapping(ExpressionNode)
  }
  private let function: ExpressionNode
  private let parts: [Part]

  init(_ function: ExpressionNode, _ parts: [Part], at position: Position) {
    self.function = function
    self.parts = parts
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if let attribute = function as? AttributeNode { return try callMethod(attribute, frame) }
    let function = try function.evaluate(frame)
    let arguments = try CallNode.arguments(parts, for: function, frame)
    frame.position = position
    return try frame.python.call(function, arguments)
  }

  /// `object.name(...)` of a builtin value, without making a bound method first.
  private func callMethod(_ attribute: AttributeNode, _ frame: Frame) throws -> Value {
    let receiver = try attribute.object.evaluate(frame)
    frame.position = attribute.position
    if case .object = receiver {
    } else if let method = receiver.pythonClass.lookup(attribute.name)?.object(
      as: HostFunction.self),
      method.kind == .method
    {
      let arguments = try CallNode.arguments(parts, for: .object(method), frame)
      frame.position = position
      return try method.call(arguments.prefixed(by: receiver), frame.python)
    }
    let function = try frame.python.get(attribute.name, of: receiver)
    let arguments = try CallNode.arguments(parts, for: function, frame)
    frame.position = position
    return try frame.python.call(function, arguments)
  }

  static func arguments(
    _ parts: [Part], for function: Value, _ frame: Frame
  ) throws -> Arguments {
    var arguments = Arguments()
    arguments.positional.reserveCapacity(parts.count)
    for part in parts {
      switch part {
      case .positional(let node): arguments.positional.append(try node.evaluate(frame))
      case .keyword(let name, let node):
        try add(name, node.evaluate(frame), to: &arguments, function, frame.python)
      case .sequence(let node):
        let value = try node.evaluate(frame)
        guard let iterator = try frame.python.optionalIterator(of: value) else {
          throw PythonError(
            .typeError,
            "\(try name(of: function, frame.python))() argument after * must be an iterable, "
              + "not \(value.typeName)")
        }
        arguments.positional += try frame.python.items(.object(iterator))
      case .mapping(let node):
        try unpack(node.evaluate(frame), into: &arguments, function, frame.python)
      }
    }
    return arguments
  }

  private static func add(
    _ keyword: String, _ value: Value, to arguments: inout Arguments, _ function: Value,
    _ python: Interpreter
  ) throws {
    if arguments.keywords.contains(where: { $0.name == keyword }) {
      throw PythonError(
        .typeError,
        "\(try name(of: function, python))() got multiple values for keyword argument '\(keyword)'")
    }
    arguments.keywords.append((keyword, value))
  }

  private static func unpack(
    _ mapping: Value, into arguments: inout Arguments, _ function: Value, _ python: Interpreter
  ) throws {
    let entries = PythonDict()
    if mapping.dict == nil, try python.optionalAttribute(of: mapping, "keys") == nil {
      throw PythonError(
        .typeError,
        "\(try name(of: function, python))() argument after ** must be a mapping, "
          + "not \(mapping.typeName)")
    }
    try entries.update(from: mapping, python)
    for (key, value) in entries.items {
      guard let keyword = key.string else {
        throw PythonError(.typeError, "keywords must be strings")
      }
      try add(keyword, value, to: &arguments, function, python)
    }
  }

  private static func name(of function: Value, _ python: Interpreter) throws -> String {
    let name = try python.optionalAttribute(of: function, "__qualname__")?.string
    let module = try python.optionalAttribute(of: function, "__module__")?.string
    guard let name else { return function.typeName }
    return module.map { $0 == "builtins" ? name : "\($0).\(name)" } ?? name
  }
}
