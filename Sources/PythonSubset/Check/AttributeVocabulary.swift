/// The names that attributes of a host's values have, as far as they may be called: what a script
/// calls beside, and does not define itself, no value has.
///
/// It is gathered from what hosts offer: the members of their classes, the names of their modules,
/// what their modules in Python define. What an object answers without its class is
/// ``PythonObject/ownMethods``.
public struct AttributeVocabulary {
  /// The names.
  public private(set) var names: Set<String> = []
  /// The classes that were looked at, by their qualified names.
  public private(set) var classes: Set<String> = []

  /// The standard library and the builtin types.
  public init(_ python: Interpreter) {
    add(python.builtins, python)
    for name in StandardModules.names + StandardSources.names { add(module: name, python) }
    for cls in BuiltinValues.classes { add(cls) }
    for type in BuiltinValues.types { add(type) }
  }

  /// A class with its ancestors.
  public mutating func add(_ cls: PythonClass) {
    for cls in cls.mro where classes.insert(cls.qualifiedName).inserted {
      names.formUnion(cls.members.keys)
    }
  }

  /// Names that something is registered by.
  public mutating func add(_ names: some Sequence<String>) { self.names.formUnion(names) }

  /// What objects answer themselves.
  public mutating func add(_ type: PythonObject.Type) { names.formUnion(type.ownMethods) }

  /// A module that the interpreter can import: its names, and the classes of what it offers.
  public mutating func add(module name: String, _ python: Interpreter) {
    guard let module = try? python.importModule(name) else { return }
    if let source = module as? ProjectModule {
      var defined = DefinedAttributes(readsTexts: false)
      defined.add(source.outline.units.map(\.statement))
      names.formUnion(defined.names)
    } else {
      add(module, python)
    }
  }

  private mutating func add(_ module: PythonModule, _ python: Interpreter) {
    for name in module.attributeNames {
      names.insert(name)
      // One that is refused has no value.
      guard let value = try? module.member(name, python) else { continue }
      add(value.asClass ?? value.pythonClass)
    }
  }
}

/// What the check of a script asks for the names of methods: the classes that scripts use most,
/// then the whole vocabulary, which takes longer to gather than most checks do.
public struct KnownMethods {
  private let usual: [PythonClass]
  private let usualNames: Set<String>
  private let all: () -> Set<String>

  /// Creates it from the usual classes, from objects that answer methods themselves, and from what
  /// gives all names.
  public init(
    usual: [PythonClass] = [], _ types: [PythonObject.Type] = [],
    all: @escaping () -> Set<String>
  ) {
    usualNames = Set(types.flatMap { $0.ownMethods })
    self.usual = usual + [.str, .list, .dict, DateTimeModule.datetime]
    self.all = all
  }

  /// All names.
  var names: Set<String> { all() }

  /// Whether one of the classes that scripts use most has it.
  func areUsual(_ name: String) -> Bool {
    usualNames.contains(name) || usual.contains { $0.lookup(name) != nil }
  }
}

/// The values of the language itself that no module names.
private enum BuiltinValues {
  static var classes: [PythonClass] {
    [
      .noneType, .ellipsisType, .notImplementedType, .function, .builtinFunction, .method, .module,
      .unionType, .genericAlias, .superType, .iteratorType, .generator, .coroutine, .tracebackType,
      RandomModule.random,
    ]
  }

  static var types: [PythonObject.Type] {
    [
      LoggingModule.Logger.self, ExitStack.self, SmallModules.HashObject.self,
      SystemModule.StandardStream.self, PythonSlice.self, Generator.self, Coroutine.self,
      GeneratorExpression.self, PropertyObject.self, DictView.self,
    ]
  }
}
