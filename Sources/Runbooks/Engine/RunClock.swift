/// The passing of time as a run meets it; a test lets it pass without waiting.
public protocol RunClock: Sendable {
  /// The time since some fixed moment; never goes back.
  var elapsed: Duration { get }
  /// Waits before something is tried or asked again; ends early with `CancellationError`.
  func pause(_ time: Duration) async throws
  /// Waits until work has taken as long as it may; cancelled when the work is done before that.
  func limit(_ time: Duration) async throws
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
  public func limit(_ time: Duration) async throws { try await Task.sleep(for: time) }
}
