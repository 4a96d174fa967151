public import Diagnostics
public import YAML

/// An expression of the runbook language, read and ready to be evaluated.
public struct Expression: Sendable {
  /// The text without the braces.
  public let source: String
  /// Where the expression begins.
  public let location: SourceLocation
  let root: ExpressionNode
  /// The scalar that holds the expression; nil for expressions that stand in no file.
  private let scalar: YAMLScalar?
  /// Offset of the expression's first character in the numbering of its nodes.
  private let base: Int

  /// Reads an expression that stands alone, with or without `${{ }}`.
  public init(parsing text: String, at location: SourceLocation) throws(ExpressionError) {
    try self.init(text, at: location, scalar: nil)
  }

  /// Reads the expression that a scalar holds, with or without `${{ }}`.
  public init(parsing scalar: YAMLScalar, at location: SourceLocation) throws(ExpressionError) {
    try self.init(scalar.text, at: location, scalar: scalar)
  }

  private init(
    _ text: String, at location: SourceLocation, scalar: YAMLScalar?
  ) throws(ExpressionError) {
    let characters = Array(text.unicodeScalars)
    let body = Expression.unwrapped(characters)
    self = try Expression.read(characters, from: body.lowerBound, at: location, scalar: scalar) {
      end in
      end == body.upperBound
    }.expression
  }

  /// Reads the expression that begins at an offset of a scalar's text and ends with `}}`.
  ///
  /// - Returns: the expression and the offset of what follows the braces.
  static func embedded(
    in characters: [Unicode.Scalar], from start: Int, scalar: YAMLScalar?,
    at location: SourceLocation
  ) throws(ExpressionError) -> (expression: Expression, end: Int) {
    try read(characters, from: start, at: location, scalar: scalar) { end in
      end < characters.count
    }
  }

  private static func read(
    _ characters: [Unicode.Scalar], from start: Int, at location: SourceLocation,
    scalar: YAMLScalar?, mayEnd: (Int) -> Bool
  ) throws(ExpressionError) -> (expression: Expression, end: Int) {
    func place(_ offset: Int) -> SourceLocation {
      scalar?.location(at: offset)
        ?? SourceLocation(
          file: location.file, line: location.line, column: location.column + offset)
    }
    do throws(ExpressionFault) {
      var lexer = ExpressionLexer(characters[start...])
      let tokens = try lexer.tokens()
      let last = tokens[tokens.count - 1].range
      guard mayEnd(last.lowerBound) else {
        throw ExpressionFault(
          kind: .syntax, reason: last.isEmpty ? "\"}}\" is missing" : "this ends the expression",
          offset: last.lowerBound,
          hint: last.isEmpty ? nil : "The whole value must be one expression.")
      }
      var parser = ExpressionParser(tokens)
      let root = try parser.expression()
      let text = String(String.UnicodeScalarView(characters[root.range]))
      let expression = Expression(
        source: text, location: place(root.range.lowerBound), root: root, scalar: scalar,
        base: root.range.lowerBound)
      return (expression, last.upperBound)
    } catch {
      throw ExpressionError(
        error.kind, error.reason, location: place(error.offset),
        details: Expression.caret(
          String(String.UnicodeScalarView(characters[start...])), error.offset - start),
        hint: error.hint)
    }
  }

  private init(
    source: String, location: SourceLocation, root: ExpressionNode, scalar: YAMLScalar?, base: Int
  ) {
    self.source = source
    self.location = location
    self.root = root
    self.scalar = scalar
    self.base = base
  }

  /// The range of the text inside of `${{ }}`, or the whole text when there are no braces.
  private static func unwrapped(_ characters: [Unicode.Scalar]) -> Range<Int> {
    var range = characters.startIndex..<characters.endIndex
    while let last = range.last, characters[last].properties.isWhitespace {
      range = range.dropLast()
    }
    while let first = range.first, characters[first].properties.isWhitespace {
      range = range.dropFirst()
    }
    let body = characters[range]
    if body.starts(with: Array("${{".unicodeScalars)) {
      return range.lowerBound + 3..<Swift.max(range.lowerBound + 3, range.upperBound - 2)
    }
    return range.lowerBound..<characters.count
  }

  /// The place in the file of a node's offset.
  func location(of offset: Int) -> SourceLocation {
    if let scalar { return scalar.location(at: offset) }
    return SourceLocation(
      file: location.file, line: location.line, column: location.column + offset - base)
  }

  func error(_ fault: ExpressionFault) -> ExpressionError {
    ExpressionError(
      fault.kind, fault.reason, location: location(of: fault.offset),
      details: Expression.caret(source, fault.offset - base), hint: fault.hint)
  }

  /// The text in one line and a caret under an offset.
  private static func caret(_ text: String, _ offset: Int) -> [String] {
    let line = text.unicodeScalars.map { $0.properties.isWhitespace ? " " : $0 }
    let from = Swift.max(0, Swift.min(offset, line.count) - 60)
    let shown = line.dropFirst(from).prefix(90)
    let caret = String(repeating: " ", count: Swift.max(0, offset - from)) + "^"
    return [String(String.UnicodeScalarView(shown)), caret]
  }
}

extension Expression {
  /// The names of the contexts that it reads: `inputs`, `steps`, ...
  public var contexts: Set<String> {
    var names: Set<String> = []
    visit { node in if case .context(let name) = node.kind { names.insert(name) } }
    return names
  }

  /// The ids of the steps that it reads anything of.
  public var steps: Set<String> { Set(stepReferences.map(\.step)) }

  /// The ids of the steps whose outputs it reads.
  public var stepsWhoseOutputsAreRead: Set<String> {
    Set(stepReferences.filter { $0.member == "outputs" }.map(\.step))
  }

  /// Every `steps.<id>.<member>` in the expression; the member is nil where it is not named.
  var stepReferences: [(step: String, member: String?, output: String?, offset: Int)] {
    var found: [(step: String, member: String?, output: String?, offset: Int)] = []
    func walk(_ node: ExpressionNode, _ tail: [String]) {
      if let (base, name) = node.constantMember {
        if case .context("steps") = base.kind {
          found.append((name, tail.first, tail.dropFirst().first, node.range.lowerBound))
        } else {
          walk(base, [name] + tail)
        }
        if case .index(_, let index) = node.kind { walk(index, []) }
      } else {
        for child in node.children { walk(child, []) }
      }
    }
    walk(root, [])
    return found
  }

  func visit(_ body: (ExpressionNode) -> Void) {
    func walk(_ node: ExpressionNode) {
      body(node)
      node.children.forEach(walk)
    }
    walk(root)
  }
}
