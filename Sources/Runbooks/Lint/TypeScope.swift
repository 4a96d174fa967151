internal import OrderedCollections

/// What is known about the names that an expression can use, before anything runs.
struct TypeScope {
  /// The shapes of the contexts besides `steps`.
  var contexts: [String: Shape]
  /// The steps that can be asked for; nil where `steps` has no place.
  var steps: OrderedDictionary<String, [String: Shape]>?
  /// Steps that exist but come later, to tell a slip from a forward reference.
  var laterSteps: Set<String> = []
  /// Paths that are known not to be null here, as they are written.
  var facts: Set<String> = []
  /// Whether a secret may be read here.
  var allowsSecrets = false

  func with(_ name: String, _ shape: Shape?) -> TypeScope {
    guard let shape else { return self }
    var scope = self
    scope.contexts[name] = shape
    return scope
  }

  func knowing(_ facts: Set<String>) -> TypeScope {
    var scope = self
    scope.facts.formUnion(facts)
    return scope
  }

  func allowingSecrets() -> TypeScope {
    var scope = self
    scope.allowsSecrets = true
    return scope
  }
}

extension ExpressionNode {
  /// The paths that are not null when this is true, or false: what `x != null && ...` ensures.
  func nonNull(when outcome: Bool) -> Set<String> {
    switch kind {
    case .group(let inner): inner.nonNull(when: outcome)
    case .not(let inner): inner.nonNull(when: !outcome)
    case .binary(.and, let left, let right) where outcome:
      left.nonNull(when: true).union(right.nonNull(when: true))
    case .binary(.or, let left, let right) where !outcome:
      left.nonNull(when: false).union(right.nonNull(when: false))
    case .binary(let op, let left, let right)
    where op == (outcome ? .notEqual : .equal):
      switch (left.kind, right.kind) {
      case (.literal(.null), _): [right.spelling]
      case (_, .literal(.null)): [left.spelling]
      default: []
      }
    case .binary(.equal, let left, let right) where outcome:
      // What equals a text or a number is not null.
      switch (left.kind, right.kind) {
      case (_, .literal): [left.spelling]
      case (.literal, _): [right.spelling]
      default: []
      }
    default: []
    }
  }
}

extension Shape {
  /// The shape without null.
  var withoutNull: Shape { if case .optional(let shape) = self { shape.withoutNull } else { self } }

  var isOptional: Bool { if case .optional = self { true } else { false } }

  /// What a value of this shape is called: `a text`.
  var typeName: String {
    switch self {
    case .any: "anything"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a text"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .array: "a list"
    case .object, .map: "a mapping"
    case .optional(let shape): shape.typeName
    }
  }

  /// Whether values of both can be of one type.
  func isComparable(with other: Shape) -> Bool {
    switch (withoutNull, other.withoutNull) {
    case (.any, _), (_, .any), (.bool, .bool), (.number, .number), (.string, .string),
      (.timestamp, .timestamp), (.duration, .duration), (.array, .array):
      true
    case (.object, .object), (.object, .map), (.map, .object), (.map, .map): true
    default: false
    }
  }

  /// Whether a value can stand inside of a text.
  var isTextual: Bool {
    switch withoutNull {
    case .array, .object, .map: false
    default: true
    }
  }

  /// The shape of either.
  func joined(with other: Shape) -> Shape {
    if self == other { return self }
    if withoutNull == other.withoutNull { return .optional(withoutNull) }
    return .any
  }
}
