import PythonSubset

/// Renders a syntax tree in the form of CPython's `ast.dump`, which the tests compare with. Strings,
/// floats and bytes are written in forms that both languages can produce alike.
struct TreeDump {
  let positions: Bool

  static func render(_ module: Module, positions: Bool = false) -> String {
    let dump = TreeDump(positions: positions)
    return "Module(body=\(dump.list(module.body.map(dump.statement))))"
  }

  func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

  /// `Name@1:1(a=b, ...)`, without the fields that are nil.
  func node(_ name: String, _ place: Position?, _ fields: (String, String?)...) -> String {
    var text = name
    if positions, let place { text += "@\(place)" }
    let written = fields.compactMap { name, value in value.map { "\(name)=\($0)" } }
    return text + "(" + written.joined(separator: ", ") + ")"
  }

  func string(_ text: some Sequence<UInt32>) -> String {
    var out = "'"
    for point in text {
      if (32..<127).contains(point), point != 39, point != 92, let scalar = Unicode.Scalar(point) {
        out.unicodeScalars.append(scalar)
      } else {
        out += "\\{\(String(point, radix: 16))}"
      }
    }
    return out + "'"
  }

  func string(_ text: String) -> String { string(text.unicodeScalars.map(\.value)) }

  func name(_ text: String?) -> String? { text.map { string($0) } }

  func hex(_ value: UInt64, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
  }
}

extension TreeDump {
  func expression(_ value: Expression?) -> String? { value.map { expression($0) } }

  func expression(_ value: Expression) -> String { expression(value, isPlaced: true) }

  func constant(_ text: String, _ place: Position?) -> String {
    node("Constant", place, ("value", text))
  }

  func expression(_ value: Expression, isPlaced: Bool) -> String {
    let place = isPlaced ? value.position : nil
    switch value.kind {
    case .name(let name): return node("Name", place, ("id", string(name)), ("ctx", "Load()"))
    case .none: return constant("None", place)
    case .true: return constant("True", place)
    case .false: return constant("False", place)
    case .ellipsis: return constant("Ellipsis", place)
    case .integer(let number): return constant("\(number)", place)
    case .bigInteger: return constant("big", place)
    case .float(let number): return constant("f" + hex(number.bitPattern, 16), place)
    case .imaginary(let number): return constant("j" + hex(number.bitPattern, 16), place)
    case .string(let text): return constant(string(text), place)
    case .surrogates(let points): return constant(string(points), place)
    case .bytes(let bytes):
      return constant("b" + bytes.map { hex(UInt64($0), 2) }.joined(), place)
    case .formatted(let parts): return joined(parts, place)
    default: return compound(value, place)
    }
  }

  private func joined(_ parts: [FormattedPart], _ place: Position?) -> String {
    node("JoinedStr", place, ("values", list(parts.map(part))))
  }

  private func part(_ part: FormattedPart) -> String {
    switch part {
    case .text(let text): return constant(string(text), nil)
    case .surrogates(let points): return constant(string(points), nil)
    case .field(let field):
      let conversion =
        switch field.conversion {
        case nil: "-1"
        case .string: "115"
        case .representation: "114"
        case .ascii: "97"
        }
      return node(
        "FormattedValue", nil, ("value", expression(field.value)), ("conversion", conversion),
        ("format_spec", field.format.map { joined($0, nil) }))
    }
  }

  private func compound(_ value: Expression, _ place: Position?) -> String {
    switch value.kind {
    case .binary(let first, let steps):
      return steps.reduce(expression(first)) { left, step in
        node(
          "BinOp", place, ("left", left), ("op", operatorName(step.op) + "()"),
          ("right", expression(step.operand)))
      }
    case .unary(let op, let operand):
      let name = ["UAdd", "USub", "Invert", "Not"][Int(op.rawValue)]
      return node("UnaryOp", place, ("op", name + "()"), ("operand", expression(operand)))
    case .boolean(let op, let operands):
      return node(
        "BoolOp", place, ("op", op == .and ? "And()" : "Or()"),
        ("values", list(operands.map(expression))))
    case .comparison(let first, let steps):
      return node(
        "Compare", place, ("left", expression(first)),
        ("ops", list(steps.map { comparisonName($0.op) + "()" })),
        ("comparators", list(steps.map { expression($0.operand) })))
    case .conditional(let test, let body, let otherwise):
      return node(
        "IfExp", place, ("test", expression(test)), ("body", expression(body)),
        ("orelse", expression(otherwise)))
    case .named(let name, let assigned):
      let target = node("Name", place, ("id", string(name)), ("ctx", "Store()"))
      return node("NamedExpr", place, ("target", target), ("value", expression(assigned)))
    case .attribute(let object, let name, _):
      return node(
        "Attribute", place, ("value", expression(object)), ("attr", string(name)),
        ("ctx", "Load()"))
    case .call(let function, let given):
      return node(
        "Call", place, ("func", expression(function)), ("args", positional(given)),
        ("keywords", keywords(given)))
    case .subscript(let object, let index):
      return node(
        "Subscript", place, ("value", expression(object)), ("slice", expression(index)),
        ("ctx", "Load()"))
    case .slice(let lower, let upper, let step):
      return node(
        "Slice", place, ("lower", expression(lower)), ("upper", expression(upper)),
        ("step", expression(step)))
    default: return display(value, place)
    }
  }

