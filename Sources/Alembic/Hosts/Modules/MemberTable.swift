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

  /// The modules inside a package, imported when they are spoken of.
  init(modules names: [String], in package: String) {
    self.init(names) { name, python in .object(try python.importModule("\(package).\(name)")) }
  }

  /// Both tables; the other's members go before those of the same name.
  func with(_ other: MemberTable) -> MemberTable {
    merging(other, uniquingKeysWith: { $1 })
  }
}

/// A host module that is made when it is imported.
struct ModuleMaker {
  let name: String
  /// Makes the module; one with modules inside, by their last names, is a package.
  let make: (_ inside: [String]) -> PythonModule

  /// A module of a class of its own.
  init(_ name: String, make: @escaping () -> PythonModule) {
    self.name = name
    self.make = { _ in make() }
  }

  /// A module of members.
  init(_ name: String, _ members: @autoclosure @escaping () -> MemberTable) {
    self.name = name
    make = { inside in
      HostModule(
        name, isPackage: !inside.isEmpty,
        MemberTable(modules: inside, in: name).with(members()))
    }
  }
}
