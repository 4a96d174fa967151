internal import Glibc
internal import LogOps
internal import Synchronization
internal import Terminal

/// Prints a summary on standard error while logs are read, whenever somebody asks: by SIGUSR1, or by
/// the key `s` at a terminal.
struct SummaryRequests: Sendable {
  private let pipeline: LogPipeline
  private let context: Context
  private let zone: Int

  init(_ pipeline: LogPipeline, _ context: Context, zone: Int) {
    self.pipeline = pipeline
    self.context = context
    self.zone = zone
  }

  /// Runs `body` and answers meanwhile.
  func answering<Result: Sendable>(
    when isWanted: Bool, _ body: @Sendable @escaping () async throws -> Result
  ) async throws -> Result {
    guard isWanted else { return try await body() }
    SummarySignal.install()
    let keys = context.input.isTerminal && context.error.isTerminal ? KeyMode() : nil
    defer { keys?.restore() }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await answer(keys != nil)
        return nil
      }
      defer { group.cancelAll() }
      while let next = try await group.next() {
        if let result = next { return result }
      }
      throw CancellationError()
    }
  }

  private func answer(_ hasKeys: Bool) async throws {
    var answered = SummarySignal.count.load(ordering: .relaxed)
    while true {
      try await Task.sleep(for: .milliseconds(100))
      let asked = SummarySignal.count.load(ordering: .relaxed)
      let isKey = hasKeys && KeyMode.pressed() == UInt8(ascii: "s")
      guard asked != answered || isKey, let summary = pipeline.summary else { continue }
      answered = asked
      context.error.write(summary.text(zone: zone))
    }
  }
}

/// Counts SIGUSR1.
private enum SummarySignal {
  static let count = Atomic<Int>(0)

  static func install() {
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      SummarySignal.count.wrappingAdd(1, ordering: .relaxed)
    }
    action.sa_flags = SA_RESTART
    sigaction(SIGUSR1, &action, nil)
  }
}

/// A terminal that gives keys as they are pressed, without showing them.
private struct KeyMode {
  private let before: termios

  init?() {
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    guard tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0 else { return nil }
  }

  func restore() {
    var settings = before
    tcsetattr(STDIN_FILENO, TCSANOW, &settings)
  }

  /// The key that was pressed; nil where none was.
  static func pressed() -> UInt8? {
    var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, 0) > 0 else { return nil }
    var key: UInt8 = 0
    return read(STDIN_FILENO, &key, 1) == 1 ? key : nil
  }
}
