public import Quantities

/// Everything that the engine takes from outside, in one value: the executable supplies the live
/// parts, tests supply their own.
public struct Surroundings: Sendable {
  /// The actions that this program offers, besides the engine's own (`run:`, `confirm`, `manual`,
  /// `sleep`).
  public var actions: [String: any Action]
  /// Resolves an environment's name to what expressions see as `target`, and proves what it is.
  public var target: @Sendable (_ environment: String?) async throws -> Target
  /// The kinds of lock besides `file`, by name: `postgres`.
  public var locks: [String: any LockKind]
  /// Asks the person at the terminal; nil without one.
  public var operators: (any Operator)?
  /// Reads secrets that stand neither in a variable nor in a file; nil where none can be read.
  public var secrets: (any SecretReader)?
  /// Where SIGINT and SIGTERM arrive.
  public var interrupts: RunInterrupts
  /// The time of day; tests freeze it.
  public var now: @Sendable () -> Timestamp
  /// How time passes, for waits and limits.
  public var clock: any RunClock
  /// Variables of the process's environment.
  public var environment: [String: String]
  /// Who runs this, and where.
  public var user: String
  /// The machine's name.
  public var host: String
  /// The folder that holds the runs: `$XDG_STATE_HOME/omcops/runs`.
  public var runsFolder: String
  /// What stands for this machine's shell, secrets and programs; nil is the machine itself.
  public var machine: (any Machine)?
  /// Where a run is cut off as a crash would; for tests.
  public var cut: CutPoint?

  /// Creates the surroundings of an engine.
  public init(
    actions: [any Action], target: @escaping @Sendable (String?) async throws -> Target,
    locks: [String: any LockKind] = [:], operators: (any Operator)? = nil,
    secrets: (any SecretReader)? = nil,
    interrupts: RunInterrupts = RunInterrupts(),
    now: @escaping @Sendable () -> Timestamp = Timestamp.now,
    clock: any RunClock = SteadyClock(), environment: [String: String],
    user: String, host: String, runsFolder: String
  ) {
    self.actions = Dictionary(actions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.target = target
    self.locks = locks
    self.operators = operators
    self.secrets = secrets
    self.interrupts = interrupts
    self.now = now
    self.clock = clock
    self.environment = environment
    self.user = user
    self.host = host
    self.runsFolder = runsFolder
  }
}

/// An environment as a runbook sees it.
public struct Target: Sendable {
  /// The environment's name.
  public var name: String
  /// The `target` context: `database`, `kubernetes` (null where there is none), `protected`, ...
  public var value: Value
  /// What proves that a later resume meets the same systems: `postgres` gives the system
  /// identifier. A difference stops a resume.
  public var identities: [String: String]
  /// Values that must never be seen: passwords of the target.
  public var secrets: [String]
  /// Words a command so that whoever types it means this environment: adds `-e ENV`.
  public var addressed: @Sendable (_ command: String) -> String = { $0 }
  /// What the programs that scripts call go by, so that they meet the systems that the guards have looked
  /// at: `AWS_PROFILE`, `AWS_REGION`, `KUBECONFIG`. They count before the operator's own, and the
  /// runbook's `env` before them.
  public var variables: [String: String] = [:]

  /// Creates a target.
  public init(
    name: String, value: Value, identities: [String: String], secrets: [String] = []
  ) {
    self.name = name
    self.value = value
    self.identities = identities
    self.secrets = secrets
  }
}

/// Who holds a lock, as the second operator is told.
public struct LockHolder: Hashable, Sendable, CustomStringConvertible {
  /// The login name.
  public var user: String
  /// The machine.
  public var host: String
  /// The process on that machine.
  public var pid: Int32
  /// The id of the run.
  public var run: String
  /// Since when.
  public var since: Timestamp

  /// `ada@bastion, process 7, run ..., since ...`
  public var description: String {
    "\(user)@\(host), process \(pid), run \(run), since \(since.rfc3339(fractionDigits: 0))"
  }

  /// Describes a holder.
  public init(user: String, host: String, pid: Int32, run: String, since: Timestamp) {
    self.user = user
    self.host = host
    self.pid = pid
    self.run = run
    self.since = since
  }
}

/// A kind of lock that keeps two runs of one `concurrency.group` apart.
public protocol LockKind: Sendable {
  /// Takes the lock, waiting at most `wait`; throws `LockBusy` when somebody else keeps it.
  func acquire(group: String, holder: LockHolder, wait: Duration) async throws -> any HeldLock
}

/// A lock that is held; it ends with the process at the latest.
public protocol HeldLock: Sendable {
  /// Whether it is ours still: what keeps it may have died.
  func isHeld() async -> Bool
  /// Gives it back.
  func release() async
}

/// Somebody else holds the lock.
public struct LockBusy: Error, Sendable {
  /// The lock's group.
  public var group: String
  /// Who holds it; nil where that could not be found out.
  public var holder: LockHolder?

  /// Creates the error.
  public init(group: String, holder: LockHolder?) {
    self.group = group
    self.holder = holder
  }
}

/// Reads secrets from where only the program can.
public protocol SecretReader: Sendable {
  /// The text that is meant, and where `key` names one of several that one; nil for a place that it does
  /// not know. Throws when it cannot be had.
  func read(_ source: SecretSource) async throws -> String?
}

/// The person at the terminal.
public protocol Operator: Sendable {
  /// Shows a message and gives the line that was typed; nil at end of input.
  func ask(_ message: String, prompt: String) async throws -> String?
}
