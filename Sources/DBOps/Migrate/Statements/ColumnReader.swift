/// Reads the definition of a column.
enum ColumnReader {
  /// `name type [constraint ...]`.
  static func column(_ reader: inout SQLReader) -> ColumnDefinition? {
    guard let name = reader.name() else { return nil }
    // A typed table and a partition say `name [WITH OPTIONS] constraint`.
    reader.accept("with", "options")
    guard let type = type(&reader) else { return nil }
    var column = ColumnDefinition(name: name, type: type)
    while !reader.isAtEnd { readConstraint(&reader, into: &column) }
    return column
  }

  private static func readConstraint(
    _ reader: inout SQLReader, into column: inout ColumnDefinition
  ) {
    var constraintName: String?
    if reader.accept("constraint") { constraintName = reader.name() }
    if reader.accept("not", "null") {
      column.isNotNull = true
    } else if reader.accept("default") {
      readDefault(&reader, into: &column)
    } else if reader.accept("generated") {
      readGeneration(&reader, into: &column)
    } else if let constraint = ConstraintReader.constraint(
      &reader, named: constraintName, of: column.name)
    {
      if case .primaryKey = constraint.kind { column.isNotNull = true }
      column.constraints.append(constraint)
    } else {
      // NULL, COLLATE, COMPRESSION, STORAGE.
      reader.advance()
    }
  }

  private static let constraintWords: Set<String> = [
    "not", "null", "constraint", "check", "unique", "primary", "references", "generated",
    "default", "collate", "deferrable", "initially",
  ]

  private static func readDefault(
    _ reader: inout SQLReader, into column: inout ColumnDefinition
  ) {
    let expression = reader.skip(to: constraintWords)
    column.defaultText = expression.text
    column.defaultFunctions = TableReferences.functions(in: expression)
  }

  private static func readGeneration(
    _ reader: inout SQLReader, into column: inout ColumnDefinition
  ) {
    _ = reader.skip(to: ["as"])
    reader.accept("as")
    if reader.accept("identity") {
      column.generation = .identity
      column.isNotNull = true
      _ = reader.parenthesised()
      return
    }
    _ = reader.parenthesised()
    // Without a word 18 computes the value when it is read.
    column.generation = reader.accept("stored") ? .stored : .virtual
    reader.accept("virtual")
  }

  private static let leadWords: Set<String> = ["double", "character", "national", "bit", "char"]

  /// A type's name with its modifiers and brackets.
  static func type(_ reader: inout SQLReader) -> TypeName? {
    reader.accept("setof")
    guard let first = reader.current, first.name != nil else { return nil }
    var words: [String] = []
    if first.kind == .word, let word = reader.keyword {
      words = multiword(&reader, word)
    }
    if words.isEmpty, let name = reader.objectName() {
      words = [name.schema.map { $0 + "." + name.name } ?? name.name]
    }
    var modifiers = readModifiers(&reader)
    var name = words.joined(separator: " ")
    if name == "time" || name == "timestamp" {
      if reader.accept("with", "time", "zone") { name += " with time zone" }
      if reader.accept("without", "time", "zone") { name += " without time zone" }
    }
    if name == "interval" {
      while reader.acceptOne(of: "year", "month", "day", "hour", "minute", "second", "to") != nil {}
      if modifiers.isEmpty { modifiers = readModifiers(&reader) }
    }
    var isArray = reader.accept("array")
    while reader.acceptSymbol("[") {
      while !reader.isAtEnd, !reader.acceptSymbol("]") { reader.advance() }
      isArray = true
    }
    return TypeName(spelled: name, modifiers: modifiers, isArray: isArray)
  }

  /// `double precision`, `character varying`, `national character varying`, `bit varying`.
  private static func multiword(_ reader: inout SQLReader, _ first: String) -> [String] {
    guard leadWords.contains(first), reader.peek(1)?.isSymbol(".") != true else { return [] }
    var words = [first]
    reader.advance()
    while let next = reader.acceptOne(of: "precision", "character", "char", "varying") {
      words.append(next)
    }
    return words
  }

