extension StatementParser {
  /// Everything behind `ALTER`.
  mutating func alter() -> ParsedStatement {
    var words = [reader.keyword ?? ""]
    reader.advance()
    if ["materialized", "foreign", "text", "event", "default", "large", "access"].contains(
      words[0]),
      let second = reader.keyword
    {
      words.append(second)
      reader.advance()
      if words == ["foreign", "data"], reader.accept("wrapper") { words.append("wrapper") }
    }
    let name = words.joined(separator: " ")
    let command = "ALTER \(name.uppercased())"
    if let kind = TableAlteration.Kind(rawValue: name) {
      return ParsedStatement(command: command, body: alterRelation(kind))
    }
    return ParsedStatement(command: command, body: alterOther(name))
  }

  private mutating func alterOther(_ name: String) -> StatementBody {
    switch name {
    case "type": return alterType()
    case "domain": return alterDomain()
    case "trigger", "policy", "rule":
      let mode = LockMode.accessExclusive
      _ = reader.skip(to: ["on"])
      reader.accept("on")
      return onTable(reader.objectName(), mode)
    case "statistics": return .apart(reader.objectName())
    case "system":
      return .outsideTransactions(reason: "ALTER SYSTEM cannot run in a transaction")
    case "database":
      return reader.hasAhead("set", "tablespace")
        ? .outsideTransactions(reason: "it moves files, which no transaction can undo")
        : .apart(nil)
    case "subscription":
      return .outsideTransactions(reason: "it changes another server, which cannot be undone")
    case "publication": return alterPublication()
    case "function", "procedure", "routine", "schema", "extension", "role", "user", "group",
      "aggregate", "collation", "conversion", "language", "operator", "server", "tablespace",
      "text search", "event trigger", "default privileges", "large object",
      "foreign data wrapper":
      return .apart(nil)
    default:
      return .opaque(reason: "ALTER \(name.uppercased()) is not a statement that is known")
    }
  }

  private mutating func alterPublication() -> StatementBody {
    _ = reader.skip(to: ["table"])
    guard reader.accept("table") else { return .apart(nil) }
    let names = reader.relations()
    guard let first = names.first else { return .apart(nil) }
    return .onTable(first, .shareUpdateExclusive, other: Array(names.dropFirst()))
  }

  private mutating func alterType() -> StatementBody {
    guard let name = reader.objectName() else { return .opaque(reason: "it names no type") }
    if reader.accept("add", "value") {
      _ = reader.acceptIfNotExists()
      return .addEnumValue(type: name, value: reader.current?.text ?? "")
    }
    if reader.isAt("add", "attribute") || reader.isAt("drop", "attribute")
      || reader.isAt("alter", "attribute") || reader.isAt("rename", "attribute")
    {
      return .onRelation(name, .accessExclusive)
    }
    return .apart(name)
  }

  private mutating func alterDomain() -> StatementBody {
    guard let name = reader.objectName() else { return .opaque(reason: "it names no domain") }
    var action = DomainAlteration.Action.other
    if reader.accept("add") {
      let constraintName = reader.accept("constraint") ? reader.name() : nil
      action = .addConstraint(
        name: constraintName, isNotValid: reader.hasAhead("not", "valid"))
    } else if reader.accept("set", "not", "null") {
      action = .setNotNull
    } else if reader.accept("validate", "constraint") {
      action = .validate
    }
    return .alterDomain(DomainAlteration(name: name, action: action))
  }

  private mutating func alterRelation(_ kind: TableAlteration.Kind) -> StatementBody {
    if reader.accept("all", "in", "tablespace") {
      return .opaque(reason: "which relations stand in the tablespace is not known")
    }
    let ifExists = reader.acceptIfExists()
    guard let name = reader.relation() else { return .opaque(reason: "it names no \(kind)") }
    if kind == .sequence {
      return .alterTable(
        TableAlteration(kind: kind, name: name, ifExists: ifExists, actions: [sequenceAction()]))
    }
    let actions = reader.parts().map { part in
      var reader = SQLReader(part)
      return ActionReader.action(&reader)
    }
    guard !actions.isEmpty else { return .opaque(reason: "it says nothing to change") }
    return .alterTable(
      TableAlteration(kind: kind, name: name, ifExists: ifExists, actions: actions))
  }

  private mutating func sequenceAction() -> TableAction {
    if reader.accept("rename", "to") { return .rename(to: reader.name() ?? "") }
    if reader.accept("set", "schema") { return .setSchema(reader.name() ?? "") }
    if reader.accept("owner", "to") { return .owner }
    if reader.accept("set", "logged") || reader.accept("set", "unlogged") { return .setLogged }
    if reader.hasAhead("owned", "by") { return .sequenceOwner(ownedBy()) }
    return .sequenceOptions
  }
}

/// Reads one subcommand of `ALTER TABLE`.
enum ActionReader {
  static func action(_ reader: inout SQLReader) -> TableAction {
    let text = reader.rest.text
    switch reader.keyword {
    case "add":
      reader.advance()
      return add(&reader)
    case "drop":
      reader.advance()
      return drop(&reader)
    case "alter":
      reader.advance()
      return alter(&reader)
    case "rename":
      reader.advance()
      return rename(&reader)
    case "set":
      reader.advance()
      return set(&reader) ?? .unknown(text)
    case "reset": return .setOptions(options(&reader))
    default: return other(&reader) ?? .unknown(text)
    }
  }

  private static func add(_ reader: inout SQLReader) -> TableAction {
    if let constraint = ConstraintReader.tableConstraint(&reader) {
      return .addConstraint(constraint)
    }
    let text = reader.rest.text
    reader.accept("column")
    let ifNotExists = reader.acceptIfNotExists()
    guard let column = ColumnReader.column(&reader) else { return .unknown("ADD " + text) }
    return .addColumn(column, ifNotExists: ifNotExists)
  }

