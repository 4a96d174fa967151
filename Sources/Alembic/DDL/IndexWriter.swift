/// Writes `CREATE INDEX` and `DROP INDEX`.
public enum IndexWriter {
  /// `CREATE INDEX`; throws for one without a name.
  public static func create(_ index: Index, ifNotExists: Bool = false) throws -> String {
    guard let table = index.table else {
      throw SchemaError(.compile, "Index is not associated with any table.")
    }
    guard let name = index.name else {
      throw SchemaError(.compile, "CREATE INDEX requires that the index have a name")
    }
    let options = index.options
    var text = "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX "
    if options.isConcurrent { text += "CONCURRENTLY " }
    if ifNotExists { text += "IF NOT EXISTS " }
    text += "\(try IdentifierPreparer.bounded(name)) ON \(table.sql) "
    if let using = options.using { text += "USING \(using.lowercased()) " }
    text += "(\(try index.elements.map { try element($0, options) }.joined(separator: ", ")))"
    if !options.include.isEmpty {
      let names = options.include.map { IdentifierPreparer.quote($0) }
      text += " INCLUDE (\(names.joined(separator: ", ")))"
    }
    switch options.nullsNotDistinct {
    case true?: text += " NULLS NOT DISTINCT"
    case false?: text += " NULLS DISTINCT"
    case nil: break
    }
    if !options.with.isEmpty {
      let parameters = options.with.map { "\($0.name) = \($0.value)" }
      text += " WITH (\(parameters.joined(separator: ", ")))"
    }
    if let space = options.tablespace { text += " TABLESPACE \(IdentifierPreparer.quote(space))" }
    if let predicate = options.predicate { text += " WHERE \(try SQLCompiler.ddl(predicate))" }
    return text
  }

  private static func element(
    _ element: ColumnReference, _ options: IndexOptions
  ) throws -> String {
    switch element {
    case .name(let name):
      return IdentifierPreparer.quote(name) + operatorClass(name, options)
    case .column(let column):
      return IdentifierPreparer.quote(column.name ?? "") + operatorClass(column.key, options)
    case .expression(let expression):
      let text = try SQLCompiler.ddl(expression)
      let key = expression.indexKey ?? text
      return (expression.needsIndexParentheses ? "(\(text))" : text) + operatorClass(key, options)
    }
  }

  private static func operatorClass(_ key: String, _ options: IndexOptions) -> String {
    options.operatorClasses[key].map { " \($0)" } ?? ""
  }

  /// `DROP INDEX`.
  public static func drop(
    _ name: SQLName, schema: SQLName?, isConcurrent: Bool = false, ifExists: Bool = false
  ) throws -> String {
    var text = "\nDROP INDEX "
    if isConcurrent { text += "CONCURRENTLY " }
    if ifExists { text += "IF EXISTS " }
    if let schema, !schema.text.isEmpty { text += "\(IdentifierPreparer.quote(schema))." }
    return text + (try IdentifierPreparer.bounded(name))
  }
}

extension SQLExpression {
  /// The name by which an operator class is given: the label's, or the text itself.
  fileprivate var indexKey: String? {
    if case .text = node { return nil }
    return resultName?.text ?? ""
  }

  /// Operators stand in parentheses in an index; calls, names and texts do not.
  fileprivate var needsIndexParentheses: Bool {
    switch node {
    case .label(_, let inner): inner.needsIndexParentheses
    case .binary, .between, .conjunction, .unary, .cases, .collated, .element, .slice: true
    default: false
    }
  }
}
