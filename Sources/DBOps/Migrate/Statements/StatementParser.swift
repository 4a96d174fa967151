/// Reads one SQL statement as far as its locks and its effects ask for.
///
/// It knows the grammar of PostgreSQL 12 to 18. What it does not know becomes `opaque`: never
/// something harmless.
struct StatementParser {
  var reader: SQLReader
  private let tokens: [SQLToken]

  /// Reads a statement.
  static func parse(_ sql: String) -> ParsedStatement {
    let (tokens, _, isOpen) = SQLTokens.scan(sql)
    if isOpen {
      return ParsedStatement(
        command: tokens.first?.spelling.uppercased() ?? "",
        body: .opaque(reason: "it ends inside a quote or a comment"))
    }
    var significant = tokens
    while significant.last?.isSymbol(";") == true { significant.removeLast() }
    if significant.contains(where: { $0.isSymbol(";") }), !isRoutine(significant) {
      // A text with several statements in it goes to the server as one.
      return ParsedStatement(command: "", body: .opaque(reason: "it holds several statements"))
    }
    var parser = StatementParser(significant)
    return parser.statement()
  }

  /// The bodies of functions in standard SQL, and rules, have semicolons of their own.
  private static func isRoutine(_ tokens: [SQLToken]) -> Bool {
    tokens.first?.isKeyword("create") == true
      && tokens.prefix(6).contains {
        $0.isKeyword("function") || $0.isKeyword("procedure") || $0.isKeyword("rule")
      }
  }

  private init(_ tokens: [SQLToken]) {
    self.tokens = tokens
    reader = SQLReader(tokens)
  }

  private mutating func statement() -> ParsedStatement {
    guard let word = reader.keyword else {
      let isQuery = reader.isAtSymbol("(")
      return isQuery
        ? ParsedStatement(command: "SELECT", body: query())
        : ParsedStatement(command: "", body: .opaque(reason: "it begins with no keyword"))
    }
    reader.advance()
    switch word {
    case "create": return create()
    case "alter": return alter()
    case "drop": return drop()
    default: break
    }
    return ParsedStatement(command: commandName(word), body: plain(word))
  }

  /// `REFRESH MATERIALIZED VIEW`, `LOCK TABLE`: the word, with those that belong to it.
  private func commandName(_ word: String) -> String {
    switch word {
    case "refresh": "REFRESH MATERIALIZED VIEW"
    case "comment": "COMMENT"
    case "security": "SECURITY LABEL"
    case "import": "IMPORT FOREIGN SCHEMA"
    case "reassign": "REASSIGN OWNED"
    default: word.uppercased()
    }
  }

  private mutating func plain(_ word: String) -> StatementBody {
    switch word {
    case "select", "values", "table", "with", "insert", "update", "delete", "merge", "copy",
      "explain", "truncate", "lock":
      return dataStatement(word)
    case "comment", "security": return comment()
    case "grant", "revoke", "reassign", "notify", "listen", "unlisten", "load", "deallocate",
      "close", "declare", "fetch", "move", "checkpoint":
      return .apart(nil)
    case "vacuum", "analyze", "analyse": return vacuum(isAnalyzeOnly: word != "vacuum")
    case "cluster": return cluster()
    case "reindex": return reindex()
    case "refresh": return refresh()
    case "set", "reset": return setting(isReset: word == "reset")
    case "show": return .query(Reads(), locksRows: false)
    case "begin", "start": return .transactionControl(.begin)
    case "commit", "end": return .transactionControl(.commit)
    case "rollback", "abort":
      return .transactionControl(reader.hasAhead("to") ? .savepoint : .rollback)
    case "savepoint", "release": return .transactionControl(.savepoint)
    case "discard":
      return reader.isAt("all")
        ? .outsideTransactions(reason: "DISCARD ALL cannot run in a transaction") : .apart(nil)
    case "do": return .opaque(reason: "what a DO block runs is not known before it runs")
    case "call": return .opaque(reason: "what a procedure runs is not known before it runs")
    case "execute", "prepare":
      return .opaque(reason: "what a prepared statement runs is not followed")
    case "import": return .opaque(reason: "which tables it makes is for the other server to say")
    default: return .opaque(reason: "\(word.uppercased()) is not a statement that is known")
    }
  }

