public import OrderedCollections

/// What a run takes from the machine that it runs on, besides its actions. Tests and drills put their
/// own in the place of the real shell, secrets and programs; what they leave open is the real thing.
public protocol Machine: Sendable {
  /// Runs a script and gives `exit-code`, `stdout` and `stderr`; nil leaves it to the shell.
  func run(_ script: ScriptCall) async throws -> Value?
  /// Gives the value of a secret; nil leaves it to the place that the runbook names.
  func secret(_ source: SecretSource) throws -> String?
  /// Whether a program is there without looking for it.
  func has(tool: String, version: String) async throws -> Bool
}

/// A script that is to be run.
public struct ScriptCall: Sendable {
  /// The shell: `bash` or `sh`.
  public var shell: String
  /// The text.
  public var text: String
  /// The variables that the step and the runbook set.
  public var environment: OrderedDictionary<String, String>
  /// Where it stands, as in `ActionCall`.
  public var place: String
  /// The run that calls.
  public var run: RunIdentity
}
