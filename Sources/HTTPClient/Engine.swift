internal import CCurl
internal import Glibc
internal import Synchronization
internal import Threads

/// One multi handle of libcurl on one thread, which does whatever other threads put into its inbox.
///
/// @unchecked: the inbox is locked; `multi` is only woken by others, which libcurl allows, and only as
/// long as the inbox is open; everything else is touched by the engine's own thread.
final class Engine: @unchecked Sendable {
  enum Command: Sendable {
    case start(any Operation)
    case cancel(any Operation)
    case end(any Operation, any Error)
    case limit(HostConnections.Rule)
    /// Ends all transfers whose answers have no end.
    case endStreams(HTTPError)
    case open(ChannelState)
    case serve(ChannelState)
    case close(ChannelState)
  }

  private struct Inbox {
    var commands: [Command] = []
    var isOpen = true
    /// The client is gone: the thread ends with its last operation.
    var isStopping = false
  }

  private let inbox = Mutex(Inbox())
  private let multi: UnsafeMutableRawPointer
  private let channels: ChannelSet
  private var operations: [UnsafeMutableRawPointer: any Operation] = [:]
  private var connections: HostConnections
  private let meter = Meter()
  private var gathering = Gathering(now: .now)
  /// When to look whether a transfer waits for a connection; nil if none was begun since the last look.
  private var nextLook: ContinuousClock.Instant?
  /// How long a transfer may wait for a stream of a connection until another one is made, in
  /// milliseconds.
  private static let patience: Int32 = 500

  /// When to look for answers that have lost their end.
  private var nextCheck = ContinuousClock.now
  /// The time between two such looks, in milliseconds.
  private static let period: Int32 = 500

  /// Starts the thread. It ends after `stop`, when nothing is left to do.
  init(_ configuration: HTTPConfiguration, sharesConnections: Bool) throws {
    try Libcurl.load()
    guard let multi = omc_multi_init() else { throw HTTPError(.library, "libcurl has no memory") }
    self.multi = multi
    channels = try ChannelSet(silence: configuration.silence)
    connections = HostConnections(configuration, isLimited: sharesConnections)
    _ = omc_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    try start()
  }

  private func start() throws {
    do {
      try startThread { self.run() }
    } catch let failure as NoThread {
      omc_multi_cleanup(multi)
      throw HTTPError(.library, failure.message)
    }
  }

  /// Has the thread do something; false if it has ended.
  @discardableResult func post(_ command: Command) -> Bool {
    inbox.withLock { inbox in
      guard inbox.isOpen else { return false }
      inbox.commands.append(command)
      if inbox.commands.count == 1 { _ = omc_multi_wake(multi) }
      return true
    }
  }

  /// Has the thread end once it has nothing left to do.
  func stop() {
    inbox.withLock { inbox in
      guard inbox.isOpen else { return }
      inbox.isStopping = true
      _ = omc_multi_wake(multi)
    }
  }

  // All below: the engine's thread.

