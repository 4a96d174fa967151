internal import ArgumentParser
internal import Diagnostics

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
    if let unknown = unknownCommand(in: arguments) { throw unknown }
    return try Omcops.parseAsRoot(arguments)
  }

  /// The word that stands where a command should, and names none.
  private static func unknownCommand(in arguments: [String]) -> UnknownCommand? {
    var command: any ParsableCommand.Type = Omcops.self
    var path = "omcops"
    for word in arguments {
      let known = command.configuration.subcommands.compactMap { $0.configuration.commandName }
      if known.isEmpty || word.hasPrefix("-") || word == "help" { return nil }
      guard
        let next = command.configuration.subcommands.first(where: {
          $0.configuration.commandName == word
        })
      else {
        // Where one command is meant by default, the word may be its argument.
        if command.configuration.defaultSubcommand != nil { return nil }
        return UnknownCommand(word: word, group: path, known: known)
      }
      command = next
      path += " " + word
    }
    return nil
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

/// A slip in the name of a command.
private struct UnknownCommand: Failure {
  var word: String
  var group: String
  var known: [String]
  var message: String {
    "there is no command \"\(group) \(word)\"" + Suggestion.phrase(for: word, among: known)
  }
  var hint: String? { "`\(group) --help` lists what there is" }
  var status: ExitStatus { .usage }
}
