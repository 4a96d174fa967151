internal import CCurl
internal import COmc
internal import Glibc
internal import Synchronization

/// What a channel's user and the engine's thread share: bytes that came and bytes that are to go.
final class ChannelState: Sendable {
  /// What is taken in before somebody reads it, and what `write` puts down before it waits.
  static let capacity = 256 << 10

  enum Read {
    case bytes([UInt8])
    case end
    case timedOut
  }

  struct Reader {
    let continuation: CheckedContinuation<Read, any Error>
    let deadline: ContinuousClock.Instant?
  }

  struct Shared {
    var incoming: [UInt8] = []
    /// The engine has left bytes in the connection until there is room.
    var isFull = false
    var hasEnded = false
    var failure: HTTPError?
    var reader: Reader?
    var outgoing: [[UInt8]] = []
    var outgoingCount = 0
    /// Of those who wait until no more than `capacity`, or nothing at all, is left to go.
    var writers: [Writer] = []
    var isClosed = false
  }

  struct Writer {
    let id: UInt64
    let continuation: CheckedContinuation<Void, any Error>
    /// It goes on when no more than so many bytes are left.
    let level: Int
  }

  let name: UInt64
  let easy: EasyHandle
  let descriptor: Int32
  let shared = Mutex(Shared())

  private static let names = Atomic<UInt64>(0)

  init(_ easy: EasyHandle, _ descriptor: Int32) {
    name = ChannelState.names.add(1, ordering: .relaxed).newValue
    self.easy = easy
    self.descriptor = descriptor
  }
}

/// The channels of an engine, served by its thread.
///
/// libcurl waits for transfers only; the sockets of channels are in a set (epoll) that is one more
/// descriptor for it, so that a thousand idle ones cost nothing.
final class ChannelSet {
  /// Readable when one of the channels has something to do.
  let descriptor: Int32
  private struct Member {
    let channel: ChannelState
    var reads = true
    var writes = false
    var isWatched = true
  }
  private var members: [UInt64: Member] = [:]
  private var nextDeadline: ContinuousClock.Instant?
  /// A host that acknowledges nothing for so long is dead.
  private let silence: Duration
  /// When to look for dead hosts.
  private var nextLook = ContinuousClock.now
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

