internal import PythonSubset

/// What stands directly inside a statement or an expression.
///
/// For reading `env.py`, which is looked through as a whole and never run.
extension Statement {
  /// The expressions of the statement itself.
  var expressions: [Expression] {
    switch kind {
    case .expression(let value): [value]
    case .assign(_, let value), .augment(_, _, let value): [value]
    case .annotate(_, _, let value, _): value.map { [$0] } ?? []
    case .return(let value): value.map { [$0] } ?? []
    case .raise(let value, let cause): [value, cause].compactMap { $0 }
    case .assert(let test, let message): [test] + (message.map { [$0] } ?? [])
    case .if(let branches, _): branches.map(\.test)
    case .while(let test, _, _): [test]
    case .for(let loop): [loop.iterable]
    case .with(let items, _, _): items.map(\.context)
    case .function(let definition): definition.decorators
    case .class(let definition): definition.decorators + definition.arguments.map(\.value)
    case .match(let subject, _): [subject]
    default: []
    }
  }

  /// The statements inside it.
  var statements: [Statement] {
    switch kind {
    case .if(let branches, let otherwise): branches.flatMap(\.body) + otherwise
    case .while(_, let body, let otherwise): body + otherwise
    case .for(let loop): loop.body + loop.otherwise
    case .with(_, let body, _): body
    case .try(let statement):
      statement.body + statement.handlers.flatMap(\.body) + statement.otherwise
        + statement.finally
    case .function(let definition): definition.body
    case .class(let definition): definition.body
    case .match(_, let cases): cases.flatMap(\.body)
    default: []
    }
  }

  var isLoop: Bool {
    switch kind {
    case .for, .while: true
    default: false
    }
  }
}

extension Expression {
  /// The expressions inside it.
  var children: [Expression] {
    switch kind {
    case .binary(let first, let steps): [first] + steps.map(\.operand)
    case .unary(_, let operand), .named(_, let operand), .starred(let operand),
      .await(let operand), .yieldFrom(let operand), .attribute(let operand, _, _):
      [operand]
    case .boolean(_, let operands): operands
    case .comparison(let first, let steps): [first] + steps.map(\.operand)
    case .conditional(let test, let value, let otherwise): [test, value, otherwise]
    case .call(let function, let arguments): [function] + arguments.map(\.value)
    case .subscript(let object, let index): [object, index]
    case .slice(let lower, let upper, let step): [lower, upper, step].compactMap { $0 }
    case .tuple(let items), .list(let items), .set(let items): items
    case .dictionary(let entries):
      entries.flatMap { entry in
        switch entry {
        case .pair(let key, let value): [key, value]
        case .unpacked(let value): [value]
        }
      }
    case .comprehension(let comprehension):
      comprehension.clauses.flatMap { [$0.iterable] + $0.conditions } + comprehension.elements
    case .lambda(let lambda): [lambda.body]
    case .yield(let value): value.map { [$0] } ?? []
    case .formatted(let parts):
      parts.compactMap { if case .field(let field) = $0 { field.value } else { nil } }
    default: []
    }
  }

  /// `a.b.c` as its names; nil for anything else.
  var dottedName: [String]? {
    switch kind {
    case .name(let name): [name]
    case .attribute(let object, let name, _): object.dottedName.map { $0 + [name] }
    default: nil
    }
  }

  /// The text that stands in it, whole or in parts.
  var writtenText: String? {
    switch kind {
    case .string(let text): text
    case .formatted(let parts):
      parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    default: nil
    }
  }
}

extension Comprehension {
  fileprivate var elements: [Expression] {
    switch result {
    case .list(let value), .set(let value), .generator(let value): [value]
    case .dictionary(let key, let value): [key, value]
    }
  }
}
