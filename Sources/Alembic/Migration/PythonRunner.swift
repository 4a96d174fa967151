public import Diagnostics
public import PythonSubset

/// Runs the Python of one run's scripts over its connection.
///
/// The scripts share an interpreter, as they share Alembic's process: what one learns of the
/// database (the types it has made) the next one knows. Used by one thread, for one attempt.
public final class PythonRunner {
  /// How the scripts of a run are set up.
  public struct Settings: Sendable {
    /// How unnamed constraints are named.
    public var naming: MetadataNaming
    /// Whether statements are written down, not run.
    public var isOffline: Bool
    /// What `os.environ` gives.
    public var variables: [String: String]
    /// What bounds the scripts.
    public var limits = Interpreter.Limits()
    /// What `-x` gave, for `context.get_x_argument()`.
    public var arguments: [String] = []
    /// What `--tag` gave, for `context.get_tag_argument()`.
    public var tag: String?
    /// What `op.get_context()` says of the version table.
    public var versionTable = "alembic_version"
    /// Its schema.
    public var versionTableSchema: String?

    /// Describes a run of a project whose environment is known.
    public init(
      _ options: EnvironmentOptions, isOffline: Bool = false, variables: [String: String] = [:]
    ) {
      self.init(
        naming: options.namingConvention, isOffline: isOffline, variables: variables)
      versionTable = options.versionTable
      versionTableSchema = options.versionTableSchema
    }

    /// Describes a run.
    public init(
      naming: MetadataNaming, isOffline: Bool = false, variables: [String: String] = [:]
    ) {
      self.naming = naming
      self.isOffline = isOffline
      self.variables = variables
    }
  }

  private let scripts: ScriptDirectory
  private let run: ScriptRun
  private let isOffline: Bool
  private let python: Interpreter
  private var modules: [String: PythonModule] = [:]

  /// Sets a run up over a connection.
  ///
  /// - Parameter print: gets what the scripts print.
  public init(
    _ scripts: ScriptDirectory, over connection: ScriptConnection, _ settings: Settings,
    print: @escaping (String) -> Void = { _ in }
  ) {
    self.scripts = scripts
    var own = ScriptRun.Settings()
    own.isOffline = settings.isOffline
    own.naming = PythonRunner.naming(settings.naming)
    own.arguments = settings.arguments
    own.tag = settings.tag
    own.versionTable = settings.versionTable
    own.versionTableSchema = settings.versionTableSchema
    own.configuration = ScriptConfiguration(scripts.project)
    run = ScriptRun(connection, settings: own)
    isOffline = settings.isOffline
    let offered = AlembicModules(run)
    let surroundings = ScriptSurroundings(environment: settings.variables) { print($0 + "\n") }
    let tree = ProjectTree(roots: scripts.project.modulePath)
    let loader = ProjectLoader(tree: tree, library: LibrarySources.source) {
      try offered.module($0, $1) ?? StandardModules.module($0, surroundings)
    }
    python = Interpreter(importer: loader, limits: settings.limits, print: print)
  }

  private static func naming(_ naming: MetadataNaming) -> ConstraintNaming {
    guard case .templates(let templates) = naming else { return .standard }
    var patterns = ConstraintNaming.standard.patterns
    for (key, value) in templates {
      if let kind = ConstraintKind(rawValue: key) { patterns[kind] = value }
    }
    return ConstraintNaming(patterns)
  }

  /// Runs a step's `upgrade()` or `downgrade()`.
  ///
  /// - Parameter heads: the version rows before the step.
  /// - Throws: `UncaughtException`, `Unsupported` or `LimitExceeded`.
  public func perform(_ step: MigrationStep, heads: [String]) throws {
    guard let revision = step.revision else { return }
    run.currentHeads = heads
    do {
      let module = try module(of: revision)
      _ = try python.call(try python.member(step.kind.functionName, of: module))
    } catch let error as PythonError {
      throw UncaughtException(error, python)
    }
  }

  /// Where a revision's script stands while it runs; nil where it does not.
  public func location(in revision: Revision) -> SourceLocation? {
    python.location(inFile: revision.path)
  }

  /// Looks at the whole of what a step would run, and throws for the first thing in it that is not
  /// supported; nothing is run.
  public func check(_ step: MigrationStep) throws {
    guard let revision = step.revision else { return }
    let check = ScriptCheck(
      python: python, methods: HostVocabulary.methods,
      facts: ScriptCheck.Facts(isOffline: isOffline))
    let refusals = try check.check(
      try scripts.module(of: revision), entries: [step.kind.functionName])
    if let first = refusals.first { throw first }
  }

  /// Runs a script's top level, as Alembic does with every script before it begins: what it imports
  /// has to be there.
  ///
  /// - Throws: as `perform`.
  public func load(_ revision: Revision) throws {
    do {
      _ = try module(of: revision)
    } catch let error as PythonError {
      throw UncaughtException(error, python)
    }
  }

  private func module(of revision: Revision) throws -> PythonModule {
    if let known = modules[revision.id] { return known }
    let file = revision.path.split(separator: "/").last ?? ""
    let name = file.map { $0.isLetter || $0.isNumber || $0 == "_" ? $0 : "_" }
    let module = try python.run(try scripts.module(of: revision), as: String(name))
    modules[revision.id] = module
    return module
  }
}

/// An exception that a script did not catch, and the server's refusal behind it if there is one.
public struct UncaughtException: Failure {
  /// The exception, its text and the way it took.
  public var message: String
  /// The way it took, and what is behind it.
  public var details: [String]
  /// The SQL state of the statement that the server refused.
  public var sqlState: String?

  init(_ error: PythonError, _ python: Interpreter) {
    let failure = ScriptFailure(error, python)
    message = failure.message
    details = failure.details
    var next: ExceptionObject? = error.exception
    var depth = 0
    while let exception = next, sqlState == nil, depth < 8 {
      let original = exception.attributes["orig"]?.object(as: ExceptionObject.self)
      sqlState = (original ?? exception).attributes["pgcode"]?.string
      next = exception.cause ?? exception.context
      depth += 1
    }
  }
}
