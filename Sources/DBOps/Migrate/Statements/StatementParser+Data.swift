extension StatementParser {
  /// Statements about rows; the reader stands behind the first word.
  mutating func dataStatement(_ word: String) -> StatementBody {
    switch word {
    case "insert", "update", "delete", "merge": return change(word)
    case "with": return commonTables()
    case "copy": return copy()
    case "truncate": return truncate()
    case "lock": return lock()
    case "explain": return explain()
    default: return query()
    }
  }

  /// A query: what it reads, and what it changes inside `WITH`.
  func query() -> StatementBody {
    let tokens = reader.rest
    var found = TableReferences.find(in: tokens)
    let isLocking = ["update", "share", "key"].contains { word in
      zip(tokens, tokens.dropFirst()).contains { $0.isKeyword("for") && $1.isKeyword(word) }
        || zip(tokens, tokens.dropFirst(2)).contains {
          $0.isKeyword("for") && $1.isKeyword(word) && word != "share"
        }
    }
    if let created = intoTable(tokens) {
      found.reads.remove(created)
      return .createTable(TableCreation(name: created, sources: found))
    }
    return .query(found, locksRows: isLocking)
  }

  /// `SELECT .. INTO table`.
  private func intoTable(_ tokens: ArraySlice<SQLToken>) -> ObjectName? {
    var copy = SQLReader(tokens)
    let before = copy.skip(to: ["into", "from"])
    guard copy.accept("into"), before.last?.isKeyword("insert") != true else { return nil }
    _ = copy.acceptOne(of: "temporary", "temp", "unlogged")
    copy.accept("table")
    return copy.objectName()
  }

  /// `WITH .. INSERT`: the main statement decides what it is.
  private mutating func commonTables() -> StatementBody {
    let all = TableReferences.find(in: reader.rest, isCommon: true)
    _ = reader.skip(to: ["select", "insert", "update", "delete", "merge", "values", "table"])
    guard let word = reader.keyword else { return .opaque(reason: "it ends behind WITH") }
    reader.advance()
    guard ["insert", "update", "delete", "merge"].contains(word) else {
      return .query(all, locksRows: false)
    }
    guard case .change(var change) = change(word, all.common) else {
      return .opaque(reason: "it names no table")
    }
    change.others.reads.formUnion(all.reads)
    change.others.writes.formUnion(all.writes.subtracting([change.table]))
    change.others.reads.subtract(change.others.writes.union([change.table]))
    return .change(change)
  }

  private mutating func change(_ word: String, _ common: Set<String> = []) -> StatementBody {
    reader.accept("into")
    reader.accept("from")
    guard let table = reader.relation(), let kind = DataChange.Kind(rawValue: word) else {
      return .opaque(reason: "it names no table")
    }
    var others = TableReferences.find(in: reader.rest)
    if word == "delete" || word == "merge", let used = reader.tableBehindUsing() {
      others.reads.insert(used)
    }
    others.reads.remove(table)
    others.reads = others.reads.filter { $0.schema != nil || !common.contains($0.name) }
    return .change(
      DataChange(
        kind: kind, table: table, hasCondition: reader.hasAhead("where"), others: others))
  }

  private mutating func copy() -> StatementBody {
    if reader.isAtSymbol("(") { return query() }
    guard let table = reader.objectName() else { return .opaque(reason: "it names no table") }
    _ = reader.parenthesised()
    if reader.accept("from") {
      return .change(
        DataChange(kind: .copy, table: table, hasCondition: true, others: Reads()))
    }
    return .query(Reads(reads: [table]), locksRows: false)
  }

  private mutating func truncate() -> StatementBody {
    reader.accept("table")
    let names = reader.relations()
    guard !names.isEmpty else { return .opaque(reason: "it names no table") }
    return .truncate(names, cascades: reader.hasAhead("cascade"))
  }

  private mutating func lock() -> StatementBody {
    reader.accept("table")
    let names = reader.relations()
    guard !names.isEmpty else { return .opaque(reason: "it names no table") }
    guard reader.accept("in") else { return .lock(names, .accessExclusive) }
    let words = reader.skip(to: ["mode"]).map { $0.spelling.uppercased() }
    guard let mode = LockMode(words.joined(separator: " ")) else {
      return .opaque(reason: "it names no lock mode that is known")
    }
    return .lock(names, mode)
  }

  private mutating func explain() -> StatementBody {
    let options = reader.parenthesised() ?? []
    var analyses = options.contains { $0.isKeyword("analyze") || $0.isKeyword("analyse") }
    while let word = reader.acceptOne(of: "analyze", "analyse", "verbose") {
      if word != "verbose" { analyses = true }
    }
    guard let word = reader.keyword else { return query() }
    if !analyses {
      let found = TableReferences.find(in: reader.rest)
      return .query(Reads(reads: found.reads.union(found.writes)), locksRows: false)
    }
    reader.advance()
    return dataStatement(word)
  }
}

extension SQLReader {
  /// The table behind `USING` of `DELETE` and `MERGE`.
  fileprivate func tableBehindUsing() -> ObjectName? {
    var copy = self
    _ = copy.skip(to: ["using"])
    guard copy.accept("using") else { return nil }
    return copy.isAtSymbol("(") ? nil : copy.relation()
  }
}