  init(silence: Duration) throws {
    self.silence = silence
    descriptor = omc_epoll_open()
    if descriptor < 0 {
      throw HTTPError(.library, "cannot wait for connections: \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    close(descriptor)
    buffer.deallocate()
  }

  var isEmpty: Bool { members.isEmpty }

  /// Milliseconds until a reader's time is over or dead hosts are looked for; nil without channels.
  var pause: Int32? {
    if members.isEmpty { return nil }
    let (seconds, attoseconds) = (min(nextDeadline ?? nextLook, nextLook) - .now).components
    return Int32(clamping: max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
  }

  func open(_ channel: ChannelState) {
    members[channel.name] = Member(channel: channel)
    _ = omc_epoll_watch(descriptor, channel.descriptor, true, false, channel.name)
    serve(channel)
  }

  /// Its user has gone; the descriptor is closed after this.
  func forget(_ channel: ChannelState) {
    guard let member = members.removeValue(forKey: channel.name) else { return }
    if member.isWatched { omc_epoll_forget(descriptor, channel.descriptor) }
  }

  /// Serves those that have something to do, and lets readers go whose time is over.
  func turn() {
    guard !members.isEmpty else { return }
    var names = [UInt64](repeating: 0, count: 64)
    let count = Int(max(0, omc_epoll_ready(descriptor, &names, Int32(names.count))))
    for name in names.prefix(count) { members[name].map { serve($0.channel) } }
    if let nextDeadline, nextDeadline <= .now { expire() }
    if nextLook <= .now { look() }
  }

  /// Gives up channels whose hosts acknowledge nothing any more. The system would go on for a quarter of
  /// an hour, and its own limit (TCP_USER_TIMEOUT) takes a server that leaves what it was sent unread for
  /// a dead one, though it answers every probe.
  private func look() {
    nextLook = .now + silence / 6
    for member in members.values {
      let unheard = omc_tcp_unheard(member.channel.descriptor)
      guard unheard > 0, Duration.milliseconds(unheard) >= silence else { continue }
      let endpoint = member.channel.easy.address.endpoint
      member.channel.shared.withLock { shared in
        shared.failure =
          shared.failure
          ?? HTTPError(
            .reset,
            "the connection to \(endpoint) is dead: nothing was acknowledged for \(unheard / 1000) s"
          )
      }
      settle(member.channel)
    }
  }

  private func expire() {
    nextDeadline = nil
    let now = ContinuousClock.now
    for member in members.values {
      let reader = member.channel.shared.withLock { shared -> ChannelState.Reader? in
        guard let deadline = shared.reader?.deadline else { return nil }
        if deadline > now {
          nextDeadline = min(nextDeadline ?? deadline, deadline)
          return nil
        }
        defer { shared.reader = nil }
        return shared.reader
      }
      reader?.continuation.resume(returning: .timedOut)
    }
  }

  /// Receives and sends what is possible now.
  func serve(_ channel: ChannelState) {
    guard members[channel.name] != nil else { return }
    receive(channel)
    send(channel)
    settle(channel)
  }

  private func receive(_ channel: ChannelState) {
    var room = channel.shared.withLock { shared in
      shared.hasEnded || shared.failure != nil ? 0 : ChannelState.capacity - shared.incoming.count
    }
    // Until libcurl has no more: TLS holds bytes that the socket does not show.
    while room > 0 {
      var count = 0
      guard let base = buffer.baseAddress else { return }
      let code = omc_easy_receive(channel.easy.raw, base, buffer.count, &count)
      if code == CURLE_AGAIN { break }
      channel.shared.withLock { shared in
        if code != CURLE_OK {
          shared.failure = channel.easy.error(code)
        } else if count == 0 {
          shared.hasEnded = true
        } else {
          shared.incoming.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        room = code != CURLE_OK || count == 0 ? 0 : ChannelState.capacity - shared.incoming.count
      }
    }
  }

  private func send(_ channel: ChannelState) {
    while true {
      let next = channel.shared.withLock { $0.failure == nil ? $0.outgoing.first : nil }
      guard let next else { return }
      var sent = 0
      let code = next.withUnsafeBytes { bytes in
        bytes.baseAddress.map { omc_easy_send(channel.easy.raw, $0, bytes.count, &sent) }
      }
      if code == CURLE_AGAIN { return }
      channel.shared.withLock { shared in
        if let code, code != CURLE_OK {
          shared.failure = channel.easy.error(code)
          return
        }
        shared.outgoingCount -= sent
        if sent < next.count {
          shared.outgoing[0].removeFirst(sent)
        } else {
          shared.outgoing.removeFirst()
        }
      }
    }
  }

  /// Wakes those who waited for what has happened, and says what to wait for next.
  private func settle(_ channel: ChannelState) {
    var (reads, writes) = (false, false)
    channel.shared.withLock { shared in
      if let reader = shared.reader {
        if let read = shared.take() {
          shared.reader = nil
          reader.continuation.resume(with: read)
        } else if let deadline = reader.deadline {
          nextDeadline = min(nextDeadline ?? deadline, deadline)
        }
      }
      shared.releaseWriters()
      shared.isFull = shared.incoming.count >= ChannelState.capacity
      let isOver = shared.failure != nil
      reads = !isOver && !shared.hasEnded && !shared.isFull
      writes = !isOver && !shared.outgoing.isEmpty
    }
    watch(channel, reads: reads, writes: writes)
  }

  private func watch(_ channel: ChannelState, reads: Bool, writes: Bool) {
    guard var member = members[channel.name],
      member.reads != reads || member.writes != writes || !member.isWatched
    else { return }
    // Of one that waits for nothing the end would be reported without end.
    if !reads, !writes {
      if member.isWatched { omc_epoll_forget(descriptor, channel.descriptor) }
    } else {
      _ = omc_epoll_watch(descriptor, channel.descriptor, reads, writes, channel.name)
    }
    (member.reads, member.writes, member.isWatched) = (reads, writes, reads || writes)
    members[channel.name] = member
  }
}

extension ChannelState.Shared {
  /// What a reader gets now; nil if it has to wait.
  mutating func take() -> Result<ChannelState.Read, any Error>? {
    if !incoming.isEmpty {
      let bytes = incoming
      incoming = []
      return .success(.bytes(bytes))
    }
    if let failure { return .failure(failure) }
    return hasEnded ? .success(.end) : nil
  }

  /// Lets those writers go on that wait for no more.
  mutating func releaseWriters() {
    guard !writers.isEmpty else { return }
    let (failure, count) = (failure, outgoingCount)
    writers.removeAll { writer in
      if let failure {
        writer.continuation.resume(throwing: failure)
        return true
      }
      guard count <= writer.level else { return false }
      writer.continuation.resume()
      return true
    }
  }
}
