internal import ArgumentParser

/// Finds the command that a line of words names.
///
/// Building the argument parser's whole tree costs some milliseconds, as much as the rest of the
/// start-up. A line that names a command exactly is parsed by that command alone; everything else
/// (help, slips, errors) goes through the tree, which words its messages from the root.
enum Dispatch {
  static func parse(_ arguments: [String]) throws -> sending any ParsableCommand {
    if let (command, rest) = exactCommand(for: arguments),
      let parsed = try? command.parseAsRoot(rest), type(of: parsed) == command
    {
      return parsed
    }
    return try Omcops.parseAsRoot(arguments)
  }

  /// The command without subcommands at the end of the leading words, and the words behind it.
  private static func exactCommand(
    for arguments: [String]
  ) -> (command: any ParsableCommand.Type, rest: [String])? {
    if arguments.contains(where: { parserOwn.contains($0) }) { return nil }
    var command: any ParsableCommand.Type = Omcops.self
    var rest = arguments[...]
    while !command.configuration.subcommands.isEmpty {
      guard let word = rest.popFirst(),
        let next = command.configuration.subcommands.first(where: {
          $0.configuration.commandName == word
        })
      else { return nil }
      command = next
    }
    return (command, Array(rest))
  }

  /// Words that the parser answers itself, for the whole tree.
  private static let parserOwn: Set<String> = [
    "-h", "--help", "--version", "--generate-completion-script", "--experimental-dump-help",
  ]
}