  private func run() {
    // OpenSSL writes to a connection that the server has ended, and SIGPIPE would end the process:
    // libcurl leaves that to its caller.
    var pipe = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &pipe, nil)
    while turn() {
      let came = meter.take()
      if came > 0, gathering.take(came, now: .now) { usleep(Gathering.pause) }
      let pause = min(
        channels.pause ?? 60_000, nextLook == nil ? 60_000 : Engine.patience,
        operations.isEmpty ? 60_000 : Engine.period)
      let failure = omc_multi_poll(multi, channels.descriptor, pause)
      // Only for want of memory or descriptors, which may pass; meanwhile it must not spin.
      if failure != CURLM_OK { usleep(10_000) }
    }
    omc_multi_cleanup(multi)
  }

  private func turn() -> Bool {
    let commands = inbox.withLock { inbox in
      let commands = inbox.commands
      inbox.commands = []
      if commands.isEmpty, inbox.isStopping, operations.isEmpty, channels.isEmpty {
        inbox.isOpen = false
      }
      return inbox.isOpen ? commands : nil
    }
    guard let commands else { return false }
    for command in commands { obey(command) }
    if !operations.isEmpty { perform() }
    if let nextLook, nextLook <= .now { look() }
    if nextCheck <= .now { endBrokenOff() }
    channels.turn()
    return true
  }

  private func obey(_ command: Command) {
    switch command {
    case .start(let operation): begin(operation)
    case .cancel(let operation): end(operation, CancellationError())
    case .end(let operation, let error): end(operation, error)
    case .limit(let rule):
      connections.rule = rule
      applyLimit(isRaisedLate: true)
    case .endStreams(let error):
      for operation in operations.values where (operation as? Transfer)?.isStream == true {
        remove(operation)
        operation.abort(error)
      }
    case .open(let channel): channels.open(channel)
    case .serve(let channel): channels.serve(channel)
    case .close(let channel):
      channels.forget(channel)
      _ = omc_multi_remove(multi, channel.easy.raw)
    }
  }

  /// Ends an operation if it still runs.
  private func end(_ operation: any Operation, _ error: any Error) {
    guard operations[operation.easy.raw] === operation else { return }
    remove(operation)
    operation.abort(error)
  }

  private func begin(_ operation: any Operation) {
    if operation.isCancelled { return operation.abort(CancellationError()) }
    operations[operation.easy.raw] = operation
    (operation as? Transfer)?.meter = meter
    // Before it is added: libcurl does not look again for those that wait already.
    applyLimit(isRaisedLate: false)
    add(operation)
    if nextLook == nil { nextLook = .now + .milliseconds(Engine.patience) }
  }

  private func add(_ operation: any Operation) {
    let code = omc_multi_add(multi, operation.easy.raw)
    guard code != CURLM_OK else { return }
    operations[operation.easy.raw] = nil
    operation.abort(HTTPError(.library, "libcurl: \(String(cString: omc_multi_error(code)))"))
  }

  private func perform() {
    var running: Int32 = 0
    let failure = omc_multi_perform(multi, &running)
    var code = CURLE_OK
    while let raw = omc_multi_done(multi, &code) {
      guard let operation = operations[raw] else { continue }
      if operation is Dial, code == CURLE_OK {
        // A connection for a channel lives as long as its handle belongs to the multi handle.
        operations[raw] = nil
      } else {
        remove(operation)
      }
      operation.finish(code, in: self)
    }
    if connections.learn(from: operations.values) { applyLimit(isRaisedLate: true) }
    guard failure != CURLM_OK else { return }
    let error = HTTPError(.library, "libcurl: \(String(cString: omc_multi_error(failure)))")
    for operation in operations.values {
      remove(operation)
      operation.abort(error)
    }
  }

  private func remove(_ operation: any Operation) {
    operations[operation.easy.raw] = nil
    _ = omc_multi_remove(multi, operation.easy.raw)
  }

  /// Sets how many connections there may be to one host.
  ///
  /// Transfers that wait for a connection do not see that the limit was raised. Those that have sent
  /// nothing are therefore taken out and put in again.
  private func applyLimit(isRaisedLate: Bool) {
    guard let limit = connections.changedLimit(for: operations.count) else { return }
    _ = omc_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limit)
    guard isRaisedLate else { return }
    for operation in waiting() {
      _ = omc_multi_remove(multi, operation.easy.raw)
      add(operation)
    }
  }

  /// Those that have neither sent anything nor a connection.
  private func waiting() -> [any Operation] {
    operations.values.filter { operation in
      omc_easy_long(operation.easy.raw, CURLINFO_REQUEST_SIZE) == 0
        && omc_easy_size(operation.easy.raw, CURLINFO_CONNECT_TIME_T) == 0
    }
  }

  /// Allows one more connection if transfers wait although others run.
  private func look() {
    nextLook = nil
    let count = waiting().count
    guard count > 0 else { return }
    nextLook = .now + .milliseconds(Engine.patience)
    if operations.values.contains(where: { ($0 as? Transfer)?.head != nil }), connections.grow() {
      applyLimit(isRaisedLate: true)
    }
  }

  /// Ends answers that have begun and seem to have lost their end.
  private func endBrokenOff() {
    let now = ContinuousClock.now
    nextCheck = now + .milliseconds(Engine.period)
    for case let transfer as Transfer in operations.values {
      guard let error = transfer.brokenOff(at: now) else { continue }
      remove(transfer)
      transfer.abort(error)
    }
  }
}