  private static func drop(_ reader: inout SQLReader) -> TableAction {
    if reader.accept("constraint") {
      let ifExists = reader.acceptIfExists()
      return .dropConstraint(
        reader.name() ?? "", cascades: reader.isAt("cascade"), ifExists: ifExists)
    }
    reader.accept("column")
    let ifExists = reader.acceptIfExists()
    return .dropColumn(
      reader.name() ?? "", cascades: reader.isAt("cascade"), ifExists: ifExists)
  }

  private static func alter(_ reader: inout SQLReader) -> TableAction {
    let text = reader.rest.text
    if reader.accept("constraint") {
      let name = reader.name() ?? ""
      let enforced = reader.hasAhead("enforced") ? !reader.hasAhead("not", "enforced") : nil
      return .alterConstraint(name, enforced: enforced)
    }
    reader.accept("column")
    guard reader.current?.kind != .number else { return .setStatistics }
    guard let column = reader.name() else { return .unknown("ALTER " + text) }
    return columnAction(column, &reader) ?? .unknown("ALTER " + text)
  }

  private static func columnAction(
    _ column: String, _ reader: inout SQLReader
  ) -> TableAction? {
    if reader.accept("type") || reader.accept("set", "data", "type") {
      guard let type = ColumnReader.type(&reader) else { return nil }
      _ = reader.skip(to: ["using"])
      return .setType(
        column: column, type, conversion: reader.accept("using") ? reader.rest.text : nil)
    }
    if reader.accept("set", "default") { return .setDefault(column: column) }
    if reader.accept("drop", "default") { return .dropDefault(column: column) }
    if reader.accept("set", "not", "null") { return .setNotNull(column: column) }
    if reader.accept("drop", "not", "null") { return .dropNotNull(column: column) }
    if reader.accept("set", "expression") { return .setExpression(column: column) }
    if reader.accept("drop", "expression") { return .dropExpression(column: column) }
    if reader.accept("add", "generated") { return .addIdentity(column: column) }
    if reader.accept("set", "statistics") { return .setStatistics }
    if reader.accept("set", "storage") || reader.accept("set", "compression") {
      return .setStorage
    }
    if reader.accept("drop", "identity") || reader.accept("set", "generated")
      || reader.accept("restart")
    {
      return .changeIdentity(column: column)
    }
    reader.advance()
    if reader.isAtSymbol("(") { return .setColumnOptions }
    // SET INCREMENT and the other options of an identity's sequence.
    let identityOptions: Set<String> = [
      "increment", "minvalue", "maxvalue", "no", "start", "restart", "cache", "cycle",
    ]
    return reader.keyword.map(identityOptions.contains) == true
      ? .changeIdentity(column: column) : nil
  }

  private static func rename(_ reader: inout SQLReader) -> TableAction {
    let text = reader.rest.text
    if reader.accept("to"), let name = reader.name() { return .rename(to: name) }
    if reader.accept("constraint"), let old = reader.name(), reader.accept("to"),
      let new = reader.name()
    {
      return .renameConstraint(old, to: new)
    }
    reader.accept("column")
    guard let old = reader.name(), reader.accept("to"), let new = reader.name() else {
      return .unknown("RENAME " + text)
    }
    return .renameColumn(old, to: new)
  }

  private static func set(_ reader: inout SQLReader) -> TableAction? {
    if reader.accept("schema") { return .setSchema(reader.name() ?? "") }
    if reader.accept("tablespace") { return .setTablespace }
    if reader.accept("access", "method") { return .setAccessMethod }
    if reader.accept("logged") || reader.accept("unlogged") { return .setLogged }
    if reader.accept("without", "cluster") { return .clusterOn }
    if reader.accept("without", "oids") { return .setOptions([]) }
    return reader.isAtSymbol("(") ? .setOptions(options(&reader)) : nil
  }

  /// Storage parameters by name.
  private static func options(_ reader: inout SQLReader) -> [String] {
    _ = reader.accept("reset")
    guard let content = reader.parenthesised() else { return [] }
    return SQLReader(content).parts().map { part in
      part.prefix { !$0.isSymbol("=") }.compactMap(\.name).joined(separator: ".")
    }
  }

  private static func other(_ reader: inout SQLReader) -> TableAction? {
    if reader.accept("validate", "constraint") { return .validateConstraint(reader.name() ?? "") }
    if reader.accept("owner", "to") { return .owner }
    if reader.accept("cluster", "on") { return .clusterOn }
    if reader.accept("replica", "identity") { return .replicaIdentity }
    if reader.accept("not", "of") || reader.accept("of") { return .type }
    if reader.accept("no", "depends") || reader.accept("depends") { return .owner }
    if reader.accept("no", "inherit"), let parent = reader.objectName() {
      return .noInherit(parent)
    }
    if reader.accept("inherit"), let parent = reader.objectName() { return .inherit(parent) }
    if reader.accept("attach", "partition"), let name = reader.objectName() {
      // An index has no bounds.
      return reader.isAtEnd
        ? .attachIndex(name) : .attachPartition(name, isDefault: reader.isAt("default"))
    }
    if reader.accept("detach", "partition"), let name = reader.objectName() {
      if reader.accept("finalize") { return .finalizeDetach(name) }
      return .detachPartition(name, concurrently: reader.accept("concurrently"))
    }
    if reader.acceptOne(of: "enable", "disable", "force", "no") != nil {
      reader.accept("force")
      _ = reader.acceptOne(of: "always", "replica")
      if reader.isAt("row", "level", "security") { return .rowSecurity }
      if reader.isAt("trigger") { return .trigger }
      if reader.isAt("rule") { return .rule }
    }
    return nil
  }
}
