internal import Diagnostics
internal import PythonSubset
internal import Text

extension Environment {
  /// Reads a project's `env.py`; Alembic's defaults where there is none.
  ///
  /// - Parameter overrides: what stands above it, and is not looked for in it.
  /// - Throws: `SyntaxFailure` when it is no Python.
  public init(of project: Project, overriding overrides: EnvironmentOverrides = .init()) throws {
    self.init()
    let path = Folder.joined(project.scriptFolder, "env.py")
    if Folder.isFile(path) {
      let module = try Module.parse(try Folder.bytes(of: path), file: path)
      var reader = EnvironmentReader(module, project, overrides)
      self = reader.read()
    }
    online.apply(overrides)
    offline.apply(overrides)
  }
}

extension EnvironmentOptions {
  fileprivate mutating func apply(_ overrides: EnvironmentOverrides) {
    versionTable = overrides.versionTable ?? versionTable
    versionTableSchema = overrides.versionTableSchema ?? versionTableSchema
    isTransactionPerMigration =
      overrides.isTransactionPerMigration ?? isTransactionPerMigration
    namingConvention = overrides.namingConvention ?? namingConvention
  }
}

/// Looks through `env.py` for what it tells Alembic and for what else it does.
private struct EnvironmentReader {
  private let module: ProjectModules.ParsedModule
  private var metadata: MetadataReader
  private var notes: [EnvironmentNote] = []
  private var calls: [Call] = []
  private let overrides: EnvironmentOverrides
  private let roots: [String]

  /// A call of `context.configure`.
  private struct Call {
    var arguments: [String: Expression] = [:]
    var position: Position
    /// Whether it is for a database.
    var isOnline: Bool {
      if arguments["connection"] != nil { return true }
      return ["url", "dialect_name", "literal_binds"].allSatisfy { arguments[$0] == nil }
    }
  }

  init(_ module: Module, _ project: Project, _ overrides: EnvironmentOverrides) {
    self.overrides = overrides
    self.module = ProjectModules.parsed(module, package: [])
    metadata = MetadataReader(
      modules: ProjectModules(roots: project.modulePath + [project.scriptFolder]))
    // The application stands beside the folder of its migrations.
    roots = project.modulePath + [Folder.parent(of: project.scriptFolder)]
  }

  mutating func read() -> Environment {
    for statement in module.module.body { look(at: statement, inLoop: false) }
    var environment = Environment()
    environment.online = options(of: calls.filter(\.isOnline))
    environment.offline = options(of: calls.filter { !$0.isOnline || calls.count == 1 })
    environment.notes = notes.filter { !overrides.accepted.contains($0.subject) }
    return environment
  }

  // MARK: - Looking through

  private mutating func look(at statement: Statement, inLoop: Bool) {
    // A text by itself is documentation.
    if case .expression(let value) = statement.kind, case .string = value.kind { return }
    for expression in statement.expressions { look(at: expression, inLoop: inLoop) }
    if case .assign(let targets, _) = statement.kind {
      for case .attribute(_, "default_schema_name", _) in targets.map(\.kind) {
        note(
          .searchPath, statement.position, "sets the schema that unqualified names mean",
          isRefusal: true)
      }
    }
    for inner in statement.statements { look(at: inner, inLoop: inLoop || statement.isLoop) }
  }

  private mutating func look(at expression: Expression, inLoop: Bool) {
    if case .call(let function, let arguments) = expression.kind {
      let name = function.dottedName ?? []
      if name.last == "configure", isContext(name.dropLast()) { configure(arguments, expression) }
      if name.last == "run_migrations", isContext(name.dropLast()) {
        if inLoop {
          note(
            .loop, expression.position,
            "runs the migrations in a loop, once for each of several schemas or databases",
            isRefusal: true)
        }
        if !arguments.isEmpty {
          note(
            .options, expression.position, "hands arguments to upgrade() and downgrade()",
            isRefusal: true)
        }
      }
      lookForHooks(name, arguments, expression)
    }
    if let text = expression.writtenText { look(atText: text, expression.position) }
    let inComprehension = if case .comprehension = expression.kind { true } else { false }
    for child in expression.children { look(at: child, inLoop: inLoop || inComprehension) }
  }

