/// A module's top-level statements, and which of them make a name what it is.
///
/// A name stands for what all the statements make of it that bind it or change its object in place
/// (`x = {}`, `x["a"] = 1`, `x.append(1)`, a loop that fills it, a decorator that registers in it),
/// together with everything that these statements need. Such a set is closed: whatever one of its
/// statements binds or changes is in it as a whole, so that running it in the order of the file
/// gives the names the values that running the whole file would give.
struct ModuleOutline {
  /// A top-level statement; an import of several names is one unit for each.
  struct Unit {
    let statement: Statement
    var use: NameUse
    /// The source of `from source import *`.
    var star: ImportFrom?
  }

  let units: [Unit]
  /// The units that bind or change a name.
  private(set) var makers: [String: [Int]] = [:]
  /// Names that only pass through loops: no unit reads them that does not bind them itself.
  private var passing: Set<String> = []

  init(_ module: Module) {
    var units: [Unit] = []
    let body = Self.flattened(module.body)
    let outward = OutwardCalls(body)
    for statement in body {
      for part in Self.split(statement) {
        var unit = Unit(
          statement: part,
          use: NameScanner.use(of: part, outward))
        if case .importFrom(let source) = part.kind, case .all = source.names {
          unit.star = source
        }
        units.append(unit)
      }
    }
    Self.settleChanges(&units)
    Self.addIndirectChanges(&units)
    self.units = units
    for (index, unit) in units.enumerated() {
      for name in unit.use.binds.union(unit.use.changes) { makers[name, default: []].append(index) }
    }
    passing = Self.passing(units)
  }

  /// The units that make `name` what it is, in order; empty when none binds it.
  func closure(of name: String) -> [Int] {
    var found: Set<Int> = []
    var seen: Set<String> = [name]
    var work = [name]
    while let next = work.popLast() {
      for index in makers[next] ?? [] where found.insert(index).inserted {
        let use = units[index].use
        let needed = use.reads.union(use.binds).union(use.changes).subtracting(passing)
        for other in needed where seen.insert(other).inserted { work.append(other) }
      }
    }
    return found.sorted()
  }

  /// The names that statements bind at module level.
  var names: Set<String> { Set(units.flatMap(\.use.binds)) }

  // MARK: Reading a module

  /// The statements with those branches left out that never run, or never run on import, and the
  /// others of such an `if` in its place.
  private static func flattened(_ body: [Statement]) -> [Statement] {
    body.flatMap { statement -> [Statement] in
      guard case .if(let branches, let otherwise) = statement.kind, let first = branches.first,
        isNeverTrue(first.test)
      else { return [statement] }
      if branches.count == 1 { return flattened(otherwise) }
      let rest = Array(branches.dropFirst())
      let other = Statement(.if(rest, otherwise: otherwise), at: rest[0].position)
      return flattened([other])
    }
  }

  /// `TYPE_CHECKING`, `False`, and `__name__ == "__main__"`.
  static func isNeverTrue(_ test: Expression) -> Bool {
    switch test.kind {
    case .false, .integer(0), .none: return true
    case .name("TYPE_CHECKING"): return true
    case .attribute(let object, "TYPE_CHECKING", _):
      if case .name("typing") = object.kind { return true }
      if case .name("t") = object.kind { return true }
      return false
    case .comparison(let left, let steps):
      guard steps.count == 1, steps[0].op == .equal else { return false }
      let sides = [left, steps[0].operand]
      let isName = sides.contains { if case .name("__name__") = $0.kind { true } else { false } }
      let isMain = sides.contains {
        if case .string("__main__") = $0.kind { true } else { false }
      }
      return isName && isMain
    default: return false
    }
  }

  private static func split(_ statement: Statement) -> [Statement] {
    switch statement.kind {
    case .import(let modules) where modules.count > 1:
      return modules.map { Statement(.import([$0]), at: statement.position) }
    case .importFrom(let source):
      guard case .listed(let names) = source.names, names.count > 1 else { return [statement] }
      return names.map { name in
        let one = ImportFrom(
          path: source.path, level: source.level, names: .listed([name]),
          position: source.position)
        return Statement(.importFrom(one), at: statement.position)
      }
    default: return [statement]
    }
  }

