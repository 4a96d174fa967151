/// What the standard modules that are written in Python need of the host.
enum SourceSupport {
  /// A type of number: the builtin classes count as registered with it.
  private final class NumberClass: PythonClass {
    private let classes: [PythonClass]

    init(_ name: String, _ classes: [PythonClass]) {
      self.classes = classes
      super.init(host: name, module: "numbers")
    }

    private init(_ body: ClassBody, _ classes: [PythonClass]) throws {
      self.classes = []
      try super.init(body)
    }

    override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
      try NumberClass(body, [])
    }

    override func isInstance(_ value: Value, _ python: Interpreter) throws -> Bool {
      try super.isInstance(value, python)
        || classes.contains { value.pythonClass.isSubclass(of: $0) }
    }

    override func isSuperclass(of other: PythonClass, _ python: Interpreter) throws -> Bool {
      try super.isSuperclass(of: other, python) || classes.contains { other.isSubclass(of: $0) }
    }
  }

  /// The function written in Python that a value is, or that a method binds.
  private static func written(_ value: Value) -> PythonFunction? {
    let method = value.object(as: BoundMethod.self)
    return method?.function as? PythonFunction ?? value.object(as: PythonFunction.self)
  }

  static func make() -> HostModule {
    .describing("_omcops") { table in
      table.function("refuse", "construct, hint=None") { call in
        throw Unsupported(try call.string("construct"), hint: call["hint"].string)
      }
      table.function("positional_count", "function") { call in
        let receivers = call[0].object(as: BoundMethod.self) == nil ? 0 : 1
        guard let function = written(call[0]) else { return 1 }
        return .int(function.positionalCount - receivers)
      }
      table.function("function_kind", "function") { call in
        guard let function = written(call[0]) else { return "" }
        if function.isCoroutine { return "coroutine" }
        guard function.isGenerator else { return "function" }
        return function.isAsync ? "async generator" : "generator"
      }
      table.function("number_class", "name") { call in
        let name = try call.string("name")
        var classes = [PythonClass.int]
        if ["Number", "Complex", "Real"].contains(name) { classes.append(.float) }
        // A Decimal is a number, but of none of the kinds.
        if name == "Number" { classes.append(DecimalModule.decimal) }
        return .object(NumberClass(name, classes))
      }
    }
  }
}

/// `importlib`.
enum ImportlibModule {
  static func make() -> HostModule {
    .describing("importlib", isPackage: true) { table in
      table.function("import_module", "name, package=None") { call in
        let name = try call.string("name")
        guard name.hasPrefix(".") else { return .object(try call.python.importModule(name)) }
        guard let package = call["package"].string else {
          throw PythonError(
            .typeError,
            "the 'package' argument is required to perform a relative import for '\(name)'")
        }
        let level = name.prefix { $0 == "." }.count
        let parts = package.split(separator: ".")
        guard parts.count >= level else {
          throw PythonError(.importError, "attempted relative import beyond top-level package")
        }
        let base = parts.dropLast(level - 1) + name.dropFirst(level).split(separator: ".")
        return .object(try call.python.importModule(base.joined(separator: ".")))
      }
      table.function("invalidate_caches") { _ in .null }
      table.refused("reload", "__import__", in: "importlib")
    }
  }
}
