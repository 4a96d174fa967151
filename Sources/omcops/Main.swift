internal import ArgumentParser
internal import Diagnostics
internal import Glibc

/// Where the process starts.
@main
enum Main {
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // A lone --version is asked by scripts and completions: it need not build the command tree.
    if arguments == ["--version"] {
      StandardStreams.output.write(Omcops.version + "\n")
      exit(0)
    }
    let status = await run(arguments)
    exit(status.rawValue)
  }

  private static func run(_ arguments: [String]) async -> ExitStatus {
    do {
      var command = try Omcops.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return .done
    } catch {
      return ErrorReport.print(error)
    }
  }
}