  private func isContext(_ name: ArraySlice<String>) -> Bool {
    // `from alembic import context`, under any name, or `alembic.context`.
    guard let last = name.last else { return false }
    return last == "context" || last.hasSuffix("_context") || last == "ctx"
  }

  private mutating func lookForHooks(
    _ name: [String], _ arguments: [Argument], _ expression: Expression
  ) {
    if name.last == "listens_for" || name.suffix(2) == ["event", "listen"] {
      note(.other, expression.position, "listens to events of the connection; that is not done")
    }
    for case .keyword("schema_translate_map", _, let position) in arguments {
      note(
        .schemaTranslation, position, "translates schemas by schema_translate_map",
        isRefusal: true)
    }
  }

  private mutating func look(atText text: String, _ position: Position) {
    let words = text.lowercased()
    if words.contains(text: "search_path") {
      note(.searchPath, position, "sets the search path of the session", isRefusal: true)
    } else if words.contains(text: "pg_advisory") || words.contains(text: "pg_try_advisory") {
      note(.other, position, "takes an advisory lock; omcops takes its own")
    } else if words.contains(text: "lock_timeout") || words.contains(text: "statement_timeout") {
      note(.other, position, "sets a timeout; omcops sets its own (--lock-timeout)")
    } else if words.contains(text: "schema_translate_map") {
      note(.schemaTranslation, position, "translates schemas", isRefusal: true)
    } else if words.hasPrefix("create schema") || words.hasPrefix("create extension") {
      note(.other, position, "sends \"\(StringText.excerpt(text))\"; that is not sent")
    } else if words.hasPrefix("set role") || words.hasPrefix("set session authorization") {
      note(.options, position, "changes the role of the session", isRefusal: true)
    }
  }

  private mutating func note(
    _ subject: EnvironmentNote.Subject, _ position: Position, _ text: String,
    isRefusal: Bool = false
  ) {
    let note = EnvironmentNote(
      location: module.module.location(of: position), subject: subject, text: "env.py " + text,
      isRefusal: isRefusal)
    if !notes.contains(note) { notes.append(note) }
  }

  // MARK: - Options

  private mutating func configure(_ arguments: [Argument], _ expression: Expression) {
    var call = Call(position: expression.position)
    for argument in arguments {
      switch argument {
      case .keyword(let name, let value, _): call.arguments[name] = value
      case .positional(let value): call.arguments["connection"] = value
      case .unpackedSequence: break
      case .unpackedMapping(let mapping): unpack(mapping, into: &call)
      }
    }
    if let hook = call.arguments["on_version_apply"] {
      note(
        .other, hook.position,
        "has a function called after each revision (on_version_apply); it is not called")
    }
    calls.append(call)
  }

  /// `**options`: a dictionary that is written down somewhere, or unknown.
  private mutating func unpack(_ mapping: Expression, into call: inout Call) {
    var mapping = mapping
    if case .name(let name) = mapping.kind, let value = localDefinition(name) { mapping = value }
    switch mapping.kind {
    case .attribute(_, "configure_args", _) where isFlask:
      var flask = FlaskProject(roots: roots, reader: metadata)
      do {
        call.arguments.merge(try flask.options()) { own, _ in own }
      } catch {
        note(
          .options, mapping.position,
          "hands on the options of Flask-Migrate, which cannot be told: \(error.message)",
          isRefusal: true)
      }
    case .dictionary(let entries):
      for case .pair(let key, let value) in entries {
        if case .string(let name) = key.kind { call.arguments[name] = value }
      }
    case .call(let function, let arguments) where function.dottedName == ["dict"]:
      for case .keyword(let name, let value, _) in arguments { call.arguments[name] = value }
    default:
      note(
        .options, mapping.position,
        "hands options to context.configure that cannot be read; if version_table or the like is "
          + "among them, say it under alembic in omcops.yaml")
    }
  }

