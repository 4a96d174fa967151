internal import Synchronization

/// One end of a channel: what tasks do with it while the engine's thread serves it.
struct ChannelLink: Sendable {
  let state: ChannelState
  let engine: Engine

  /// `host:port` of the server.
  var endpoint: String { state.easy.address.endpoint }

  /// Puts bytes down and waits until there is no more than `capacity` to go.
  func write(_ bytes: [UInt8]) async throws {
    try Task.checkCancellation()
    try put(bytes)
    try await waitUntilLeft(ChannelState.capacity)
  }

  /// Puts bytes down without waiting, unless more than `limit` are waiting already; whether it did.
  @discardableResult func put(_ bytes: [UInt8], unlessOver limit: Int = .max) throws -> Bool {
    var isFirst = false
    let isDown = try state.shared.withLock { shared in
      if let failure = shared.failure { throw failure }
      if shared.isClosed { throw closedError() }
      if bytes.isEmpty { return true }
      if shared.outgoingCount > limit { return false }
      shared.outgoing.append(bytes)
      shared.outgoingCount += bytes.count
      isFirst = shared.outgoing.count == 1
      return true
    }
    if isFirst { engine.post(.serve(state)) }
    return isDown
  }

  func close() {
    let left = state.shared.withLock { shared -> ChannelState.Shared? in
      if shared.isClosed { return nil }
      shared.isClosed = true
      let left = shared
      (shared.reader, shared.writers) = (nil, [])
      return left
    }
    guard let left else { return }
    left.reader?.continuation.resume(throwing: closedError())
    for writer in left.writers { writer.continuation.resume(throwing: closedError()) }
    engine.post(.close(state))
  }

  func read(until deadline: ContinuousClock.Instant?) async throws -> ChannelState.Read {
    try Task.checkCancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        begin(ChannelState.Reader(continuation: continuation, deadline: deadline))
      }
    } onCancel: {
      let reader = state.shared.withLock { shared in
        defer { shared.reader = nil }
        return shared.reader
      }
      reader?.continuation.resume(throwing: CancellationError())
    }
  }

  private func begin(_ reader: ChannelState.Reader) {
    var wakes = reader.deadline != nil
    let answer: Result<ChannelState.Read, any Error>? = state.shared.withLock { shared in
      if shared.isClosed { return .failure(closedError()) }
      if shared.reader != nil {
        return .failure(HTTPError(.invalidRequest, "two tasks read from one channel"))
      }
      // Cancelled before it came here: the handler found nobody.
      if Task.isCancelled { return .failure(CancellationError()) }
      if let answer = shared.take() {
        // What was held back has room now.
        wakes = shared.isFull
        return answer
      }
      shared.reader = reader
      return nil
    }
    if wakes { engine.post(.serve(state)) }
    if let answer { reader.continuation.resume(with: answer) }
  }

  /// Waits until no more than so many bytes are left to go.
  func waitUntilLeft(_ level: Int) async throws {
    let isThere = try state.shared.withLock { shared in
      if let failure = shared.failure { throw failure }
      if shared.isClosed { throw closedError() }
      return shared.outgoingCount <= level
    }
    if isThere { return }
    let id = UInt64.random(in: .min ... .max)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<Void, any Error>? = state.shared.withLock { shared in
          if let failure = shared.failure { return .failure(failure) }
          if shared.isClosed { return .failure(closedError()) }
          if Task.isCancelled { return .failure(CancellationError()) }
          if shared.outgoingCount <= level { return .success(()) }
          shared.writers.append(
            ChannelState.Writer(id: id, continuation: continuation, level: level))
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let writer = state.shared.withLock { shared -> ChannelState.Writer? in
        guard let place = shared.writers.firstIndex(where: { $0.id == id }) else { return nil }
        return shared.writers.remove(at: place)
      }
      writer?.continuation.resume(throwing: CancellationError())
    }
  }

  private func closedError() -> HTTPError {
    HTTPError(.closed, "the connection to \(endpoint) was closed by this side")
  }
}
