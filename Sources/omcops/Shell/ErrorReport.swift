internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Terminal

/// Shows an error to the user and gives the exit status that it leads to.
///
/// For people one line says what happened; context and the hint follow on lines of their own. With
/// `--output json` the error is an object on one line:
/// `{"error":{"message":...,"details":[...],"hint":...,"status":1}}`.
struct ErrorReport {
  var asJSON: Bool
  var stream = OutputStream.standardError

  /// The words are enough to tell: a line that cannot be parsed asks for JSON too.
  init(for arguments: [String]) {
    let options = arguments.prefix { $0 != "--" }
    asJSON =
      options.contains("--output=json")
      || zip(options, options.dropFirst()).contains { $0 == "--output" && $1 == "json" }
  }

  /// - Parameter signal: the signal that ended the command, if one did: then its end is no failure
  ///   of its own, whatever it threw on the way out.
  func print(_ error: any Error, after signal: EndingSignal?) -> ExitStatus {
    if let ended = error as? Ended {
      return ended.status == .interrupted ? signal?.status ?? ended.status : ended.status
    }
    if error is CancellationError { return interrupted(signal ?? .interrupt) }
    guard let failure = error as? any Failure else { return printUsage(error) }
    if let signal, failure.status == .failed { return interrupted(signal) }
    show(
      failure.message, details: failure.details, hint: failure.hint, status: failure.status)
    return failure.status
  }

  private func interrupted(_ signal: EndingSignal) -> ExitStatus {
    show("interrupted", status: signal.status)
    return signal.status
  }

  private func show(
    _ message: String, details: [String] = [], hint: String? = nil, status: ExitStatus
  ) {
    if asJSON {
      let error: OrderedDictionary<String, JSON> = [
        "message": .string(message), "details": .array(details.map(JSON.string)),
        "hint": JSON(hint), "status": .int(Int64(status.rawValue)),
      ]
      return stream.write(JSON.object(["error": .object(error)]).text() + "\n")
    }
    var text = "omcops: \(message)\n"
    for line in details { text += "  \(line)\n" }
    if let hint { text += "hint: \(hint)\n" }
    stream.write(text)
  }

  /// The parser's message as ours begin.
  private func worded(_ message: String) -> String {
    let label = "Error: "
    return message.hasPrefix(label) ? "omcops: " + message.dropFirst(label.count) : message
  }

  /// What the argument parser throws: help and version are not failures.
  private func printUsage(_ error: any Error) -> ExitStatus {
    let message = Omcops.fullMessage(for: error)
    switch Omcops.exitCode(for: error) {
    case .success:
      OutputStream.standardOutput.write(message + "\n")
      return .done
    case .validationFailure:
      if asJSON {
        show(Omcops.message(for: error), status: .usage)
      } else {
        stream.write(worded(message) + "\n")
      }
      return .usage
    default:
      if !message.isEmpty { show(message, status: .failed) }
      return .failed
    }
  }
}

/// Ends a command with a status when all that there is to say has been said already.
struct Ended: Error {
  var status: ExitStatus
}
