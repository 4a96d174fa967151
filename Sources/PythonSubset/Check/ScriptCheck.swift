internal import Diagnostics
internal import OrderedCollections

/// The check of a whole script before anything of it runs: follows what the given functions reach,
/// in the script and in the project's modules, and lists what the evaluator and the hosts do not
/// have.
///
/// It knows what names stand for as far as imports and definitions tell: attributes of host
/// modules, keyword arguments of host functions. What a value computed at run time is, it does not
/// know; there only the name of a method that is called is looked for, among all names that any host offers
/// or the project defines.
public final class ScriptCheck {
  /// What decides conditions that do not depend on the run.
  public struct Facts: Sendable {
    /// The name that `bind.dialect.name` gives.
    public var dialect = "postgresql"
    /// What `context.is_offline_mode()` gives.
    public var isOffline = false

    /// PostgreSQL, online.
    public init(dialect: String = "postgresql", isOffline: Bool = false) {
      self.dialect = dialect
      self.isOffline = isOffline
    }
  }

  let python: Interpreter
  let facts: StaticTruth.Facts
  /// The names of methods that some value may have; nil leaves methods of unknown values alone.
  private let methods: KnownMethods?
  /// The methods of values whose class is not known that are called.
  private var calls: [(name: String, position: Position, scope: CheckedModule)] = []
  /// What is done with attributes of values that can be looked at before the script runs.
  var uses: [AttributeUse] = []
  /// Whether values that answer to any name are handed around.
  private var isOpen = false
  /// The modules and the script that names were followed into, by their files.
  private var followed: [String: CheckedModule] = [:]
  private(set) var refusals: [Unsupported] = []
  private var seen: Set<SourceLocation> = []
  private var visited: Set<String> = []
  private var work: [() -> Void] = []
  /// The names of the project that are used, in the order they were found.
  private(set) var reached: [(name: String, module: String)] = []
  /// The names of all attributes that are used, and whether only on import.
  private var mentioned: [String: Bool] = [:]
  /// The methods that are called by nothing but their name.
  private var named: [String: [(Statement, CheckedModule, onImport: Bool)]] = [:]
  /// What ended the check before it was through.
  private var interruption: (any Error)?
  /// The names whose making is being looked at, so that one that needs itself ends.
  var resolving: Set<String> = []

  /// Creates a check.
  ///
  /// - Parameters:
  ///   - python: The interpreter whose importer finds modules. None of the script is run.
  ///   - methods: The names of methods that some value may have.
  ///   - facts: What decides conditions that do not depend on the run.
  public init(python: Interpreter, methods: KnownMethods? = nil, facts: Facts = Facts()) {
    self.python = python
    self.methods = methods
    self.facts = StaticTruth.Facts(dialect: facts.dialect, isOffline: facts.isOffline)
  }

  /// Checks a script's top level and what the named functions reach; the refusals in the order of
  /// the files.
  ///
  /// - Throws: `LimitExceeded` where looking at what the script imports takes too much.
  public func check(_ script: Module, entries: [String]) throws -> [Unsupported] {
    let scope = CheckedModule(
      name: "", package: "", file: script.file, outline: ModuleOutline(script))
    followed[scope.file] = scope
    for unit in scope.outline.units { visit(unit.statement, in: scope) }
    for name in entries { reach(name, in: scope, onImport: false) }
    while interruption == nil, let next = work.popLast() { next() }
    if refusals.isEmpty { importReached() }
    if refusals.isEmpty { checkUses() }
    refuseUnknownMethods()
    if let interruption { throw interruption }
    return refusals.sorted { a, b in
      guard let x = a.location, let y = b.location else { return a.location != nil }
      return (x.file, x.line, x.column) < (y.file, y.line, y.column)
    }
  }

