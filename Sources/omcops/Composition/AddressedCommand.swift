internal import ArgumentParser
internal import Text

/// The command of a step, as somebody types it who means one environment: with `-e ENV` behind the
/// words that name the command.
///
/// Commands that are joined by `; ` are each addressed.
func addressed(_ command: String, to environment: String) -> String {
  let start = "omcops "
  var result = ""
  var rest = command[...]
  while rest.hasPrefix(start) {
    let end = rest.firstRange(ofText: "; " + start)?.lowerBound ?? rest.endIndex
    result += addressed(one: rest[..<end], to: environment)
    rest = rest[end...]
    if rest.hasPrefix("; ") {
      result += "; "
      rest = rest.dropFirst(2)
    }
  }
  return result + rest
}

private func addressed(one command: Substring, to environment: String) -> String {
  let words = command.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  let names = Dispatch.names(of: Array(words.dropFirst()))
  guard names > 0 else { return String(command) }
  // Only tests in pods have an environment, whose cluster that is.
  let isInPods = zip(words, words.dropFirst()).contains { $0 == "--where" && $1 != "local" }
  if words[1] == "test", !isInPods { return String(command) }
  // -e is a regular expression to `omcops logs`, as it is to grep.
  let option = words[1] == "logs" ? "--environment" : "-e"
  var addressed = words
  addressed.insert(contentsOf: [option, shellQuoted(environment)], at: 1 + names)
  return addressed.joined(separator: " ")
}

extension Dispatch {
  /// How many of the leading words name a command.
  static func names(of words: [String]) -> Int {
    var command: any ParsableCommand.Type = Omcops.self
    var count = 0
    for word in words {
      let next = command.configuration.subcommands.first { $0.configuration.commandName == word }
      guard let next else { break }
      command = next
      count += 1
    }
    return count
  }
}
