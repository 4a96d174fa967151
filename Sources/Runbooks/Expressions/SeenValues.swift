internal import OrderedCollections

extension Expression {
  /// How many values of an expression are shown, and how much of each.
  private static let shown = (values: 4, characters: 90)

  /// The values of the paths in it, as `rows[0].n is 7`: what somebody wants to know who reads that
  /// it held or did not. Nil where it reads nothing.
  func values(in scope: Scope, masker: Masker) -> String? {
    var found: OrderedDictionary<String, String> = [:]
    let evaluator = Evaluator(scope: scope)
    for node in root.paths where found.count < Expression.shown.values {
      let name = node.spelling
      // What was given beforehand stands elsewhere in the record.
      guard node.isOfRun, found[name] == nil, let value = try? evaluator.value(node) else {
        continue
      }
      // Masked as a whole, so that no half of a secret is left over by the cut.
      let text = masker.mask(value.text ?? value.json.text()).singleLine
      let isLong = text.count > Expression.shown.characters
      let short = name.hasPrefix("result.") ? String(name.dropFirst("result.".count)) : name
      found[short] = isLong ? text.prefix(Expression.shown.characters) + "..." : text
    }
    return found.isEmpty ? nil : found.map { "\($0) is \($1)" }.joined(separator: ", ")
  }
}

extension ExpressionNode {
  /// The longest paths in the tree, such as `result.rows[0].n`.
  fileprivate var paths: [ExpressionNode] {
    switch kind {
    case .context, .member, .index, .projection: [self]
    default: children.flatMap(\.paths)
    }
  }

  /// Whether the path leads to something that only the run itself gave.
  fileprivate var isOfRun: Bool {
    var node = self
    while case .some(let base) = node.base { node = base }
    if case .context(let name) = node.kind {
      return ["result", "steps", "measures"].contains(name)
    }
    return false
  }

  private var base: ExpressionNode? {
    switch kind {
    case .member(let base, _), .index(let base, _), .projection(let base): base
    default: nil
    }
  }
}