  private mutating func comment() -> StatementBody {
    while !reader.isAtEnd, !reader.accept("on") { reader.advance() }
    switch reader.keyword {
    case "table":
      reader.advance()
      return onTable(reader.objectName(), .shareUpdateExclusive)
    case "view", "sequence", "index":
      reader.advance()
      return onRelation(reader.objectName(), .shareUpdateExclusive)
    case "foreign", "materialized":
      reader.advance(2)
      return onRelation(reader.objectName(), .shareUpdateExclusive)
    case "column":
      reader.advance()
      return columnComment()
    case "constraint", "trigger", "policy", "rule":
      // A constraint of a domain hangs on no table.
      _ = reader.skip(to: ["on"])
      reader.accept("on")
      if reader.isAt("domain") { return .apart(nil) }
      return onTable(reader.objectName(), .accessShare)
    default: return .apart(nil)
    }
  }

  /// `COLUMN [schema.]table.column`.
  private mutating func columnComment() -> StatementBody {
    var parts: [String] = []
    repeat {
      guard let name = reader.name() else { break }
      parts.append(name)
    } while reader.acceptSymbol(".")
    guard parts.count >= 2 else { return .opaque(reason: "it names no column") }
    return onTable(
      ObjectName(parts.count > 2 ? parts[parts.count - 3] : nil, parts[parts.count - 2]),
      .shareUpdateExclusive)
  }

  func onTable(
    _ table: ObjectName?, _ mode: LockMode, other: [ObjectName] = []
  ) -> StatementBody {
    table.map { .onTable($0, mode, other: other) } ?? .opaque(reason: "it names no table")
  }

  func onRelation(_ name: ObjectName?, _ mode: LockMode) -> StatementBody {
    name.map { .onRelation($0, mode) } ?? .opaque(reason: "it names no relation")
  }

  private mutating func vacuum(isAnalyzeOnly: Bool) -> StatementBody {
    var isFull = false
    if let options = reader.parenthesised() {
      isFull = SQLReader(options).parts().contains { part in
        part.first?.isKeyword("full") == true
          && !["false", "off", "0"].contains(part.dropFirst().first?.spelling.lowercased() ?? "")
      }
    }
    while let word = reader.acceptOne(of: "full", "freeze", "verbose", "analyze", "analyse") {
      if word == "full" { isFull = true }
    }
    var names: [ObjectName] = []
    repeat {
      guard let name = reader.relation() else { break }
      names.append(name)
      _ = reader.parenthesised()
    } while reader.acceptSymbol(",")
    return .vacuum(names, isFull: isFull, isAnalyzeOnly: isAnalyzeOnly)
  }

  private mutating func cluster() -> StatementBody {
    _ = reader.parenthesised()
    reader.accept("verbose")
    let first = reader.objectName()
    // The old form: CLUSTER index ON table.
    if reader.accept("on") { return .cluster(reader.objectName()) }
    return .cluster(first)
  }

  private mutating func reindex() -> StatementBody {
    var isConcurrent = false
    if let options = reader.parenthesised() {
      isConcurrent = SQLReader(options).parts().contains { part in
        part.first?.isKeyword("concurrently") == true
          && !["false", "off", "0"].contains(part.dropFirst().first?.spelling.lowercased() ?? "")
      }
    }
    guard
      let kind = reader.acceptOne(of: "index", "table", "schema", "database", "system")
        .flatMap(Reindexing.Kind.init)
    else { return .opaque(reason: "it says nothing to rebuild") }
    if reader.accept("concurrently") { isConcurrent = true }
    return .reindex(
      Reindexing(kind: kind, name: reader.objectName(), isConcurrent: isConcurrent))
  }

  private mutating func refresh() -> StatementBody {
    reader.accept("materialized", "view")
    let concurrently = reader.accept("concurrently")
    guard let name = reader.objectName() else { return .opaque(reason: "it names no view") }
    return .refresh(name, concurrently: concurrently)
  }

  private mutating func setting(isReset: Bool) -> StatementBody {
    let isLocal = reader.accept("local")
    reader.accept("session")
    if reader.isAt("transaction") || reader.isAt("constraints") || reader.isAt("role")
      || reader.isAt("authorization") || reader.isAt("characteristics")
    {
      return .apart(nil)
    }
    var name = reader.name() ?? ""
    while reader.acceptSymbol("."), let next = reader.name() { name += "." + next }
    if isReset { return .setting(name: name, value: nil, isLocal: false) }
    if !reader.acceptSymbol("=") { reader.accept("to") }
    let value = reader.rest.map { $0.text ?? $0.name ?? String($0.spelling) }.joined()
    return .setting(name: name, value: value, isLocal: isLocal)
  }
}
