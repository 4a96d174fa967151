/// The passing of time as a run meets it; a test lets it pass without waiting.
public protocol RunClock: Sendable {
  /// The time since some fixed moment; never goes back.
  var elapsed: Duration { get }
  /// Waits before something is tried or asked again; ends early with `CancellationError`.
  func pause(_ time: Duration) async throws
  /// Sets a limit that begins now. What it gives waits until the limit is reached, and is cancelled
  /// when the work is done before that.
  func limit(_ time: Duration) -> @Sendable () async throws -> Void
}

/// Time as it really passes, whatever is done to the wall clock.
public struct SteadyClock: RunClock {
  private static let origin = ContinuousClock.now

  /// Creates the clock.
  public init() {}

  /// The time since this program first asked.
  public var elapsed: Duration { ContinuousClock.now - SteadyClock.origin }
  /// Sleeps.
  public func pause(_ time: Duration) async throws { try await Task.sleep(for: time) }
  /// Sleeps.
  public func limit(_ time: Duration) -> @Sendable () async throws -> Void {
    let end = ContinuousClock.now + time
    return { try await Task.sleep(until: end, clock: .continuous) }
  }
}
