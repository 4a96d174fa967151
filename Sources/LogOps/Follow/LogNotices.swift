internal import Synchronization

/// What is told between the lines: pods that come and go, restarts, gaps; and what was lost.
public final class LogNotices: Sendable {
  private let show: @Sendable (String) -> Void
  private let losses = Mutex(0)

  /// - Parameter show: prints a line; it may hold nothing that speaks to a terminal.
  public init(_ show: @escaping @Sendable (String) -> Void) { self.show = show }

  /// How often lines may have been lost.
  public var lost: Int { losses.withLock { $0 } }

  func tell(_ text: String, isQuiet: Bool = false) {
    if !isQuiet { show(SummaryText.harmless(text)) }
  }

  func lose(_ text: String) {
    losses.withLock { $0 += 1 }
    tell(text)
  }
}
