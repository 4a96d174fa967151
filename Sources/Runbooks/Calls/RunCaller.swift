internal import Diagnostics

/// The run that calls another one, as far as the called run is concerned with it.
struct RunCaller: Sendable {
  /// The id of the run, and the step that calls.
  var run: String
  var step: String
  /// Where it runs.
  var target: Target
  /// Knows the secrets of both: what one run shows may come from the other.
  var masker: Masker
  /// The locks that it and its own callers hold; they are not taken twice.
  var locks: [HeldGroup]
  /// Signals that are behind it.
  var knownSignals: Int
  /// When the called run must have ended, on the clock.
  var deadline: Duration?
}

/// A lock that is held, and for which group.
struct HeldGroup: Sendable {
  var kind: String
  var group: String
  var lock: any HeldLock
}

/// A called run that has ended in a way which retrying the call cannot mend.
struct CalledRunEnd: Error {
  /// How the calling step stands after it.
  var status: StepStatus
  /// The exit status that a stop here leads to.
  var exit: ExitStatus
  /// What happened, masked.
  var message: String
}