  /// Evaluates the project's names that the script uses, as importing its modules would have done
  /// before anything of the script runs.
  private func importReached() {
    for (name, module) in reached {
      do {
        _ = try python.importModule(module).member(name, python)
      } catch let refusal as Unsupported {
        refusals.append(refusal)
      } catch let limit as LimitExceeded {
        return end(limit)
      } catch let error as PythonError
        where !error.exception.pythonClass.isSubclass(of: BuiltinException.importError.pythonClass)
      {
        // The real environment imports the module, or Alembic could not load the script.
        let failure = ScriptFailure(error, python)
        refusals.append(
          Unsupported("evaluating \(name) of module \(module)", hint: failure.message))
      } catch {
        continue
      }
    }
  }

  /// Ends the check by an error that is no refusal of anything in the script.
  func end(_ error: any Error) { interruption = interruption ?? error }

  /// Notes a refusal, once for each place.
  func refuse(_ construct: String, at position: Position, in scope: CheckedModule, hint: String?) {
    let location = scope.location(position)
    guard seen.insert(location).inserted else { return }
    refusals.append(Unsupported(construct, at: location, hint: hint))
  }

  func note(_ refusal: Unsupported, at position: Position, in scope: CheckedModule) {
    let location = refusal.location ?? scope.location(position)
    guard seen.insert(location).inserted else { return }
    refusals.append(Unsupported(refusal.construct, at: location, hint: refusal.hint))
  }

  // MARK: Reach

  /// Follows a module-level name. What only runs as modules are imported may do more than what the
  /// migration calls (see `AbsentObject`), so a name that both use is followed twice.
  func reach(_ name: String, in scope: CheckedModule, onImport: Bool) {
    let key = "\(scope.file)|\(name)"
    guard !visited.contains(key), visited.insert(onImport ? key + "|import" : key).inserted else {
      return
    }
    if scope.isScript {
      // The script's top level is checked anyway; what is left are the bodies.
      for index in scope.outline.makers[name] ?? [] {
        bodies(of: scope.outline.units[index].statement, in: scope, onImport: onImport)
      }
      return
    }
    followed[scope.file] = scope
    reached.append((name, scope.name))
    if !onImport { reachMakers(of: name, in: scope) }
    for index in scope.outline.closure(of: name) {
      let statement = scope.outline.units[index].statement
      if visited.insert("\(scope.file)#\(index)").inserted { visit(statement, in: scope) }
      if scope.outline.units[index].use.binds.contains(name) {
        bodies(of: statement, in: scope, onImport: onImport)
      }
    }
  }

  /// Queues the bodies of the functions that a statement defines.
  ///
  /// - Parameter isMethod: Whether they may be called because some method of that name is.
  private func bodies(
    of statement: Statement, in scope: CheckedModule, onImport: Bool, isMethod: Bool = false
  ) {
    switch statement.kind {
    case .function(let function):
      work.append { [self] in
        var walker = CheckWalker(self, scope)
        walker.walk(
          bodyOf: function, onImport: onImport, checksCalls: !isMethod || scope.isScript)
      }
    case .class(let definition):
      methods(of: definition, in: scope, onImport: onImport)
    default:
      for block in LocalNames.blocks(of: statement) {
        for inner in block { bodies(of: inner, in: scope, onImport: onImport) }
      }
    }
  }

  /// Queues the methods that may be called: special ones, those that a host or a decorator may
  /// call, and those whose name is used as an attribute somewhere.
  private func methods(of definition: ClassDefinition, in scope: CheckedModule, onImport: Bool) {
    let mayBeCalled = isCalledByHosts(definition, in: scope)
    for inner in definition.body {
      guard case .function(let function) = inner.kind,
        !mayBeCalled || function.isOfLibraryProtocol, !function.isSpecial,
        function.decorators.allSatisfy({ $0.isPlainDecorator || isOfProject($0, in: scope) })
      else {
        bodies(of: inner, in: scope, onImport: onImport, isMethod: true)
        continue
      }
      named[function.name, default: []].append((inner, scope, onImport))
      if let isMentionedOnImport = mentioned[function.name] {
        follow(inner, in: scope, onImport: onImport || isMentionedOnImport)
      }
    }
  }

