internal import OrderedCollections
internal import Runbooks

/// `command.version`: which version of a program is in `PATH`.
struct CommandVersionAction: Action {
  let environment: [String: String]

  let name = "command.version"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let command = call.with["command"]?.string ?? ""
    let arguments = try arguments(call)
    let missing = call.with["missing"]?.string ?? "error"
    guard !command.isEmpty, !command.contains("/"), ["ok", "error"].contains(missing) else {
      throw ActionError(
        .other, "command.version needs the name of a program, and missing: ok or error")
    }
    guard
      let found = try await ToolVersion.ask(command, arguments, environment: environment)
    else {
      guard missing == "ok" else {
        throw ActionError(
          .assertion, "there is no \(command) in PATH",
          hint: "Install it, or put its folder into PATH.")
      }
      return ActionOutcome(result: ["version": nil, "numbers": [], "path": nil, "text": ""])
    }
    try check(found, call)
    let line = found.text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return ActionOutcome(result: [
      "version": Value(found.version),
      "numbers": .array(found.numbers.map { .int(Int64($0)) }), "path": .string(found.path),
      "text": .string(line),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let command = with["command"]?.text ?? ""
    let words = with["arguments"]?.array?.compactMap(\.text) ?? ToolVersion.question(for: command)
    return ([command] + words).map(shellQuoted).joined(separator: " ")
  }

  private func check(_ found: ToolVersion, _ call: ActionCall) throws {
    guard let least = call.with["at-least"]?.string else { return }
    guard let version = found.version else {
      throw ActionError(.assertion, "\(found.path) does not say its version")
    }
    guard ToolRequirement(found.path, ">=\(least)").isMet(by: found.numbers) else {
      throw ActionError(
        .assertion, "\(found.path) is \(version), and at least \(least) is needed")
    }
  }

  /// A check may run a program only to ask it who it is.
  private func arguments(_ call: ActionCall) throws -> [String]? {
    guard let given = call.with["arguments"]?.array else { return nil }
    let asking: Set<String> = [
      "version", "--version", "-version", "-v", "-V", "--client", "--short", "-short", "client",
      "--output=json", "-json", "--json",
    ]
    return try given.map { value in
      guard let word = value.string, asking.contains(word) else {
        throw ActionError(
          .refused, "\"\(value.text ?? "")\" does not ask a program for its version",
          hint: "The arguments can be \(asking.sorted().joined(separator: ", ")).")
      }
      return word
    }
  }
}