/// Finds the tables and the functions that a query names.
enum TableReferences {
  /// - Parameter isCommon: whether the tokens stand behind `WITH`.
  static func find(in tokens: ArraySlice<SQLToken>, isCommon: Bool = false) -> Reads {
    let common = commonNames(tokens, isCommon)
    var found = Reads(functions: functions(in: tokens), common: common)
    var reader = SQLReader(tokens)
    var previous: SQLToken?
    while let current = reader.current {
      let opens =
        previous == nil || previous?.isSymbol("(") == true
        || previous?.isSymbol(")") == true
      if current.isKeyword("from"), isFromClause(previous) {
        reader.advance()
        readItems(&reader, into: &found, common)
      } else if current.isKeyword("join") {
        reader.advance()
        readItems(&reader, into: &found, common, single: true)
      } else if opens, let name = changed(&reader) {
        found.writes.insert(name)
      } else {
        reader.advance()
      }
      previous = reader.index > tokens.startIndex ? tokens[reader.index - 1] : current
    }
    found.reads.subtract(found.writes)
    return found
  }

  /// The target of `INSERT INTO`, `UPDATE`, `DELETE FROM`, `MERGE INTO` inside `WITH`.
  private static func changed(_ reader: inout SQLReader) -> ObjectName? {
    let isChange =
      reader.accept("insert", "into") || reader.accept("delete", "from")
      || reader.accept("merge", "into") || reader.accept("update")
    return isChange ? reader.relation() : nil
  }

  /// `EXTRACT(x FROM y)`, `IS DISTINCT FROM` and `DELETE FROM` are no `FROM` of a query.
  private static func isFromClause(_ previous: SQLToken?) -> Bool {
    guard let previous else { return true }
    if previous.isKeyword("distinct") { return false }
    let fields = [
      "epoch", "year", "month", "day", "hour", "minute", "second", "dow", "doy", "quarter", "week",
      "century", "decade", "isodow", "isoyear", "microseconds", "milliseconds", "millennium",
      "timezone", "both", "leading", "trailing",
    ]
    return !fields.contains { previous.isKeyword($0) }
  }

  private static func readItems(
    _ reader: inout SQLReader, into found: inout Reads, _ common: Set<String>,
    single: Bool = false
  ) {
    repeat {
      _ = reader.accept("lateral")
      guard !reader.isAtSymbol("("), reader.current?.name != nil, let name = reader.relation()
      else { return }
      // A function in the place of a table.
      let isFunction = reader.isAtSymbol("(")
      if !isFunction, name.schema != nil || !common.contains(name.name) {
        found.reads.insert(name)
      }
      if single || isFunction { return }
      reader.accept("as")
      if let word = reader.current?.name, !clauses.contains(word) { reader.advance() }
    } while reader.acceptSymbol(",")
  }

  private static let clauses: Set<String> = [
    "where", "group", "order", "limit", "having", "join", "left", "right", "inner", "full",
    "cross", "natural", "on", "union", "except", "intersect", "window", "offset", "fetch", "for",
    "returning", "set", "using", "tablesample", "when", "do",
  ]

  private static func commonNames(
    _ tokens: ArraySlice<SQLToken>, _ isCommon: Bool
  ) -> Set<String> {
    var names: Set<String> = []
    var isOpening = isCommon
    var reader = SQLReader(tokens)
    while let current = reader.current {
      if isOpening {
        reader.accept("recursive")
        if let name = reader.name() { names.insert(name) }
        isOpening = false
        continue
      }
      isOpening = current.isKeyword("with")
      reader.advance()
      // Another table of the same WITH: `) , name AS (`.
      if current.isSymbol(","),
        reader.peek(1)?.isKeyword("as") == true
          || reader.peek(1)?.isSymbol("(") == true, !names.isEmpty
      {
        if let name = reader.current?.name { names.insert(name) }
      }
    }
    return names
  }

  /// The functions that an expression calls, in lower case and without their schema.
  static func functions(in tokens: ArraySlice<SQLToken>) -> Set<String> {
    var found: Set<String> = []
    for (token, next) in zip(tokens, tokens.dropFirst()) where next.isSymbol("(") {
      if let name = token.name, token.kind == .quotedName || !syntax.contains(name) {
        found.insert(name)
      }
    }
    // These call a function without parentheses.
    for token in tokens where bare.contains(where: { token.isKeyword($0) }) {
      if let name = token.name { found.insert(name) }
    }
    return found
  }

  private static let bare: Set<String> = [
    "current_timestamp", "current_date", "current_time", "localtime", "localtimestamp",
    "current_user", "session_user", "current_role",
  ]

  /// Words before a parenthesis that call no function.
  private static let syntax: Set<String> = [
    "in", "any", "all", "some", "exists", "and", "or", "not", "as", "values", "select", "from",
    "where", "on", "using", "array", "row", "when", "then", "else", "case", "varchar", "char",
    "character", "varying", "numeric", "decimal", "timestamp", "timestamptz", "time", "interval",
    "bit", "returning", "set", "over", "filter", "by", "cast", "references", "check", "default",
    "coalesce", "nullif", "greatest", "least", "into", "join", "union", "except", "intersect",
  ]
}
