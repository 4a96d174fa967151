extension Parser {
  /// `import a.b as c, d`
  mutating func importStatement() throws(SyntaxFailure) -> Statement.Kind {
    advance()
    var modules: [ImportedModule] = []
    repeat {
      let start = position
      let path = try dottedName()
      let alias = take(.keywordAs) ? try name() : nil
      modules.append(ImportedModule(path: path, alias: alias, position: start))
    } while take(.comma)
    return .import(modules)
  }

  private mutating func dottedName() throws(SyntaxFailure) -> [String] {
    var path = [try name()]
    while take(.dot) { path.append(try name()) }
    return path
  }

  /// `from ..a import b as c, (d, e), *`
  mutating func fromStatement() throws(SyntaxFailure) -> Statement.Kind {
    advance()
    let start = position
    var level = 0
    while true {
      if take(.dot) {
        level += 1
      } else if take(.ellipsis) {
        level += 3
      } else {
        break
      }
    }
    var path: [String] = []
    if level == 0 || kind == .name { path = try dottedName() }
    guard take(.keywordImport) else { throw unexpected("expected 'import'") }
    let names: ImportFrom.Names
    if kind == .star {
      guard scopes.count == 1 else {
        throw unexpected("import * only allowed at module level")
      }
      advance()
      names = .all
    } else {
      names = .listed(try importedNames())
    }
    let source = ImportFrom(path: path, level: level, names: names, position: start)
    if source.isFuture { try checkFuture(source) }
    return .importFrom(source)
  }

  private mutating func importedNames() throws(SyntaxFailure) -> [ImportedName] {
    let isParenthesized = take(.leftParen)
    var names: [ImportedName] = []
    repeat {
      if isParenthesized, kind == .rightParen, !names.isEmpty { break }
      let start = position
      if kind == .newline, !names.isEmpty {
        throw unexpected("trailing comma not allowed without surrounding parentheses")
      }
      let imported = try name()
      let alias = take(.keywordAs) ? try name() : nil
      names.append(ImportedName(name: imported, alias: alias, position: start))
    } while take(.comma)
    if isParenthesized { try close(.rightParen) }
    return names
  }

  private static let features: Set<String> = [
    "nested_scopes", "generators", "division", "absolute_import", "with_statement",
    "print_function", "unicode_literals", "barry_as_FLUFL", "generator_stop", "annotations",
  ]

  private func checkFuture(_ source: ImportFrom) throws(SyntaxFailure) {
    guard mayImportFuture else {
      throw failure(
        "from __future__ imports must occur at the beginning of the file", at: source.position)
    }
    guard case .listed(let names) = source.names else {
      throw failure("future feature * is not defined", at: source.position)
    }
    for name in names where !Self.features.contains(name.name) {
      throw failure("future feature \(name.name) is not defined", at: name.position)
    }
  }
}

extension ImportFrom {
  /// Whether it chooses features of the language itself.
  var isFuture: Bool { level == 0 && path == ["__future__"] }
}
