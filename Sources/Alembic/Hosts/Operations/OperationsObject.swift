internal import OrderedCollections
public import PythonSubset

/// `alembic.op`, and the operations object that `Operations(context)` gives.
public final class OperationsObject: PythonObject {
  /// The run.
  public let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  /// The class `Operations` of a run, at which scripts register directives of their own.
  static func makeClass(_ run: ScriptRun) -> PythonClass {
    PythonClass(
      host: "Operations", module: "alembic.operations.base",
      members: OperationMethods.all.merging(
        [
          "__new__": .new("cls, migration_context, impl=None") { [unowned run] _ in
            .object(run.operationsObject)
          },
          "__init__": .method("self, /, *args, **kwargs") { _ in .null },
          "register_operation": .classMethod(
            "cls, name, sourcename=None"
          ) { [unowned run] call in
            let name = try call.string("name")
            let method = try call.optionalString("sourcename") ?? name
            return .function("register", "op_cls") { call in
              if let cls = call[0].asClass { run.registered.directives[name] = (cls, method) }
              return call[0]
            }
          },
          "implementation_for": .classMethod("cls, op_cls, replace=False") { [unowned run] call in
            let cls = call["op_cls"].asClass
            return .function("decorate", "fn") { call in
              if let cls { run.registered.implementations.append((cls, call[0])) }
              return call[0]
            }
          },
        ], uniquingKeysWith: { $1 }))
  }

  public override var pythonClass: PythonClass { run.operationsClass }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "migration_context", "impl": return .object(MigrationContextObject(run))
    default: break
    }
    if let entry = run.registered.directives[name] {
      return .function(name, "*args, **kwargs") { [self] call in
        let method = try call.python.get(entry.method, of: .object(entry.cls))
        return try call.python.call(
          method, Arguments([.object(self)] + call.rest, keywords: call.keywords))
      }
    }
    return try super.attribute(name, python)
  }

  /// Runs an operation by the function that was registered for its class.
  func invoke(_ operation: Value, _ python: Interpreter) throws -> Value {
    let found = run.registered.implementations.last {
      operation.pythonClass.isSubclass(of: $0.cls)
    }
    guard let found else { throw Unsupported("op.invoke() of \(operation.typeName)") }
    return try python.call(found.function, [.object(self), operation])
  }
}

/// Directives that scripts add by `@Operations.register_operation`.
struct RegisteredDirectives {
  /// The class of each, and the class method that makes its operation.
  var directives: [String: (cls: PythonClass, method: String)] = [:]
  /// The functions that run operations, by class.
  var implementations: [(cls: PythonClass, function: Value)] = []
}