  private static func readModifiers(_ reader: inout SQLReader) -> [Int] {
    guard let content = reader.parenthesised() else { return [] }
    return content.compactMap { Int($0.spelling) }
  }
}

/// Reads constraints.
enum ConstraintReader {
  /// `[CONSTRAINT name] CHECK ..`, as in a table's definition; nil where something else stands.
  static func tableConstraint(_ reader: inout SQLReader) -> ConstraintDefinition? {
    var copy = reader
    var name: String?
    if copy.accept("constraint") { name = copy.name() }
    guard
      copy.isAt("check") || copy.isAt("unique") || copy.isAt("primary", "key")
        || copy.isAt("foreign", "key") || copy.isAt("exclude") || copy.isAt("not", "null")
    else { return nil }
    reader = copy
    return constraint(&reader, named: name, of: nil)
  }

  /// A constraint behind its name; `column` where it stands behind a column.
  static func constraint(
    _ reader: inout SQLReader, named name: String?, of column: String?
  ) -> ConstraintDefinition? {
    guard let kind = kind(&reader, column) else { return nil }
    var constraint = ConstraintDefinition(name: name, kind: kind.0, columns: kind.1)
    readAttributes(&reader, into: &constraint, isInline: column != nil)
    return constraint
  }

  private static func kind(
    _ reader: inout SQLReader, _ column: String?
  ) -> (ConstraintDefinition.Kind, [String])? {
    let own = column.map { [$0] } ?? []
    if reader.accept("check") { return (.check(reader.parenthesised()?.text ?? ""), own) }
    if reader.accept("foreign", "key") {
      let columns = reader.names()
      guard reader.accept("references"), let table = reader.objectName() else { return nil }
      _ = reader.parenthesised()
      return (.foreignKey(references: table), columns)
    }
    if reader.accept("references"), let table = reader.objectName() {
      _ = reader.parenthesised()
      return (.foreignKey(references: table), own)
    }
    if reader.accept("unique") {
      if reader.accept("nulls") { reader.advance(reader.isAt("not") ? 2 : 1) }
      return (.unique, column == nil ? reader.names() : own)
    }
    if reader.accept("primary", "key") {
      return (.primaryKey, column == nil ? reader.names() : own)
    }
    if reader.accept("exclude") {
      _ = reader.skip(to: [])
      return (.exclude, [])
    }
    if column == nil, reader.accept("not", "null"), let name = reader.name() {
      return (.notNull(name), [name])
    }
    return nil
  }

  private static func readAttributes(
    _ reader: inout SQLReader, into constraint: inout ConstraintDefinition, isInline: Bool
  ) {
    while !reader.isAtEnd {
      if reader.accept("not", "valid") {
        constraint.isNotValid = true
      } else if reader.accept("not", "enforced") {
        constraint.isNotEnforced = true
      } else if reader.accept("using", "index", "tablespace") {
        _ = reader.name()
      } else if reader.accept("using", "index") {
        constraint.usingIndex = reader.name()
      } else if isInline, !readInlineAttribute(&reader) {
        return
      } else if !isInline {
        reader.advance()
      }
    }
  }

  /// What may follow a constraint behind a column; false where the next one begins.
  private static func readInlineAttribute(_ reader: inout SQLReader) -> Bool {
    if reader.accept("on", "delete") || reader.accept("on", "update") {
      reader.accept("set")
      reader.accept("no")
      reader.advance()
      _ = reader.parenthesised()
      return true
    }
    if reader.accept("not", "deferrable") || reader.accept("no", "inherit") { return true }
    if reader.accept("include") {
      _ = reader.parenthesised()
      return true
    }
    if reader.accept("match") || reader.accept("initially") {
      reader.advance()
      return true
    }
    return reader.acceptOne(of: "deferrable", "enforced") != nil
  }
}
