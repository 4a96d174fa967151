internal import Diagnostics
internal import OrderedCollections

extension TypeChecker {
  /// What a path gives; spread when `.*` stands in it, the shape being that of an element then.
  struct Path {
    var shape: Shape
    var isSpread = false
    /// The path goes through `steps` and has not reached a value yet.
    var stage: Stage = .value
    enum Stage { case value, steps, step(String) }
  }

  func path(_ node: ExpressionNode, _ scope: TypeScope) -> Path {
    if let (base, name) = node.constantMember {
      return member(path(base, scope), name, base: base, node, scope)
    }
    switch node.kind {
    case .context(let name): return context(name, node, scope)
    case .index(let base, let index):
      let position = present(index, scope)
      if ![.any, .number, .string].contains(position) {
        error(index, "an index must be a whole number or a text, but is \(position.typeName)")
      }
      return element(path(base, scope), base: base, node, scope)
    case .projection(let base):
      let found = path(base, scope)
      guard case .value = found.stage else {
        error(node, ".* cannot be used on steps")
        return Path(shape: .any, isSpread: true)
      }
      return Path(shape: elements(found.shape, of: base, scope), isSpread: true)
    default: return Path(shape: shape(node, scope))
    }
  }

  private func context(_ name: String, _ node: ExpressionNode, _ scope: TypeScope) -> Path {
    if name == "steps", scope.steps != nil { return Path(shape: .any, stage: .steps) }
    if name == "secrets", !scope.allowsSecrets, scope.contexts["secrets"] != nil {
      error(
        node, "a secret would be seen here", rule: .secretExposed,
        hint: "Secrets go into \"env\" of a shell step, and into outputs that say secret: true.")
    }
    if let shape = scope.contexts[name] { return Path(shape: shape) }
    var known = Set(scope.contexts.keys)
    if scope.steps != nil { known.insert("steps") }
    error(
      node, "\"\(name)\" is not known here\(Suggestion.phrase(for: name, among: known.sorted()))",
      hint: "Known here: \(known.sorted().joined(separator: ", ")). Texts stand in single quotes.")
    return Path(shape: .any)
  }

  private func member(
    _ base: Path, _ name: String, base baseNode: ExpressionNode, _ node: ExpressionNode,
    _ scope: TypeScope
  ) -> Path {
    switch base.stage {
    case .steps: return step(name, node, scope)
    case .step(let id): return Path(shape: memberOfStep(id, name, node, scope))
    case .value: break
    }
    if !base.isSpread { warnIfNull(baseNode, base.shape, scope) }
    let isSpread = base.isSpread
    switch base.shape.withoutNull {
    case .any: return Path(shape: .any, isSpread: isSpread)
    case .map(let shape): return Path(shape: shape, isSpread: isSpread)
    case .object(let members):
      if let shape = members[name] { return Path(shape: shape, isSpread: isSpread) }
      return Path(shape: unknown(name, among: members, baseNode, node), isSpread: isSpread)
    case let other:
      error(node, "\"\(baseNode.spelling)\" is \(other.typeName) and has no \"\(name)\"")
      return Path(shape: .any, isSpread: isSpread)
    }
  }

  /// An environment may say more of its target than is known here; a slip is still a slip.
  private func unknown(
    _ name: String, among members: [String: Shape], _ base: ExpressionNode, _ node: ExpressionNode
  ) -> Shape {
    let names = members.keys.sorted()
    if case .context("target") = base.kind, Suggestion.nearest(to: name, among: names) == nil {
      return .any
    }
    error(
      node, "\"\(base.spelling)\" has no \"\(name)\"\(Suggestion.phrase(for: name, among: names))",
      hint: names.isEmpty ? nil : "It has: \(names.joined(separator: ", ")).")
    return .any
  }

  private func step(_ id: String, _ node: ExpressionNode, _ scope: TypeScope) -> Path {
    if scope.steps?[id] == nil {
      if scope.laterSteps.contains(id) {
        error(
          node, "step \"\(id)\" comes later and cannot be asked here", rule: .reference,
          hint: "A step sees the steps before it.")
      } else {
        let names = Array(scope.steps?.keys ?? []) + scope.laterSteps.sorted()
        error(
          node, "there is no step \"\(id)\"\(Suggestion.phrase(for: id, among: names))",
          rule: .reference)
      }
      return Path(shape: .any)
    }
    return Path(shape: .any, stage: .step(id))
  }

  private func memberOfStep(
    _ id: String, _ name: String, _ node: ExpressionNode, _ scope: TypeScope
  ) -> Shape {
    switch StepMember(rawValue: name) {
    case .status: return .string
    case .startedAt, .finishedAt: return .timestamp
    case .outputs: return .object(scope.steps?[id] ?? [:])
    case nil:
      let names = StepMember.allCases.map(\.rawValue)
      error(
        node, "a step has no \"\(name)\"\(Suggestion.phrase(for: name, among: names))",
        hint: "Outputs are written steps.\(id).outputs.<name>.")
      return .any
    }
  }

  private func element(
    _ base: Path, base baseNode: ExpressionNode, _ node: ExpressionNode, _ scope: TypeScope
  ) -> Path {
    guard case .value = base.stage else {
      error(node, "steps are asked by their ids, not by numbers")
      return Path(shape: .any)
    }
    if base.isSpread {
      error(
        node, "an index after .* could mean two things",
        hint: "Write (\(baseNode.spelling))[...] for an element of the whole list.")
      return Path(shape: .any)
    }
    warnIfNull(baseNode, base.shape, scope)
    switch base.shape.withoutNull {
    case .any: return Path(shape: .any)
    case .array(let shape), .map(let shape): return Path(shape: shape)
    case .object: return Path(shape: .any)
    case let other:
      error(node, "\"\(baseNode.spelling)\" is \(other.typeName) and has no elements")
      return Path(shape: .any)
    }
  }

  private func elements(_ shape: Shape, of node: ExpressionNode, _ scope: TypeScope) -> Shape {
    warnIfNull(node, shape, scope)
    switch shape.withoutNull {
    case .any: return .any
    case .array(let element), .map(let element): return element
    case .object(let members):
      let shapes = Array(members.values)
      guard let first = shapes.first else { return .any }
      return shapes.dropFirst().reduce(first) { $0.joined(with: $1) }
    case let other:
      error(node, "\"\(node.spelling)\" is \(other.typeName) and has no elements")
      return .any
    }
  }
}