  /// Notes that some value's attribute of that name is used: methods of that name may be called.
  func mention(_ name: String, onImport: Bool) {
    let before = mentioned[name]
    guard before == nil || before == true && !onImport else { return }
    mentioned[name] = onImport
    for (statement, scope, isReachedOnImport) in named[name] ?? [] {
      follow(statement, in: scope, onImport: onImport || isReachedOnImport)
    }
  }

  private func follow(_ method: Statement, in scope: CheckedModule, onImport: Bool) {
    let key = "\(scope.file)|method \(method.position)"
    guard !visited.contains(key), visited.insert(onImport ? key + "|import" : key).inserted else {
      return
    }
    bodies(of: method, in: scope, onImport: onImport, isMethod: true)
  }

  // MARK: Methods of unknown values

  /// Notes that a method is called: of what is not known, at the end its name has to be.
  func note(
    callOf name: String, of base: StaticValue, at position: Position, in scope: CheckedModule
  ) {
    switch base {
    case .unknown, .defined, .part:
      if methods != nil, !name.hasPrefix("__") { calls.append((name, position, scope)) }
    default: break
    }
  }

  /// Notes that something is handed around that answers to any name.
  func openVocabulary() { isOpen = true }

  /// Notes that a module of the project is used as a value.
  func follow(_ module: ProjectModule) { followed[module.scope.file] = module.scope }

  /// Refuses methods that no value has: neither the hosts' nor what the project defines.
  private func refuseUnknownMethods() {
    guard !isOpen, let methods else { return }
    let unusual = calls.filter { !methods.areUsual($0.name) }
    guard !unusual.isEmpty else { return }
    var defined = DefinedAttributes()
    for scope in followed.values { defined.add(scope.outline.units.map(\.statement)) }
    guard !defined.isOpen else { return }
    for case let module as ProjectModule in python.modules.values where !module.isStandIn {
      defined.add(module.outline.units.map(\.statement))
    }
    let unknown = unusual.filter { !defined.names.contains($0.name) }
    guard !unknown.isEmpty else { return }
    let names = methods.names.union(defined.names)
    for call in unknown where !names.contains(call.name) {
      let near = Suggestion.phrase(for: call.name, among: names.sorted())
      let way = near.isEmpty ? "; use --engine python for this revision." : near
      refuse(
        "the method .\(call.name)()", at: call.position, in: call.scope,
        hint: "No value that omcops knows has a method of that name\(way)")
    }
  }

  /// Checks a top-level statement as it runs, without the bodies of functions.
  private func visit(_ statement: Statement, in scope: CheckedModule) {
    work.append { [self] in
      var walker = CheckWalker(self, scope)
      _ = walker.walk([statement])
    }
  }
}

/// A module whose names are looked up.
struct CheckedModule {
  /// The dotted name; empty for the script.
  let name: String
  let package: String
  let file: String
  let outline: ModuleOutline

  var isScript: Bool { name.isEmpty }

  func location(_ position: Position) -> SourceLocation {
    SourceLocation(file: file, line: Int(position.line), column: Int(position.column))
  }
}

/// What a name or expression stands for, as far as the text tells.
enum StaticValue {
  case unknown
  /// An attribute of a host's value that is no class: the value alone knows its attributes.
  case open
  /// A module of the host, of the project, or an absent one.
  case module(PythonModule)
  /// A value that a host module has.
  case host(Value, path: String)
  /// A name of a project module or of the script.
  case defined(String, CheckedModule)
  /// What attributes lead to from such a name.
  case part(String, CheckedModule, [String])
  /// Something of a module that is not there, or what a module made of it as it was imported.
  case absent(String, module: String)
  /// A class of the project or the script that derives from something that is not there.
  case derived(String, CheckedModule, from: String, module: String)
}
