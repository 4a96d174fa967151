/// Decides conditions that do not depend on the run: the dialect's name, `TYPE_CHECKING`, constants,
/// offline mode.
struct StaticTruth {
  /// What conditions are decided by.
  struct Facts {
    /// The name of the dialect that `bind.dialect.name` gives.
    var dialect = "postgresql"
    /// What `context.is_offline_mode()` gives.
    var isOffline = false
  }

  let facts: Facts
  /// Local names that were given the dialect's name.
  var dialectNames: Set<String> = []

  /// Whether a condition holds; nil where the run decides.
  func decide(_ test: Expression) -> Bool? {
    switch test.kind {
    case .true: return true
    case .false, .none: return false
    case .integer(let number): return number != 0
    case .string(let text): return !text.isEmpty
    case .name("TYPE_CHECKING"), .attribute(_, "TYPE_CHECKING", at: _): return false
    case .unary(.not, let operand): return decide(operand).map { !$0 }
    case .boolean(let op, let operands): return decide(op, operands)
    case .call(let function, let arguments) where arguments.isEmpty:
      if case .attribute(_, "is_offline_mode", _) = function.kind { return facts.isOffline }
      return nil
    case .call(let function, let arguments) where arguments.count == 1:
      guard case .attribute(let object, "startswith", _) = function.kind, isDialect(object),
        case .string(let prefix) = arguments[0].value.kind
      else { return nil }
      return facts.dialect.hasPrefix(prefix)
    case .comparison(let left, let steps): return compare(left, steps)
    default: return nil
    }
  }

  private func decide(_ op: BooleanOperator, _ operands: [Expression]) -> Bool? {
    var isKnown = true
    for operand in operands {
      guard let value = decide(operand) else {
        isKnown = false
        continue
      }
      // What stands before an operand that decides still runs.
      if value == (op == .or) { return value }
    }
    return isKnown ? op == .and : nil
  }

  private func compare(_ left: Expression, _ steps: [ComparisonStep]) -> Bool? {
    guard steps.count == 1 else { return nil }
    let right = steps[0].operand
    switch steps[0].op {
    case .equal, .notEqual:
      let name: String
      if isDialect(left), case .string(let text) = right.kind {
        name = text
      } else if isDialect(right), case .string(let text) = left.kind {
        name = text
      } else {
        return nil
      }
      return (name == facts.dialect) == (steps[0].op == .equal)
    case .in, .notIn:
      guard isDialect(left) else { return nil }
      let elements: [Expression]
      switch right.kind {
      case .tuple(let items), .list(let items), .set(let items): elements = items
      default: return nil
      }
      var names: [String] = []
      for element in elements {
        guard case .string(let text) = element.kind else { return nil }
        names.append(text)
      }
      return names.contains(facts.dialect) == (steps[0].op == .in)
    default: return nil
    }
  }

  /// `….dialect.name`, or a name that holds it.
  func isDialect(_ value: Expression) -> Bool {
    switch value.kind {
    case .name(let name): return dialectNames.contains(name)
    case .attribute(let object, "name", _):
      switch object.kind {
      case .attribute(_, let inner, _): return inner == "dialect"
      case .name(let name): return name == "dialect"
      default: return false
      }
    case .attribute(_, "dialect_name", _): return true
    case .call(let function, let arguments) where arguments.isEmpty:
      if case .attribute(let object, "lower", _) = function.kind { return isDialect(object) }
      return false
    default: return false
    }
  }
}
