public import OrderedCollections

/// A module: a namespace with a name. Project modules are of a subclass that finds members when
/// they are asked for; host modules are ``HostModule``.
open class PythonModule: PythonObject {
  /// The dotted name: `__name__`.
  public let name: String
  /// The file for messages; nil for a host module.
  public let file: String?
  /// Whether it is a package, from which relative imports start.
  public let isPackage: Bool
  /// The members that are there already.
  public var namespace: OrderedDictionary<String, Value> = [:]

  /// Creates an empty module.
  public init(name: String, file: String? = nil, isPackage: Bool = false) {
    self.name = name
    self.file = file
    self.isPackage = isPackage
  }

  /// Finds a member that is not in the namespace yet: a lazy one, a submodule. Nil when there is
  /// none. The result is put into the namespace by whoever asks.
  open func resolve(_ name: String, _ python: Interpreter) throws -> Value? { nil }

  /// The member of a name, resolved if need be; nil when there is none.
  public final func member(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = namespace[name] { return value }
    guard let value = try resolve(name, python) else { return nil }
    namespace[name] = value
    return value
  }

  /// The package that `from . import x` in this module starts from.
  public var package: String {
    isPackage ? name : name.split(separator: ".").dropLast().joined(separator: ".")
  }

  /// `globals()`: the members as they are now; what is written to it reaches the module.
  var dictionary: PythonDict {
    let dict = PythonDict(namespace.elements.map { ($0.key, $0.value) })
    dict["__name__"] = .string(name)
    dict.mirror = { [self] name, value in namespace[name] = value }
    return dict
  }

  open override var pythonClass: PythonClass { .module }
  open override var attributeNames: [String] { Array(namespace.keys) }

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = try member(name, python) { return value }
    switch name {
    case "__name__": return .string(self.name)
    case "__file__": return .string(orNone: file)
    case "__doc__": return .null
    case "__package__": return .string(package)
    case "__dict__": return .dict(dictionary)
    default: break
    }
    if name != "__getattr__", let hook = try member("__getattr__", python) {
      return try python.call(hook, [.string(name)])
    }
    return nil
  }

  open override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    namespace[name] = value
    return true
  }

  open override func deleteAttribute(_ name: String, _ python: Interpreter) throws -> Bool {
    namespace.removeValue(forKey: name) != nil
  }

  open override func representation(_ python: Interpreter) throws -> String {
    file.map { "<module '\(name)' from '\($0)'>" } ?? "<module '\(name)' (built-in)>"
  }
}

/// A module that a host offers: a table of members, each made when it is first asked for.
///
/// ```swift
/// HostModule("math", [
///   "pi": { _ in .float(.pi) },
///   "floor": { _ in .object(HostFunction("floor", "x, /") { call in … }) },
/// ])
/// ```
open class HostModule: PythonModule {
  private let members: OrderedDictionary<String, (Interpreter) throws -> Value>

  /// Creates a module. A member's closure runs once for each interpreter.
  public init(
    _ name: String, isPackage: Bool = false,
    _ members: OrderedDictionary<String, (Interpreter) throws -> Value>
  ) {
    self.members = members
    super.init(name: name, isPackage: isPackage)
  }

  /// All names that the module offers, for the check of a script before it runs.
  open var vocabulary: [String] { Array(members.keys) }

  open override func resolve(_ name: String, _ python: Interpreter) throws -> Value? {
    try members[name]?(python)
  }

  open override var attributeNames: [String] {
    Array(OrderedSet(vocabulary).union(namespace.keys))
  }
}

/// Finds the modules that a script imports.
public protocol Importer: AnyObject {
  /// The module of a dotted, absolute name; nil when there is none (`ModuleNotFoundError`).
  /// A module that exists but that scripts cannot use is refused with ``Unsupported``. The
  /// interpreter asks once for each name and keeps the answer.
  func module(_ name: String, _ python: Interpreter) throws -> PythonModule?
}
