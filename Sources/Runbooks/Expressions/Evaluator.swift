internal import Diagnostics
internal import OrderedCollections
internal import Quantities

extension Expression {
  /// The value in a scope; throws when it has none.
  public func evaluate(in scope: Scope) throws(ExpressionError) -> Value {
    do throws(ExpressionFault) {
      return try Evaluator(scope: scope).value(root)
    } catch {
      throw self.error(error)
    }
  }

  /// The value of an expression that must be true or false; there is no truth in other types.
  public func isTrue(in scope: Scope) throws(ExpressionError) -> Bool {
    let value = try evaluate(in: scope)
    if case .bool(let flag) = value { return flag }
    throw error(
      ExpressionFault(
        reason: "\"\(source)\" is \(value.typeName), where true or false is needed",
        offset: root.range.lowerBound, hint: "Compare it with something."))
  }
}

/// Computes the value of a tree.
struct Evaluator {
  let scope: Scope

  /// What a path stands for on its way: a value, or a part of `steps`, which is no plain value
  /// because the outputs of a step that did not run are an error and not a null.
  enum Operand {
    case value(Value)
    /// The elements that `.*` spread out; what follows is asked of each.
    case spread([Value])
    case steps(OrderedDictionary<String, StepView>)
    case step(String, StepView)
  }

  func value(_ node: ExpressionNode) throws(ExpressionFault) -> Value {
    switch node.kind {
    case .literal(let value): return value
    case .group(let inner): return try value(inner)
    case .not(let inner): return .bool(!(try boolean(inner, of: "!")))
    case .minus(let inner): return try negated(inner)
    case .binary(let op, let left, let right): return try binary(op, left, right, node)
    case .call(let name, let arguments): return try call(name, arguments, node)
    case .context, .member, .index, .projection:
      switch try operand(node) {
      case .value(let value): return value
      case .spread(let values): return .array(values)
      case .steps, .step:
        throw fault(
          node, "\"\(node.spelling)\" is no value by itself",
          hint: "A step has .status, .outputs.<name>, .started-at and .finished-at.")
      }
    }
  }

  func fault(
    _ node: ExpressionNode, _ reason: String, kind: ExpressionError.Kind = .value,
    hint: String? = nil
  ) -> ExpressionFault {
    ExpressionFault(kind: kind, reason: reason, offset: node.range.lowerBound, hint: hint)
  }

  func boolean(_ node: ExpressionNode, of op: String) throws(ExpressionFault) -> Bool {
    let value = try value(node)
    if case .bool(let flag) = value { return flag }
    throw fault(
      node, "\(op) needs true or false, but \"\(node.spelling)\" is \(value.typeName)",
      hint: "Compare it with something; there is no truth in other types.")
  }

  // MARK: Paths

  private func operand(_ node: ExpressionNode) throws(ExpressionFault) -> Operand {
    switch node.kind {
    case .context(let name): return try context(name, node)
    case .member(let base, let name):
      return try member(try operand(base), name, of: base, at: node)
    case .index(let base, let index):
      return try element(try operand(base), try value(index), of: base, at: node)
    case .projection(let base):
      let items: [Value]
      switch try operand(base) {
      case .spread(let values):
        var flat: [Value] = []
        for value in values { flat += try elements(value, of: base) }
        items = flat
      case .value(let value): items = try elements(value, of: base)
      case .steps, .step: throw fault(node, ".* cannot be used on steps")
      }
      return .spread(items)
    default: return .value(try value(node))
    }
  }

