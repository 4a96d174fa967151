public import Alembic
public import Diagnostics

/// What a run says while it is on its way.
public enum MigrationEvent: Sendable {
  /// Somebody else migrates; who, where that can be told.
  case waiting(for: AdvisoryLock.Holder?)
  /// A step begins.
  case started(MigrationStep)
  /// A step is done; committed with the others unless each has a transaction of its own.
  case finished(MigrationStep, in: Duration)
  /// The run waits for a lock that others hold.
  case blocked(by: [BlockingSession])
  /// A lock was not to be had in time; the transaction is tried again after a pause.
  case retrying(MigrationStep, attempt: Int, after: Duration)
}

/// How a run behaves towards others.
public struct MigrationPatience: Hashable, Sendable {
  /// How long to wait for another migrator.
  public var lockWait: Duration = .seconds(300)
  /// How long a statement may wait for a lock, and everybody else behind it; nil is for ever.
  public var lockTimeout: Duration? = .seconds(5)
  /// How long to go on trying when a lock was not to be had in that time.
  public var retry: Duration = .seconds(120)
  /// How long a statement may take; nil is for ever.
  public var statementTimeout: Duration?

  /// The defaults.
  public init() {}
}

/// What a run has done.
public struct MigrationSummary: Hashable, Sendable {
  /// One step and how long it took.
  public struct Applied: Hashable, Sendable {
    /// The step.
    public var step: MigrationStep
    /// How long it took.
    public var duration: Duration
  }

  /// The version rows before.
  public var before: [String]
  /// The version rows after.
  public var after: [String]
  /// What was committed, in order.
  public var applied: [Applied]

  /// Describes a run.
  public init(before: [String], after: [String], applied: [Applied] = []) {
    self.before = before
    self.after = after
    self.applied = applied
  }
}

/// A run that did not get to its end.
public struct MigrationFailure: Failure {
  /// The step that failed.
  public var step: MigrationStep
  /// What went wrong in it.
  public var reason: any Error
  /// What was committed before.
  public var committed: [MigrationSummary.Applied]
  /// Whether parts of the failed step were committed, as an `autocommit_block` does.
  public var isPartlyCommitted: Bool
  /// Who held the lock that was waited for, as far as that was seen.
  public var blockers: [BlockingSession]

  /// The revision, its file, and what went wrong.
  public var message: String {
    let what = (reason as? any Failure)?.message ?? "\(reason)"
    guard let revision = step.revision else { return "cannot stamp: \(what)" }
    return "\(step.kind.functionName) of revision \(revision.id) failed: \(what)"
  }

  /// The statement's place, the blockers, and what stands.
  public var details: [String] {
    var lines = (reason as? any Failure)?.details ?? []
    if let path = step.revision?.path { lines.append("script: \(path)") }
    for blocker in blockers {
      lines.append("blocked by \(blocker.summary)")
      if let statement = blocker.statement, !statement.isEmpty { lines.append("  \(statement)") }
    }
    if isPartlyCommitted {
      lines.append("a part of this revision is committed: it ran outside a transaction")
    } else {
      lines.append("nothing of this revision is left")
    }
    let ids = committed.compactMap { $0.step.revision?.id }
    if !ids.isEmpty { lines.append("committed before it: \(ids.joined(separator: ", "))") }
    return lines
  }

  /// What to do.
  public var hint: String? {
    if let hint = (reason as? any Failure)?.hint { return hint }
    guard sqlState == "55P03" else { return nil }
    return "end the sessions that block, or wait longer with --lock-timeout and --retry-for"
  }

  /// The SQL state of what the server said, if it said something.
  public var sqlState: String? {
    (reason as? StatementFailure)?.sqlState ?? (reason as? UncaughtException)?.sqlState
  }

  /// That of the reason.
  public var status: ExitStatus { (reason as? any Failure)?.status ?? .failed }
}
