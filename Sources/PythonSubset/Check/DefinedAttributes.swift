/// The names that attributes may get from a script or a module of the project: by definitions, by
/// assignments, and by texts and keywords that attributes are made of (`setattr`, `namedtuple`,
/// `SimpleNamespace(name=...)`). Names that only functions bind are not among them.
struct DefinedAttributes {
  private(set) var names: Set<String> = []
  /// Whether attributes may have any name: some are computed.
  private(set) var isOpen = false
  /// Whether texts may be names.
  private let readsTexts: Bool

  init(readsTexts: Bool = true) { self.readsTexts = readsTexts }

  /// What makes attributes of any name.
  private static let makers: Set = [
    "import_module", "__import__", "globals", "vars", "__getattr__", "__getattribute__", "__dict__",
  ]

  /// Adds what a module's statements define.
  mutating func add(_ body: [Statement]) {
    names.formUnion(LocalNames.bound(in: body))
    for statement in body { scan(statement) }
  }

  private mutating func scan(_ body: [Statement]) {
    for statement in body { scan(statement) }
  }

  private mutating func scan(_ statement: Statement) {
    for value in WalrusNames.expressions(of: statement) { scan(value) }
    switch statement.kind {
    case .function(let function):
      define(function.name)
      for decorator in function.decorators { scan(decorator) }
      scan(function.parameters)
      names.formUnion(LocalNames.globals(in: function.body))
      scan(function.body)
    case .class(let definition):
      define(definition.name)
      for argument in definition.arguments { scan(argument) }
      for decorator in definition.decorators { scan(decorator) }
      add(definition.body)
    case .assign(let targets, _): for target in targets { scan(target) }
    case .annotate(let target, _, _, _), .augment(let target, _, _): scan(target)
    case .for(let loop):
      scan(loop.target)
      scan(loop.body)
      scan(loop.otherwise)
    case .with(let items, let body, _):
      for item in items { if let target = item.target { scan(target) } }
      scan(body)
    default: for block in LocalNames.blocks(of: statement) { scan(block) }
    }
  }

  private mutating func scan(_ parameters: Parameters) {
    let all = parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
    for parameter in all { if let value = parameter.value { scan(value) } }
  }

  private mutating func scan(_ target: Target) {
    switch target.kind {
    case .name: break
    case .attribute(let object, let name, _):
      names.insert(name)
      scan(object)
    case .subscript(let object, let index):
      scan(object)
      scan(index)
    case .tuple(let elements), .list(let elements): for element in elements { scan(element) }
    case .starred(let inner): scan(inner)
    }
  }

  private mutating func scan(_ argument: Argument) {
    if case .keyword(let name, _, _) = argument { names.insert(name) }
    scan(argument.value)
  }

  private mutating func scan(_ value: Expression) {
    switch value.kind {
    case .name(let name): if Self.makers.contains(name) { isOpen = true }
    case .string(let text): addWords(of: text)
    case .lambda(let lambda):
      scan(lambda.parameters)
      scan(lambda.body)
    case .call(let function, let arguments):
      if case .name("setattr") = function.kind, arguments.count > 1 { noteName(arguments[1].value) }
      scan(function)
      for argument in arguments { scan(argument) }
    case .attribute(let object, let name, _):
      if Self.makers.contains(name) { isOpen = true }
      scan(object)
    default: for child in value.children { scan(child) }
    }
  }

  private mutating func define(_ name: String) {
    names.insert(name)
    if Self.makers.contains(name) { isOpen = true }
  }

  /// The name that `setattr` is given.
  private mutating func noteName(_ value: Expression) {
    if case .string = value.kind { return }
    isOpen = true
  }

  /// The names in a text that holds nothing else: `"x"`, `"x y"`, `"x, y"`.
  private mutating func addWords(of text: String) {
    guard readsTexts, text.utf8.count < 200 else { return }
    let words = text.split { $0 == " " || $0 == "," }
    guard words.allSatisfy({ $0.first?.isNumber == false && $0.allSatisfy(\.isOfName) }) else {
      return
    }
    names.formUnion(words.map(String.init))
  }
}

extension Character {
  fileprivate var isOfName: Bool { isLetter || isNumber || self == "_" }
}