  private func context(
    _ name: String, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Operand {
    if name == "steps", let steps = scope.steps { return .steps(steps) }
    if let value = scope.contexts[name] { return .value(value) }
    var known = Set(scope.contexts.keys)
    if scope.steps != nil { known.insert("steps") }
    throw fault(
      node, "\"\(name)\" is not known here\(Suggestion.phrase(for: name, among: known.sorted()))",
      hint: "Known here: \(known.sorted().joined(separator: ", ")). Texts stand in single quotes.")
  }

  private func member(
    _ operand: Operand, _ name: String, of base: ExpressionNode, at node: ExpressionNode
  ) throws(ExpressionFault) -> Operand {
    switch operand {
    case .value(let value):
      return .value(try member(value, name, of: base, at: node))
    case .spread(let values):
      // A member that some elements lack is null there, so that the list keeps its length.
      return .spread(
        try values.map { (value) throws(ExpressionFault) in
          if case .object(let members) = value { return members[name] ?? .null }
          if case .null = value { return .null }
          throw fault(node, "an element of \"\(base.spelling)\" is \(value.typeName), no mapping")
        })
    case .steps(let steps):
      guard let step = steps[name] else {
        throw fault(
          node, "there is no step \"\(name)\"\(Suggestion.phrase(for: name, among: steps.keys))")
      }
      return .step(name, step)
    case .step(let id, let step): return .value(try member(name, of: step, id, at: node))
    }
  }

  private func member(
    _ value: Value, _ name: String, of base: ExpressionNode, at node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    switch value {
    case .object(let members):
      if let value = members[name] { return value }
      if case .context("target") = base.kind, TargetMember.optional.contains(name) { return .null }
      throw fault(
        node,
        "\"\(base.spelling)\" has no \"\(name)\"\(Suggestion.phrase(for: name, among: members.keys))",
        kind: isComplete(base) ? .value : .absent, hint: hint(onMemberOf: base))
    case .null:
      if let section = targetSection(base) {
        throw fault(
          node, "\"\(base.spelling)\" is null and has no \"\(name)\"", kind: .absent,
          hint: "This environment says nothing of \(section) in omcops.yaml.")
      }
      throw fault(
        node, "\"\(base.spelling)\" is null and has no \"\(name)\"", kind: .absent,
        hint: "Ask \(base.spelling) != null && ... first, or use default(x, y).")
    default:
      throw fault(node, "\"\(base.spelling)\" is \(value.typeName) and has no \"\(name)\"")
    }
  }

  /// `prometheus` of `target.prometheus`; nil for anything else.
  private func targetSection(_ node: ExpressionNode) -> String? {
    guard let (base, name) = node.constantMember, case .context("target") = base.kind,
      TargetMember.optional.contains(name)
    else { return nil }
    return name
  }

  private func hint(onMemberOf base: ExpressionNode) -> String? {
    targetSection(base) == "values"
      ? "An environment's own names stand under \"values\" in omcops.yaml." : nil
  }

  /// Whether all members of a context are there from the beginning, so that another name is a slip
  /// and not something that is absent.
  private func isComplete(_ node: ExpressionNode) -> Bool {
    if targetSection(node) == "values" { return true }
    guard case .context(let name) = node.kind else { return false }
    return ["inputs", "run", "env", "secrets", "target"].contains(name)
  }

  private func member(
    _ name: String, of step: StepView, _ id: String, at node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    switch StepMember(rawValue: name) {
    case .status: return .string(step.status)
    case .startedAt:
      if let moment = step.startedAt { return .timestamp(moment) }
      throw fault(node, "step \"\(id)\" did not begin: it is \(step.status)", kind: .absent)
    case .finishedAt:
      if let moment = step.finishedAt { return .timestamp(moment) }
      throw fault(node, "step \"\(id)\" did not end: it is \(step.status)", kind: .absent)
    case .outputs:
      if let outputs = step.outputs { return .object(outputs) }
      throw fault(
        node, "step \"\(id)\" has no outputs: it is \(step.status)", kind: .absent,
        hint: "Ask steps.\(id).status first, or use default(x, y).")
    case nil:
      let names = StepMember.allCases.map(\.rawValue)
      throw fault(
        node, "a step has no \"\(name)\"\(Suggestion.phrase(for: name, among: names))",
        hint: "Outputs are written steps.\(id).outputs.<name>.")
    }
  }

  private func element(
    _ operand: Operand, _ index: Value, of base: ExpressionNode, at node: ExpressionNode
  ) throws(ExpressionFault) -> Operand {
    if case .string(let name) = index { return try member(operand, name, of: base, at: node) }
    guard case .int(let position) = index else {
      throw fault(node, "an index must be a whole number or a text, but is \(index.typeName)")
    }
    switch operand {
    case .value(.array(let items)):
      guard items.indices.contains(Int(clamping: position)) else {
        throw fault(
          node, "\"\(base.spelling)\" has \(items.count) elements; there is no [\(position)]",
          kind: .absent)
      }
      return .value(items[Int(position)])
    case .value(.null):
      throw fault(node, "\"\(base.spelling)\" is null and has no [\(position)]", kind: .absent)
    case .value(let value):
      throw fault(node, "\"\(base.spelling)\" is \(value.typeName) and has no [\(position)]")
    case .spread:
      throw fault(
        node, "an index after .* could mean two things",
        hint: "Write (\(base.spelling))[\(position)] for an element of the whole list.")
    case .steps, .step: throw fault(node, "steps are asked by their ids, not by numbers")
    }
  }

  private func elements(
    _ value: Value, of base: ExpressionNode
  ) throws(ExpressionFault) -> [Value] {
    switch value {
    case .array(let items): return items
    case .object(let members): return Array(members.values)
    case .null:
      throw fault(base, "\"\(base.spelling)\" is null and has no elements", kind: .absent)
    default: throw fault(base, "\"\(base.spelling)\" is \(value.typeName) and has no elements")
    }
  }
}