  /// What a name is bound to, at the top or in any function of `env.py`.
  private func localDefinition(_ name: String) -> Expression? {
    func find(_ statements: [Statement]) -> Expression? {
      for statement in statements {
        if let value = ModuleConstants([statement])[name] { return value }
        if let value = find(statement.statements) { return value }
      }
      return nil
    }
    return find(module.module.body)
  }

  private mutating func options(of calls: [Call]) -> EnvironmentOptions {
    var options = EnvironmentOptions()
    let text = { (literal: Literal) -> String?? in
      literal == .none ? .some(nil) : literal.string.map { .some($0) }
    }
    let flag = { (literal: Literal) -> Bool? in
      if case .bool(let flag) = literal { flag } else if literal == .none { false } else { nil }
    }
    if overrides.versionTable == nil, let name = value("version_table", of: calls, text) ?? nil {
      options.versionTable = name
    }
    if overrides.versionTableSchema == nil {
      options.versionTableSchema = value("version_table_schema", of: calls, text) ?? nil
    }
    options.hasVersionTablePrimaryKey = value("version_table_pk", of: calls, flag) ?? true
    if overrides.isTransactionPerMigration == nil {
      options.isTransactionPerMigration =
        value("transaction_per_migration", of: calls, flag) ?? false
    }
    options.isTransactional =
      value("transactional_ddl", of: calls) { $0 == .none ? true : flag($0) } ?? true
    if overrides.namingConvention == nil {
      options.namingConvention = namingConvention(of: calls)
    }
    return options
  }

  /// The value of an option that all calls which name it agree on.
  private mutating func value<Value: Equatable>(
    _ option: String, of calls: [Call], _ convert: (Literal) -> Value?
  ) -> Value? {
    var found: Value?
    for call in calls {
      guard let expression = call.arguments[option] else { continue }
      var followed = expression
      if case .name(let name) = expression.kind, let local = localDefinition(name) {
        followed = local
      }
      let literal = metadata.modules.literal(followed, in: module)
      guard let value = literal.flatMap(convert), found == nil || found == value else {
        let key = String(option.map { $0 == "_" ? "-" : $0 })
        let remedy =
          EnvironmentReader.saidElsewhere.contains(option)
          ? "; say \(key) under alembic in omcops.yaml" : ""
        note(
          .options, expression.position, "computes \(option)\(remedy)", isRefusal: true)
        return nil
      }
      found = value
    }
    return found
  }

  private static let saidElsewhere: Set<String> = [
    "version_table", "version_table_schema", "transaction_per_migration",
  ]

  private mutating func namingConvention(of calls: [Call]) -> MetadataNaming {
    for call in calls {
      guard var expression = call.arguments["target_metadata"] else { continue }
      if let later = metadata.assigned(in: module) { return later }
      if case .name(let name) = expression.kind, module.constants[name] == nil,
        let local = localDefinition(name)
      {
        expression = local
      }
      let found = metadata.convention(of: expression, in: module)
      guard case .unknown = found else { return found }
      if isFlask {
        var flask = FlaskProject(roots: roots, reader: metadata)
        return flask.namingConvention()
      }
      // Where the project itself says nothing of one, only code of others could.
      if metadata.isForeign { return found }
      do {
        let files = ProjectFiles(roots: roots)
        return try files.mentioning("naming_convention").isEmpty ? .none : found
      } catch {
        return .unknown(error.message)
      }
    }
    return .none
  }

  /// Whether it asks the running Flask application, as Flask-Migrate's own `env.py` does.
  private var isFlask: Bool { module.isImported("current_app", from: ["flask"]) }
}

/// Short forms of texts for messages.
private enum StringText {
  static func excerpt(_ text: String) -> String {
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    return line.count > 60 ? line.prefix(57) + "..." : line
  }
}
