internal import OrderedCollections
internal import PythonSubset

/// The members of a host module, each made when it is asked for.
typealias MemberTable = OrderedDictionary<String, (Interpreter) throws -> Value>

extension MemberTable {
  /// A member for each name.
  init(_ names: [String], _ make: @escaping (String, Interpreter) throws -> PythonSubset.Value) {
    self.init()
    for name in names { self[name] = { python in try make(name, python) } }
  }

  /// Classes by their names.
  init(_ classes: [PythonClass]) {
    self.init()
    for cls in classes { self[cls.name] = { _ in .object(cls) } }
  }

  /// Modules by the last part of their names.
  init(_ modules: [HostModule]) {
    self.init()
    for module in modules {
      let last = module.name.split(separator: ".").last.map(String.init) ?? module.name
      self[last] = { _ in .object(module) }
    }
  }

  /// Both tables; the other's members go before those of the same name.
  func with(_ other: MemberTable) -> MemberTable {
    merging(other, uniquingKeysWith: { $1 })
  }
}
