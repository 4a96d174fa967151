/// An element of a display, which may be starred.
struct ElementNode {
  let value: ExpressionNode
  let isStarred: Bool

  static func evaluate(_ elements: [ElementNode], _ frame: Frame) throws -> [Value] {
    var items: [Value] = []
    items.reserveCapacity(elements.count)
    for element in elements {
      let value = try element.value.evaluate(frame)
      if element.isStarred {
        frame.position = element.value.position
        guard let iterator = try frame.python.optionalIterator(of: value) else {
          throw PythonError(
            .typeError, "Value after * must be an iterable, not \(value.typeName)")
        }
        items += try frame.python.items(.object(iterator))
      } else {
        items.append(value)
      }
    }
    return items
  }
}

/// `(a, b)`, `[a, b]` or `{a, b}`.
final class DisplayNode: ExpressionNode {
  enum Form {
    case tuple, list, set
  }
  private let form: Form
  private let elements: [ElementNode]

  init(_ form: Form, _ elements: [ElementNode], at position: Position) {
    self.form = form
    self.elements = elements
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let items = try ElementNode.evaluate(elements, frame)
    switch form {
    case .tuple: return try frame.python.tuple(items)
    case .list: return .list(items)
    case .set:
      frame.position = position
      return .set(try PythonSet(items, frame.python))
    }
  }
}

/// `{key: value, **mapping}`.
final class DictionaryNode: ExpressionNode {
  enum Entry {
    case pair(ExpressionNode, ExpressionNode)
    case unpacked(ExpressionNode)
  }
  private let entries: [Entry]

  init(_ entries: [Entry], at position: Position) {
    self.entries = entries
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let dict = PythonDict()
    for entry in entries {
      switch entry {
      case .pair(let key, let value):
        let key = try key.evaluate(frame)
        let value = try value.evaluate(frame)
        frame.position = position
        try dict.set(key, to: value, frame.python)
      case .unpacked(let mapping):
        let mapping = try mapping.evaluate(frame)
        frame.position = position
        if mapping.dict == nil,
          try frame.python.optionalAttribute(of: mapping, "keys") == nil
        {
          throw PythonError(.typeError, "'\(mapping.typeName)' object is not a mapping")
        }
        try dict.update(from: mapping, frame.python)
      }
    }
    return .dict(dict)
  }
}

/// `lambda`, and the function of a `def`.
final class FunctionNode: ExpressionNode {
  private let code: FunctionCode

  init(_ code: FunctionCode, at position: Position) {
    self.code = code
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value { .object(try code.function(frame)) }
}
