internal import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import Terminal

/// Where the process starts.
@main
enum Main {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // A lone --version is asked by scripts and completions: it need not build the command tree.
    if arguments == ["--version"] {
      OutputStream.standardOutput.write(Omcops.version + "\n")
      exit(ExitStatus.done.rawValue)
    }
    let command = Task.detached {
      let status = await run(arguments)
      await Tunnels.live.close()
      exit(status)
    }
    // An asynchronous main would end its thread instead, and ending a thread makes the C library load
    // its unwinder. The task ends the process; a signal cancels it, so that work on servers ends.
    Interrupts.live.listen { command.cancel() }
  }

  private static func run(_ arguments: [String]) async -> Int32 {
    let report = ErrorReport(for: arguments)
    do {
      if let query = Query(plain: arguments) {
        try await query.run(.live())
      } else if let migration = MigrationCommand(plain: arguments) {
        try await migration.run(.live())
      } else {
        try await run(try Dispatch.parse(arguments))
      }
      try checkOutput()
      return ExitStatus.done.rawValue
    } catch let end as ExitedElsewhere {
      return end.code
    } catch {
      return report.print(error, after: Interrupts.live.received).rawValue
    }
  }

  /// What could not be written was not done.
  private static func checkOutput() throws {
    guard let code = OutputStream.standardOutputFailure else { return }
    throw LostOutput(reason: String(cString: strerror(code)))
  }

  private static func run(_ command: any ParsableCommand) async throws {
    var command = command
    if var asynchronous = command as? any AsyncParsableCommand {
      try await asynchronous.run()
    } else {
      try command.run()
    }
  }
}

/// Standard output did not take all that was written to it.
private struct LostOutput: Failure {
  var reason: String
  var message: String { "cannot write standard output: \(reason)" }
}
