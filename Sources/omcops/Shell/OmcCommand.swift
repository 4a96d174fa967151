internal import ArgumentParser
internal import Diagnostics

/// A command of omcops: a declaration of what the user may type, and a short `run`.
///
/// Tests call `run(_:)` with a context of their own.
protocol OmcCommand: AsyncParsableCommand {
  /// Does it.
  func run(_ context: Context) async throws
}

extension OmcCommand {
  mutating func run() async throws { try await run(Context.live()) }
}

/// The text that stands under a command's help: what there is to say, then its exit codes.
func discussion(_ text: String = "", exits statuses: [ExitStatus]) -> String {
  let table = statuses.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: "; ")
  return (text.isEmpty ? "" : text + "\n\n") + "Exit status: \(table)."
}
