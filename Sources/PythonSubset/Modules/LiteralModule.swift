internal import Diagnostics

/// `ast`, of which scripts use what reads values out of text.
enum LiteralModule {
  static func make() -> HostModule {
    .describing("ast") { table in
      table.function("literal_eval", "node_or_string") { call in
        guard let text = call[0].string else {
          throw Unsupported("ast.literal_eval() of something else than text")
        }
        try call.python.tick(bytes: text.utf8.count)
        return try value(of: text, call.python)
      }
    }
  }

  private static func value(of text: String, _ python: Interpreter) throws -> Value {
    let source = Array(text.drop { $0 == " " || $0 == "\t" }.utf8)
    let module: Module
    do {
      module = try Module.parse(source, file: "<unknown>")
    } catch {
      throw PythonError(.syntaxError, error.reason)
    }
    guard module.body.count == 1, case .expression(let expression)? = module.body.first?.kind else {
      throw PythonError(.syntaxError, "invalid syntax")
    }
    guard isLiteral(expression) else {
      throw PythonError(
        .valueError, "malformed node or string on line \(expression.position.line)")
    }
    return try python.evaluate(
      expression, file: module.file, in: PythonModule(name: "ast", file: nil, isPackage: false))
  }

  private static func isLiteral(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .none, .true, .false, .ellipsis, .integer, .bigInteger, .float, .imaginary, .string,
      .surrogates, .bytes:
      true
    case .tuple(let items), .list(let items), .set(let items): items.allSatisfy(isLiteral)
    case .dictionary(let entries):
      entries.allSatisfy { entry in
        guard case .pair(let key, let value) = entry else { return false }
        return isLiteral(key) && isLiteral(value)
      }
    case .unary(.negative, let operand), .unary(.positive, let operand): isNumber(operand)
    // The real and the imaginary part of a complex number.
    case .binary(let first, let steps):
      if steps.count == 1, case .imaginary? = steps.first?.operand.kind {
        isNumber(first)
      } else {
        false
      }
    case .call(let function, let arguments):
      if case .name("set") = function.kind { arguments.isEmpty } else { false }
    default: false
    }
  }

  private static func isNumber(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .integer, .bigInteger, .float, .imaginary: true
    default: false
    }
  }
}
