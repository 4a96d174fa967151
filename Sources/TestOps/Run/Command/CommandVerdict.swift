internal import Processes

/// What one run of a command says, when its end and its results are put side by side. They have to agree:
/// a command that fails without a failure, or succeeds with one, is not believed.
struct CommandVerdict {
  /// Which run it was: `shard 2 of 4`.
  var part: CommandPart
  /// What was run, for messages.
  var command: String
  /// How it ended.
  var end: GroupProcess.End
  /// After which time it was ended, where it was.
  var timedOutAfter: String?
  /// What its results hold.
  var file: ResultFile
  /// The last of what it said.
  var said: String?
  /// Errors outside of any test that it counted, of which its results say nothing.
  var strayErrors: String?

  /// What befell the run.
  var troubles: [Trouble] {
    if let time = timedOutAfter {
      // What it wrote may be half done, and why is known.
      return [
        Trouble(
          .timedOut, "\(subject) did not end within \(time), and was ended", details: said,
          worker: worker)
      ]
    }
    let found = file.troubles.filter { $0.kind != .nothingRan }
    let isEmpty = file.results.isEmpty && found.isEmpty
    let failures = file.results.filter(\.outcome.isBad).count
    switch end {
    case .exited(0):
      if isEmpty { return [Trouble(.nothingRan, nothing, details: said, worker: worker)] }
      guard failures > 0 else { return found }
      return found + [
        Trouble(
          .other,
          "\(subject) ended with exit code 0, although \(failures) "
            + "test\(failures == 1 ? "" : "s") failed", worker: worker)
      ]
    case .exited(let code):
      if let strayErrors {
        // A failure beside them does not explain them: they stay when it passes at its next try.
        let words = "\(subject) told of \(strayErrors)"
        return [Trouble(.other, words, details: said, worker: worker)] + found
      }
      if failures > 0 { return explained(found) }
      if isEmpty {
        // That others ran tests does not make up for it.
        let isPart = part.shards > 1 || part.round > 1
        return [
          Trouble(
            isPart ? .crashed : .nothingRan, "\(nothing); it ended with exit code \(code)",
            details: said, worker: worker)
        ]
      }
      let reason = file.results.isEmpty ? "" : ", although no test failed"
      return [
        Trouble(
          .crashed, "\(subject) ended with exit code \(code)\(reason)", details: said,
          worker: worker)
      ] + found
    case .signaled:
      return [Trouble(.crashed, "\(subject) \(end.phrase)", details: said, worker: worker)] + found
    }
  }

  /// Results that are not whole, with what the command said of it.
  private func explained(_ troubles: [Trouble]) -> [Trouble] {
    guard var first = troubles.first else { return [] }
    first.details = first.details ?? said
    return [first] + troubles.dropFirst()
  }

  private var subject: String {
    part.shards > 1 || part.attempt > 1 ? "\(part.words) (\(command))" : command
  }
  private var worker: Int? { part.shards > 1 ? part.shard - 1 : nil }

  private var nothing: String {
    let reason = file.troubles.first { $0.kind == .nothingRan }?.message
    return "no tests ran: \(reason ?? "\(subject) told of none")"
  }
}
