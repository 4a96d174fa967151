extension StatementParser {
  /// Everything behind `CREATE`.
  mutating func create() -> ParsedStatement {
    let replaces = reader.accept("or", "replace")
    var isTemporary = false
    while let word = reader.acceptOne(
      of: "temporary", "temp", "local", "global", "unlogged", "unique", "recursive", "constraint",
      "trusted", "procedural", "default")
    {
      if word == "temporary" || word == "temp" { isTemporary = true }
      if word == "unique" { return createIndex(isUnique: true) }
    }
    switch reader.keyword {
    case "table":
      reader.advance()
      return ParsedStatement(command: "CREATE TABLE", body: createTable(isTemporary))
    case "index": return createIndex(isUnique: false)
    case "view":
      reader.advance()
      return ParsedStatement(command: "CREATE VIEW", body: createView(replaces: replaces))
    case "materialized":
      reader.advance(2)
      return ParsedStatement(
        command: "CREATE MATERIALIZED VIEW", body: createView(replaces: false, materialized: true))
    case "sequence":
      reader.advance()
      return ParsedStatement(command: "CREATE SEQUENCE", body: createSequence())
    case "trigger", "policy", "rule", "statistics":
      return createOnTable(reader.keyword ?? "")
    case "domain":
      reader.advance()
      return ParsedStatement(command: "CREATE DOMAIN", body: createDomain())
    default: return createApart()
    }
  }

  private mutating func createOnTable(_ word: String) -> ParsedStatement {
    reader.advance()
    let command = "CREATE \(word.uppercased())"
    if word == "statistics" {
      _ = reader.skip(to: ["from"])
      reader.accept("from")
      return ParsedStatement(
        command: command, body: onTable(reader.objectName(), .shareUpdateExclusive))
    }
    if word == "rule" {
      // CREATE RULE name AS ON event TO table
      _ = reader.skip(to: ["to"])
      reader.accept("to")
      return ParsedStatement(
        command: command, body: onTable(reader.objectName(), .accessExclusive))
    }
    // CREATE TRIGGER name event OF column ON table
    _ = reader.skip(to: ["on"])
    reader.accept("on")
    let table = reader.objectName()
    var other: [ObjectName] = []
    if word == "trigger", reader.accept("from"), let referenced = reader.objectName() {
      other.append(referenced)
    }
    return ParsedStatement(
      command: command,
      body: onTable(
        table, word == "trigger" ? .shareRowExclusive : .accessExclusive, other: other))
  }

  private mutating func createApart() -> ParsedStatement {
    let word = reader.keyword ?? ""
    reader.advance()
    var command = "CREATE \(word.uppercased())"
    switch word {
    case "database", "tablespace":
      return ParsedStatement(
        command: command,
        body: .outsideTransactions(reason: "\(command) cannot run in a transaction"))
    case "subscription":
      return ParsedStatement(
        command: command,
        body: .outsideTransactions(
          reason: "it makes a replication slot, which no transaction can undo"))
    case "publication":
      return ParsedStatement(command: command, body: publication())
    case "function", "procedure", "type", "schema", "extension", "role", "user", "group",
      "aggregate", "cast", "collation", "conversion", "language", "operator", "server",
      "transform":
      _ = reader.acceptIfNotExists()
      return ParsedStatement(command: command, body: .apart(reader.objectName()))
    case "foreign", "text", "event", "access":
      let second = reader.keyword ?? ""
      reader.advance()
      command += " \(second.uppercased())"
      if word == "foreign", second == "table" {
        return ParsedStatement(command: command, body: createTable(false))
      }
      return ParsedStatement(command: command, body: .apart(nil))
    default:
      return ParsedStatement(
        command: command, body: .opaque(reason: "\(command) is not a statement that is known"))
    }
  }

  /// `CREATE PUBLICATION name FOR TABLE a, b`.
  private mutating func publication() -> StatementBody {
    _ = reader.skip(to: ["table"])
    guard reader.accept("table") else { return .apart(nil) }
    let names = reader.relations()
    guard let first = names.first else { return .apart(nil) }
    return .onTable(first, .shareUpdateExclusive, other: Array(names.dropFirst()))
  }

  private mutating func createTable(_ isTemporary: Bool) -> StatementBody {
    let ifNotExists = reader.acceptIfNotExists()
    guard let name = reader.objectName() else { return .opaque(reason: "it names no table") }
    var table = TableCreation(name: name, isTemporary: isTemporary, ifNotExists: ifNotExists)
    if reader.accept("partition", "of") { table.partitionOf = reader.objectName() }
    if reader.accept("of") { _ = reader.objectName() }
    if let content = reader.parenthesised() {
      for part in SQLReader(content).parts() { readElement(part, into: &table) }
    }
    while !reader.isAtEnd {
      if reader.accept("inherits"), let content = reader.parenthesised() {
        var parents = SQLReader(content)
        table.parents = parents.relations()
      } else if reader.accept("as") {
        table.sources = TableReferences.find(in: reader.rest)
        break
      } else if reader.isAtSymbol("(") {
        _ = reader.parenthesised()
      } else {
        reader.advance()
      }
    }
    return .createTable(table)
  }

  private func readElement(_ part: ArraySlice<SQLToken>, into table: inout TableCreation) {
    var element = SQLReader(part)
    if element.accept("like") {
      if let source = element.objectName() { table.sources.reads.insert(source) }
      return
    }
    if let constraint = ConstraintReader.tableConstraint(&element) {
      table.constraints.append(constraint)
    } else if let column = ColumnReader.column(&element) {
      table.columns.append(column)
    }
  }

  private mutating func createIndex(isUnique: Bool) -> ParsedStatement {
    reader.accept("index")
    let isConcurrent = reader.accept("concurrently")
    let ifNotExists = reader.acceptIfNotExists()
    let name = reader.isAt("on") ? nil : reader.objectName()?.name
    reader.accept("on")
    let command = "CREATE INDEX"
    guard let table = reader.relation() else {
      return ParsedStatement(command: command, body: .opaque(reason: "it names no table"))
    }
    return ParsedStatement(
      command: command,
      body: .createIndex(
        IndexCreation(
          name: name, table: table, isUnique: isUnique, isConcurrent: isConcurrent,
          ifNotExists: ifNotExists, definition: reader.rest.text)))
  }

  private mutating func createView(replaces: Bool, materialized: Bool = false) -> StatementBody {
    _ = reader.acceptIfNotExists()
    guard let name = reader.objectName() else { return .opaque(reason: "it names no view") }
    _ = reader.skip(to: ["as"])
    reader.accept("as")
    return .createView(
      ViewCreation(
        name: name, replaces: replaces, isMaterialized: materialized,
        sources: TableReferences.find(in: reader.rest)))
  }

  private mutating func createSequence() -> StatementBody {
    _ = reader.acceptIfNotExists()
    guard let name = reader.objectName() else { return .opaque(reason: "it names no sequence") }
    return .createSequence(name, owner: ownedBy())
  }

  /// `OWNED BY table.column`, wherever it stands; the table.
  mutating func ownedBy() -> ObjectName? {
    while !reader.isAtEnd {
      if reader.accept("owned", "by") {
        var parts: [String] = []
        repeat {
          guard let name = reader.name() else { break }
          parts.append(name)
        } while reader.acceptSymbol(".")
        guard parts.count >= 2 else { return nil }
        return ObjectName(
          parts.count > 2 ? parts[parts.count - 3] : nil, parts[parts.count - 2])
      }
      reader.advance()
    }
    return nil
  }

  private mutating func createDomain() -> StatementBody {
    guard let name = reader.objectName() else { return .opaque(reason: "it names no domain") }
    let isConstrained =
      reader.hasAhead("check") || reader.hasAhead("constraint")
      || reader.hasAhead("not", "null")
    return .createDomain(name, isConstrained: isConstrained)
  }
}

extension ArraySlice<SQLToken> {
  /// The text that they stand in, from the first to the last.
  var text: String {
    guard let first, let last else { return "" }
    return String(first.source[first.range.lowerBound..<last.range.upperBound])
  }
}
