internal import KubeExec
internal import Quantities
internal import Synchronization

/// What is told between the lines: pods that come and go, restarts, gaps; and what was lost.
public final class LogNotices: Sendable {
  private let show: @Sendable (String) -> Void
  private let losses = Mutex(0)
  private let silent = Mutex<ContinuousClock.Instant?>(nil)
  private let cutOff = Mutex<Set<Int>>([])

  /// - Parameter show: prints a line; it may hold nothing that speaks to a terminal.
  public init(_ show: @escaping @Sendable (String) -> Void) { self.show = show }

  /// How often lines may have been lost.
  public var lost: Int { losses.withLock { $0 } }

  func tell(_ text: String, isQuiet: Bool = false) {
    if !isQuiet { show(SummaryText.harmless(text)) }
  }

  /// The server gives no answer: said once a minute, however many logs find it out.
  func tellOfSilence(_ time: Duration) {
    let now = ContinuousClock.now
    let isNews = silent.withLock { last in
      if let last, last.duration(to: now) < .seconds(60) { return false }
      last = now
      return true
    }
    if isNews { tell("the API server has given no answer for \(time.canonical); trying again") }
  }

  /// A watch cannot reach the server, or can again: said by the first of them and by the last.
  ///
  /// - Parameter watch: which of the watches.
  func tell(_ outage: ObjectWatch.Outage, of watch: Int) {
    let isNews = cutOff.withLock { cutOff in
      switch outage {
      case .begun: return cutOff.insert(watch).inserted ? cutOff.count == 1 : cutOff.min() == watch
      case .over: return cutOff.remove(watch) != nil && cutOff.isEmpty
      }
    }
    if isNews { tell("\(outage)") }
  }

  func lose(_ text: String) {
    losses.withLock { $0 += 1 }
    tell(text)
  }
}
