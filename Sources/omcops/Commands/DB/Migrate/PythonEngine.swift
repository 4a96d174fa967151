internal import Alembic
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import Postgres
internal import Subprocess
internal import SystemPackage
internal import Text

/// Who runs the scripts of a migration.
enum MigrationEngine: String, CaseIterable, ExpressibleByArgument {
  /// This program.
  case native
  /// The project's own `alembic`.
  case python
  /// This program where it can, else the project's own.
  case auto
}

/// Runs the project's own `alembic`, which has to be on the path.
///
/// Where the database is stands in the environment (libpq's variables and `DATABASE_URL`), never on
/// the command line: whether the project's `env.py` looks there is its own affair.
struct PythonEngine {
  private let session: MigrationSession
  private let context: Context

  init(_ session: MigrationSession, _ context: Context) {
    self.session = session
    self.context = context
  }

  func run(_ goal: Migrator.Goal) async throws {
    var arguments: [String] = []
    for file in session.source.locator.files { arguments += ["-c", file] }
    arguments += ["-n", session.source.locator.section]
    for argument in session.source.arguments { arguments += ["-x", argument] }
    switch goal {
    case .upgrade(let target): arguments += ["upgrade"] + tag + [target]
    case .downgrade(let target): arguments += ["downgrade"] + tag + [target]
    case .stamp(let targets, let purge):
      arguments += ["stamp"] + tag + targets + (purge ? ["--purge"] : [])
    }
    context.error.write("alembic \(arguments.joined(separator: " "))\n")
    let ended: TerminationStatus
    do {
      // What it prints is no data of ours: all of it goes to standard error.
      ended = try await Subprocess.run(
        .name("alembic"), arguments: Arguments(arguments),
        environment: .inherit.updating(variables),
        workingDirectory: FilePath(context.workingDirectory),
        input: .none, output: .fileDescriptor(.standardError, closeAfterSpawningProcess: false),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
      ).terminationStatus
    } catch let error as SubprocessError {
      throw EngineFailure(
        message: "cannot run alembic: \(error)",
        hint: "install the project's Python packages and put alembic on the path")
    }
    guard ended.isSuccess else {
      throw EngineFailure(message: "the project's own alembic ended with \(ended)", hint: nil)
    }
  }

  private var tag: [String] { session.source.tag.map { ["--tag", $0] } ?? [] }

  private var variables: [Subprocess.Environment.Key: String?] {
    var variables: [Subprocess.Environment.Key: String?] = [:]
    let settings = session.target.settings
    for (name, value) in settings.environment {
      variables[Subprocess.Environment.Key(stringLiteral: name)] = value
    }
    if let url = session.target.environment.url?.value, url.contains(text: "://") {
      variables["DATABASE_URL"] = settings.detour == nil ? url : settings.dialledURL
    }
    return variables
  }
}

/// The project's own alembic did not do it.
private struct EngineFailure: Failure {
  var message: String
  var hint: String?
}