  private func display(_ value: Expression, _ place: Position?) -> String {
    switch value.kind {
    case .tuple(let elements):
      return node("Tuple", place, ("elts", list(elements.map(expression))), ("ctx", "Load()"))
    case .list(let elements):
      return node("List", place, ("elts", list(elements.map(expression))), ("ctx", "Load()"))
    case .set(let elements): return node("Set", place, ("elts", list(elements.map(expression))))
    case .dictionary(let entries):
      let keys = entries.map { entry in
        if case .pair(let key, _) = entry { expression(key) } else { "None" }
      }
      let values = entries.map { entry in
        switch entry {
        case .pair(_, let value), .unpacked(let value): expression(value)
        }
      }
      return node("Dict", place, ("keys", list(keys)), ("values", list(values)))
    case .starred(let iterable):
      return node("Starred", place, ("value", expression(iterable)), ("ctx", "Load()"))
    case .comprehension(let comprehension): return self.comprehension(comprehension, place)
    case .lambda(let lambda):
      return node(
        "Lambda", place, ("args", parameters(lambda.parameters)),
        ("body", expression(lambda.body)))
    case .await(let awaited): return node("Await", place, ("value", expression(awaited)))
    case .yield(let yielded): return node("Yield", place, ("value", expression(yielded)))
    case .yieldFrom(let iterable):
      return node("YieldFrom", place, ("value", expression(iterable)))
    default: return "?"
    }
  }

  private func comprehension(_ value: Comprehension, _ place: Position?) -> String {
    let clauses = list(
      value.clauses.map { clause in
        node(
          "comprehension", nil, ("target", target(clause.target)),
          ("iter", expression(clause.iterable)), ("ifs", list(clause.conditions.map(expression))),
          ("is_async", clause.isAsync ? "1" : "0"))
      })
    switch value.result {
    case .list(let element):
      return node("ListComp", place, ("elt", expression(element)), ("generators", clauses))
    case .set(let element):
      return node("SetComp", place, ("elt", expression(element)), ("generators", clauses))
    case .generator(let element):
      return node("GeneratorExp", place, ("elt", expression(element)), ("generators", clauses))
    case .dictionary(let key, let element):
      return node(
        "DictComp", place, ("key", expression(key)), ("value", expression(element)),
        ("generators", clauses))
    }
  }

  func positional(_ arguments: [Argument]) -> String {
    list(
      arguments.compactMap { argument in
        switch argument {
        case .positional(let value): expression(value)
        case .unpackedSequence(let value):
          node("Starred", nil, ("value", expression(value)), ("ctx", "Load()"))
        default: nil
        }
      })
  }

  func keywords(_ arguments: [Argument]) -> String {
    list(
      arguments.compactMap { argument in
        switch argument {
        case .keyword(let name, let value, _):
          node("keyword", nil, ("arg", string(name)), ("value", expression(value)))
        case .unpackedMapping(let value): node("keyword", nil, ("value", expression(value)))
        default: nil
        }
      })
  }

  func target(_ value: Target, context: String = "Store()") -> String {
    let place = value.position
    switch value.kind {
    case .name(let name): return node("Name", place, ("id", string(name)), ("ctx", context))
    case .attribute(let object, let name, _):
      return node(
        "Attribute", place, ("value", expression(object)), ("attr", string(name)),
        ("ctx", context))
    case .subscript(let object, let index):
      return node(
        "Subscript", place, ("value", expression(object)), ("slice", expression(index)),
        ("ctx", context))
    case .tuple(let elements):
      let written = list(elements.map { target($0, context: context) })
      return node("Tuple", place, ("elts", written), ("ctx", context))
    case .list(let elements):
      let written = list(elements.map { target($0, context: context) })
      return node("List", place, ("elts", written), ("ctx", context))
    case .starred(let inner):
      return node("Starred", place, ("value", target(inner, context: context)), ("ctx", context))
    }
  }

  func operatorName(_ op: BinaryOperator) -> String {
    [
      "Add", "Sub", "Mult", "MatMult", "Div", "FloorDiv", "Mod", "Pow", "LShift", "RShift",
      "BitAnd", "BitOr", "BitXor",
    ][Int(op.rawValue)]
  }

  func comparisonName(_ op: ComparisonOperator) -> String {
    ["Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn"][Int(op.rawValue)]
  }
}
