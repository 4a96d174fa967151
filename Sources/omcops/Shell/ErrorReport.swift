internal import ArgumentParser
internal import Diagnostics

/// Prints an error as the user sees it and gives the exit status that it leads to.
///
/// One line says what happened; context and the hint follow on lines of their own.
enum ErrorReport {
  static func print(_ error: any Error) -> ExitStatus {
    if let failure = error as? any Failure { return print(failure) }
    if error is CancellationError { return .interrupted }
    if let ended = error as? Ended { return ended.status }
    return printUsage(error)
  }

  private static func print(_ failure: any Failure) -> ExitStatus {
    var text = "omcops: \(failure.message)\n"
    for line in failure.details { text += "  \(line)\n" }
    if let hint = failure.hint { text += "hint: \(hint)\n" }
    StandardStreams.error.write(text)
    return failure.status
  }

  /// What the argument parser throws: help and version are not failures.
  private static func printUsage(_ error: any Error) -> ExitStatus {
    let message = Omcops.fullMessage(for: error)
    switch Omcops.exitCode(for: error) {
    case .success:
      StandardStreams.output.write(message + "\n")
      return .done
    case .validationFailure:
      StandardStreams.error.write(message + "\n")
      return .usage
    default:
      if !message.isEmpty { StandardStreams.error.write("omcops: \(message)\n") }
      return .failed
    }
  }
}

/// Ends a command with a status when all that there is to say has been said already.
struct Ended: Error {
  var status: ExitStatus
}