  /// Leaves out changes of what is no name of the module, and counts what calls returned as a part of
  /// what they were made on, unless that was imported: `f(sa.column("x"))` does not change `sa`.
  private static func settleChanges(_ units: inout [Unit]) {
    let own = units.filter { unit in
      switch unit.statement.kind {
      case .import, .importFrom: false
      default: true
      }
    }
    let made = Set(own.flatMap(\.use.binds))
    var known = Set(units.flatMap(\.use.binds))
    let hasStar = units.contains { $0.star != nil }
    for index in units.indices {
      let use = units[index].use
      if hasStar { known.formUnion(use.changes.union(use.deferredChanges).subtracting(["super"])) }
      units[index].use.changes.formIntersection(known)
      units[index].use.deferredChanges.formIntersection(known)
      units[index].use.changes.formUnion(use.returned.intersection(made))
      units[index].use.deferredChanges.formUnion(use.deferredReturned.intersection(made))
    }
  }

  /// Adds what units change by calling the module's functions, and by other names of one object.
  private static func addIndirectChanges(_ units: inout [Unit]) {
    var deferred: [String: NameUse] = [:]
    for unit in units where !unit.use.deferredReads.isEmpty || !unit.use.deferredChanges.isEmpty {
      for name in unit.use.binds {
        deferred[name, default: NameUse()].deferredReads.formUnion(unit.use.deferredReads)
        deferred[name, default: NameUse()].deferredChanges.formUnion(unit.use.deferredChanges)
      }
    }
    for index in units.indices where units[index].use.calls {
      var seen: Set<String> = []
      var work = Array(units[index].use.reads)
      while let name = work.popLast() {
        guard seen.insert(name).inserted, let function = deferred[name] else { continue }
        units[index].use.changes.formUnion(function.deferredChanges)
        work += function.deferredReads
      }
    }
    addAliases(&units)
  }

  /// After `a = b.c`, what changes `a` changes `b`.
  private static func addAliases(_ units: inout [Unit]) {
    var aliases: [String: Set<String>] = [:]
    for unit in units {
      guard case .assign(_, let value) = unit.statement.kind else { continue }
      for root in sharedRoots(value) {
        for name in unit.use.binds { aliases[name, default: []].insert(root) }
      }
    }
    guard !aliases.isEmpty else { return }
    for index in units.indices where !units[index].use.changes.isEmpty {
      var seen: Set<String> = []
      var work = Array(units[index].use.changes)
      while let name = work.popLast() {
        if seen.insert(name).inserted { work += aliases[name] ?? [] }
      }
      units[index].use.changes.formUnion(seen)
    }
  }

  /// The names whose object, or part of it, a value may be.
  private static func sharedRoots(_ value: Expression) -> [String] {
    switch value.kind {
    case .name(let name): return [name]
    case .attribute(let object, _, _), .subscript(let object, _): return sharedRoots(object)
    case .tuple(let elements), .list(let elements): return elements.flatMap(sharedRoots)
    case .conditional(_, let value, let otherwise):
      return sharedRoots(value) + sharedRoots(otherwise)
    case .boolean(_, let operands): return operands.flatMap(sharedRoots)
    case .dictionary(let entries):
      return entries.flatMap { entry in
        switch entry {
        case .pair(_, let value), .unpacked(let value): sharedRoots(value)
        }
      }
    default: return []
    }
  }

  private static func passing(_ units: [Unit]) -> Set<String> {
    var names = Set(units.flatMap(\.use.loopBinds))
    for unit in units {
      let use = unit.use
      names.subtract(use.deferredReads)
      names.subtract(use.changes)
      names.subtract(use.reads.subtracting(use.loopBinds))
      names.subtract(use.binds.subtracting(use.loopBinds))
    }
    return names
  }
}
