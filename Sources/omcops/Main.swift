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
    if let command = PlainCommand(arguments) {
      FirstThread.live.run { context in
        await finish(arguments) { try await command.run(context) }
      }
    }
    let command = Task.detached {
      await finish(arguments) { try await run(try Dispatch.parse(arguments)) }
    }
    // An asynchronous main would end its thread instead, and ending a thread makes the C library load
    // its unwinder. The task ends the process; a signal cancels it, so that work on servers ends.
    Interrupts.live.listen { command.cancel() }
  }

  /// Runs the command and ends the process.
  private static func finish(_ arguments: [String], _ body: () async throws -> Void) async -> Never
  {
    let status = await status(arguments, of: body)
    await Tunnels.live.close()
    exit(status)
  }

  private static func status(
    _ arguments: [String], of body: () async throws -> Void
  ) async -> Int32 {
    do {
      try await body()
      try checkOutput()
      return ExitStatus.done.rawValue
    } catch let end as ExitedElsewhere {
      return end.code
    } catch {
      return ErrorReport(for: arguments).print(error, after: Interrupts.live.received).rawValue
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
