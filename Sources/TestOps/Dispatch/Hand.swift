internal import Glibc

/// What one worker has in hand.
struct Hand: Sendable {
  /// A test that runs.
  struct Running: Sendable {
    var id: String
    /// Seconds since 1970.
    var start: Double
    var since: ContinuousClock.Instant
  }

  /// What is known of the worker's interpreter.
  enum Phase: Sendable {
    case starting, collecting, working
    /// It has been told that there is no more.
    case leaving
  }

  var phase = Phase.starting
  /// When its interpreter was started; nil as long as there is no place for it.
  var startedAt: ContinuousClock.Instant?
  /// The tests that it collected, until they were compared.
  var collected: [TestCase] = []
  /// Tests of the run that it did not find.
  var unknown: Set<String> = []
  /// What was handed out to it and has not begun.
  var waiting: [String] = []
  var running: Running?
  /// A failure that is looked into.
  var suspect: TestResult?
  /// When pytest ended.
  var byeAt: ContinuousClock.Instant?
  /// When the running test was given up.
  var abortedAt: ContinuousClock.Instant?
  /// What its process said outside of any test's capture, since the running test began.
  var words = Tail(limit: 16 << 10)
  /// Why it could not go on, in its own words.
  var fatal: String?
  /// How many interpreters died one after the other.
  var deaths = 0
  /// How many could not even be started, one after the other.
  var vainStarts = 0

  /// Forgets the interpreter that is gone.
  mutating func renew() {
    let (deaths, vainStarts) = (deaths, vainStarts)
    self = Hand()
    (self.deaths, self.vainStarts) = (deaths, vainStarts)
  }
}

/// The end of a stream.
struct Tail: Sendable {
  let limit: Int
  private var bytes: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func append(_ chunk: UnsafeRawBufferPointer) {
    bytes += chunk.suffix(limit)
    // Twice the limit before anything moves: each byte moves once at most.
    if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
  }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// Whole lines where there is more than was kept; nil for nothing but space.
  var text: String? {
    var kept = bytes.suffix(limit)
    if bytes.count > limit, let newline = kept.firstIndex(of: 0x0A) {
      kept = kept[(newline + 1)...]
    }
    let text = String(decoding: kept, as: UTF8.self)
    return text.contains { !$0.isWhitespace } ? text : nil
  }

  /// What an interpreter said last: where Python's faulthandler has told where its threads stood, that, with
  /// the line before, which may be the C library's reason.
  var lastWords: String? {
    guard let text else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let place = lines.lastIndex(where: { $0.hasPrefix("Fatal Python error: ") }) else {
      return text
    }
    return lines[max(0, place - 1)...].joined(separator: "\n")
  }
}

/// How a process ended, in words.
enum ProcessEndWords {
  /// `was ended by signal 11 (SIGSEGV)`.
  static func phrase(signal: Int32) -> String {
    let name = names[signal].map { " (\($0))" } ?? ""
    return "was ended by signal \(signal)\(name)"
  }

  private static let names: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
    SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL",
    SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM",
  ]
}
