internal import OrderedCollections
internal import PythonSubset

/// Elements of a project whose SQL a function writes that `sqlalchemy.ext.compiler.compiles` registers,
/// as `utcnow()` of SQLAlchemy's documentation.
enum CompiledElements {
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let function = PythonClass(
    host: "FunctionElement", module: "sqlalchemy.sql.functions",
    members: [
      "__new__": .new("cls, *args, **kwargs") { .object(PythonInstance(try $0.cls())) },
      "__init__": .method("self, *clauses") { call in
        let instance: PythonInstance = try call.receiver()
        instance.attributes["clauses"] = .list(call.rest)
        return .null
      },
      "__clause_element__": .method("self") { call in
        .object(ExpressionObject(try expression(of: try call.receiver(), call.python)))
      },
    ])

  /// What `compiles` registers a function as.
  private static func attribute(_ dialect: String) -> String { "_compiled_for_\(dialect)" }

  /// `sqlalchemy.ext.compiler`: a compilation for another database says nothing here.
  static var compiler: MemberTable {
    [
      "compiles": { _ in
        .function("compiles", "class_, *specs") { call in
          let element = call[0]
          let dialects = try call.rest.map { try call.python.str($0) }
          if let cls = element.asClass, !cls.isHost, cls.isSubclass(of: function) {
            return .function("decorate", "fn") { inner in
              for dialect in dialects.isEmpty ? ["default"] : dialects {
                try inner.python.setAttribute(of: element, attribute(dialect), to: inner[0])
              }
              return inner[0]
            }
          }
          guard !dialects.isEmpty, !dialects.contains("postgresql") else {
            throw Unsupported("sqlalchemy.ext.compiler.compiles() for PostgreSQL")
          }
          return .function("decorate", "fn") { $0[0] }
        }
      }
    ]
  }

  private static func expression(
    of instance: PythonInstance, _ python: Interpreter
  ) throws -> SQLExpression {
    let cls = instance.pythonClass
    guard
      let write = cls.lookup(attribute("postgresql")) ?? cls.lookup(attribute("default"))
    else {
      throw Unsupported("the SQL of \(cls.name), which compiles() says nothing of")
    }
    let sql = try python.str(python.call(write, [.object(instance), .object(ElementCompiler())]))
    let type = try cls.lookup("type").map { try TypeCoercion.type($0, python) }
    return SQLExpression(.literalColumn(sql), type: type ?? .null)
  }
}

/// The compiler as such a function sees it: it writes other elements.
final class ElementCompiler: PythonObject {
  override class var ownMethods: [String] { ["process"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    guard name == "process" else {
      if name.hasPrefix("__") { return try super.attribute(name, python) }
      throw Unsupported("compiler.\(name) in a function under compiles()")
    }
    return .function("process", "obj, **kwargs") { call in
      let items = call["obj"].sequence ?? [call["obj"]]
      let texts = try items.map { item in
        try call.python.str(.object(ExpressionObject(try Coercion(call.python).expression(item))))
      }
      return .string(texts.joined(separator: ", "))
    }
  }
}
