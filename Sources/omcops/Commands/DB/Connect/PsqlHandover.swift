internal import Diagnostics
internal import Glibc
internal import Postgres
internal import Subprocess
internal import SystemPackage

/// Hands a connection to psql.
struct PsqlHandover {
  let program: String
  let settings: ConnectionSettings
  let applicationName: String

  /// Variables and not arguments: those of a process are for every user to read.
  private var variables: [String: String] {
    settings.environment.merging(["PGAPPNAME": applicationName]) { $1 }
  }

  /// Turns this process into psql; returns only when it cannot be run, with the reason.
  func exec() -> any Failure {
    for (name, value) in variables { setenv(name, value, 1) }
    let arguments = [strdup("psql"), nil]
    execvp(program, arguments)
    return NoPsql(program: program, reason: String(cString: strerror(errno)))
  }

  /// Runs psql beside this process and ends as it does. Ctrl-C is psql's, which gets it from the
  /// terminal itself.
  func run(_ context: Context) async throws {
    let isForPsql: Interrupts.Handler = { $0 == .interrupt }
    let ended = try await context.interrupts.handling(isForPsql) { try await start() }
    switch ended {
    case .exited(0): return
    case .exited(let code): throw ExitedElsewhere(code: code)
    case .signaled(let signal): throw ExitedElsewhere(code: 128 + signal)
    }
  }

  private func start() async throws -> TerminationStatus {
    var environment: [Environment.Key: String?] = [:]
    for (name, value) in variables { environment[Environment.Key(stringLiteral: name)] = value }
    do {
      return try await Subprocess.run(
        program.contains("/") ? .path(FilePath(program)) : .name(program),
        environment: .inherit.updating(environment),
        input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
        output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
        error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
      ).terminationStatus
    } catch let error as SubprocessError {
      throw NoPsql(program: program, reason: "\(error)")
    }
  }
}

/// psql is not there.
private struct NoPsql: Failure {
  var program: String
  var reason: String
  var message: String { "cannot run \(program): \(reason)" }
  var hint: String? {
    "apt-get install postgresql-client, or tools.psql in omcops.yaml; or leave --psql out"
  }
}
