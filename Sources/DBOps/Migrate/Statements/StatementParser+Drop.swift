extension StatementParser {
  /// Everything behind `DROP`.
  mutating func drop() -> ParsedStatement {
    var words = [reader.keyword ?? ""]
    reader.advance()
    let pairs: Set<String> = ["materialized", "foreign", "text", "event", "access", "user"]
    if pairs.contains(words[0]), let second = reader.keyword,
      words[0] != "user" || second == "mapping"
    {
      words.append(second)
      reader.advance()
    }
    let name = words.joined(separator: " ")
    let command = "DROP \(name.uppercased())"
    switch name {
    case "database", "tablespace":
      return ParsedStatement(
        command: command, body: dropped(.database))
    case "subscription":
      return ParsedStatement(
        command: command,
        body: .outsideTransactions(reason: "it drops a slot of another server"))
    case "owned": return ParsedStatement(command: command, body: dropped(.owned))
    case "trigger", "policy", "rule":
      return ParsedStatement(
        command: command, body: droppedFromTable(Drop.Kind(rawValue: name) ?? .trigger))
    case "function", "procedure", "routine", "aggregate", "operator", "cast":
      return ParsedStatement(command: command, body: droppedRoutine())
    default:
      guard let kind = Drop.Kind(rawValue: name) ?? otherKind(name) else {
        return ParsedStatement(
          command: command, body: .opaque(reason: "\(command) is not a statement that is known"))
      }
      return ParsedStatement(command: command, body: dropped(kind))
    }
  }

  private func otherKind(_ name: String) -> Drop.Kind? {
    let others: Set<String> = [
      "role", "user", "group", "user mapping", "server", "foreign data", "publication",
      "collation", "conversion", "language", "transform", "text search", "event trigger",
      "access method",
    ]
    return others.contains(name) ? .other : nil
  }

  private mutating func dropped(_ kind: Drop.Kind) -> StatementBody {
    let isConcurrent = kind == .index && reader.accept("concurrently")
    let ifExists = reader.acceptIfExists()
    let names = reader.relations()
    return .drop(
      Drop(
        kind: kind, names: names, ifExists: ifExists, cascades: reader.hasAhead("cascade"),
        isConcurrent: isConcurrent))
  }

  private mutating func droppedFromTable(_ kind: Drop.Kind) -> StatementBody {
    let ifExists = reader.acceptIfExists()
    let name = reader.objectName()
    reader.accept("on")
    guard let table = reader.objectName() else { return .opaque(reason: "it names no table") }
    return .drop(
      Drop(
        kind: kind, names: name.map { [$0] } ?? [], table: table, ifExists: ifExists,
        cascades: reader.isAt("cascade")))
  }

  private mutating func droppedRoutine() -> StatementBody {
    let ifExists = reader.acceptIfExists()
    let name = reader.objectName()
    return .drop(
      Drop(
        kind: .function, names: name.map { [$0] } ?? [], ifExists: ifExists,
        cascades: reader.hasAhead("cascade")))
  }
}
