public import Alembic
public import Diagnostics
internal import Postgres

/// Runs the scripts of steps: what stands between the order of a run and the server.
public protocol StepPerformer: Sendable {
  /// Looks at all scripts as a whole and throws for the first thing that could not be run; sends
  /// nothing.
  func check(_ steps: [MigrationStep]) throws

  /// What runs the scripts of one attempt over a connection.
  func runner(over connection: ScriptConnection, isOffline: Bool) -> any StepRunner
}

/// Runs the scripts of one attempt, on one thread.
public protocol StepRunner: AnyObject {
  /// Runs a step's script; `heads` are the version rows before it.
  func perform(_ step: MigrationStep, heads: [String]) throws

  /// Where a revision's script stands while it runs; nil where that is not known.
  func location(in revision: Revision) -> SourceLocation?
}

/// Runs revisions in whichever language they are written.
public struct ScriptPerformer: StepPerformer {
  private let scripts: ScriptDirectory
  private let settings: PythonRunner.Settings
  private let print: @Sendable (String) -> Void

  /// Takes the scripts from a project's files.
  ///
  /// - Parameter print: gets what scripts in Python print.
  public init(
    _ scripts: ScriptDirectory, _ settings: PythonRunner.Settings,
    print: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.scripts = scripts
    self.settings = settings
    self.print = print
  }

  /// Throws for a file that cannot be read any more, or that could not be run; the top level of
  /// scripts in Python is run for that. A file of the project that is no Python stops every run, as it
  /// stops Alembic.
  public func check(_ steps: [MigrationStep]) throws {
    try scripts.readRest()
    if case .unknown(let reason) = settings.naming,
      steps.contains(where: { $0.revision?.language == .python })
    {
      throw DBError(
        .unsupported, "the names of unnamed constraints cannot be told: \(reason)",
        hint: "say naming-convention under alembic in omcops.yaml ({} for none), or run it with "
          + "--engine python")
    }
    let python = PythonRunner(scripts, over: ScriptConnection(ScriptRecorder { _ in }), settings)
    for step in steps {
      guard let revision = step.revision else { continue }
      switch revision.language {
      case .sql: _ = try SQLStatements(step, revision, scripts)
      case .python:
        try python.check(step)
        try load(revision, with: python)
      }
    }
  }

  private func load(_ revision: Revision, with python: PythonRunner) throws {
    do {
      try python.load(revision)
    } catch let error as UncaughtException {
      throw DBError(
        .unsupported, error.message, hint: "run it with --engine python",
        details: error.details + ["script: \(revision.path)"])
    }
  }

  /// Runs them one after the other, all Python in one interpreter.
  public func runner(over connection: ScriptConnection, isOffline: Bool) -> any StepRunner {
    var settings = settings
    settings.isOffline = isOffline
    return ScriptRunner(scripts, connection, settings, print)
  }
}

/// Sends the statements of revisions in SQL and runs those in Python.
private final class ScriptRunner: StepRunner {
  private let scripts: ScriptDirectory
  private let connection: ScriptConnection
  private let settings: PythonRunner.Settings
  private let print: (String) -> Void
  private lazy var python = PythonRunner(scripts, over: connection, settings, print: print)

  init(
    _ scripts: ScriptDirectory, _ connection: ScriptConnection, _ settings: PythonRunner.Settings,
    _ print: @escaping (String) -> Void
  ) {
    self.scripts = scripts
    self.connection = connection
    self.settings = settings
    self.print = print
  }

  func location(in revision: Revision) -> SourceLocation? {
    revision.language == .python ? python.location(in: revision) : nil
  }

  func perform(_ step: MigrationStep, heads: [String]) throws {
    guard let revision = step.revision else { return }
    switch revision.language {
    case .sql: try SQLStatements(step, revision, scripts).send(over: connection)
    case .python: try python.perform(step, heads: heads)
    }
  }
}

/// What a revision in SQL sends on one of its ways.
private struct SQLStatements {
  private let statements: [(sql: String, location: SourceLocation)]
  private let isTransactional: Bool

  /// Throws for a file that cannot be read, whose last statement has no end, or that does not say
  /// how to go down.
  init(_ step: MigrationStep, _ revision: Revision, _ scripts: ScriptDirectory) throws {
    let file = try scripts.statements(of: revision)
    guard let section = step.isUpgrade ? file.upgrade : file.downgrade else {
      throw DBError(
        .refused, "\(revision.path) has no -- downgrade, so revision \(revision.id) stays",
        hint: "write the statements that undo it below a line -- downgrade")
    }
    let script = SQLScript(section.text)
    if script.isOpen {
      throw DBError(
        .unsupported, "\(revision.path): a quote or parenthesis of its last statement has no end")
    }
    statements = (script.statements + (script.rest.map { [$0] } ?? [])).map { statement in
      let line = section.line + statement.line - 1
      return (statement.sql, SourceLocation(file: revision.path, line: line, column: 1))
    }
    isTransactional = file.isTransactional
  }

  func send(over connection: ScriptConnection) throws {
    if isTransactional { return try sendAll(over: connection) }
    try connection.autocommitBlock { try sendAll(over: connection) }
  }

  private func sendAll(over connection: ScriptConnection) throws {
    for (sql, location) in statements {
      do {
        _ = try connection.execute(sql)
      } catch var failure as StatementFailure {
        failure.details.append("at \(location)")
        throw failure
      }
    }
  }
}
