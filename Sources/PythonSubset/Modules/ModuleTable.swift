internal import OrderedCollections

/// Collects the members of a host module while it is described.
struct ModuleTable {
  private(set) var members: OrderedDictionary<String, (Interpreter) throws -> Value> = [:]

  /// A function with its parameters.
  mutating func function(
    _ name: String, _ signature: String = "", _ body: @escaping (Call) throws -> Value
  ) {
    members[name] = { _ in .function(name, signature, body) }
  }

  /// A value, made when it is first asked for.
  mutating func value(_ name: String, _ make: @escaping () throws -> Value) {
    members[name] = { _ in try make() }
  }

  /// A value that needs the interpreter.
  mutating func computed(_ name: String, _ make: @escaping (Interpreter) throws -> Value) {
    members[name] = make
  }

  /// A class under its own name.
  mutating func type(_ make: @autoclosure @escaping () -> PythonClass, as name: String) {
    members[name] = { _ in .object(make()) }
  }

  /// A name that is known and refused where it is used.
  mutating func refused(_ names: String..., in module: String, hint: String? = nil) {
    for name in names {
      members[name] = { _ in
        .function(name, "*args, **kwargs") { _ in
          throw Unsupported("\(module).\(name)()", hint: hint)
        }
      }
    }
  }
}

extension HostModule {
  /// A module described by `build`.
  static func describing(
    _ name: String, isPackage: Bool = false, _ build: (inout ModuleTable) -> Void
  ) -> HostModule {
    var table = ModuleTable()
    build(&table)
    return HostModule(name, isPackage: isPackage, table.members)
  }
}
