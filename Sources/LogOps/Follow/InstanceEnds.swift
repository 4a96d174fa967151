internal import Synchronization

/// Which instances have ended, as the watch tells it: a kubelet may leave the stream of one open, and who
/// waits before the next request need not wait any longer.
final class InstanceEnds: Sendable {
  private struct State {
    var ends: [ContainerState.Identity: ContinuousClock.Instant] = [:]
    var waiting: [ContainerState.Identity: Latch] = [:]
  }

  private let state = Mutex(State())

  /// Notes that instances have ended.
  func note(_ ended: [ContainerState.Identity]) {
    guard !ended.isEmpty else { return }
    let latches = state.withLock { state in
      for identity in ended where state.ends[identity] == nil { state.ends[identity] = .now }
      return ended.compactMap { state.waiting.removeValue(forKey: $0) }
    }
    for latch in latches { latch.open() }
  }

  /// Forgets an instance that has been read.
  func forget(_ identity: ContainerState.Identity) {
    state.withLock { state in
      state.ends[identity] = nil
      state.waiting[identity] = nil
    }
  }

  /// Whether an instance ended so long ago.
  func hasEnded(_ identity: ContainerState.Identity, for time: Duration) -> Bool {
    state.withLock { $0.ends[identity].map { $0.duration(to: .now) >= time } ?? false }
  }

  /// Waits for a time, or until an instance that has not ended yet does; whether it did.
  func pause(_ time: Duration, unlessEnds identity: ContainerState.Identity) async throws -> Bool {
    let latch = state.withLock { state -> Latch? in
      if state.ends[identity] != nil { return nil }
      let latch = state.waiting[identity] ?? Latch()
      state.waiting[identity] = latch
      return latch
    }
    guard let latch else {
      try await Task.sleep(for: time)
      return false
    }
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await Task.sleep(for: time)
        return false
      }
      group.addTask {
        try await latch.wait()
        return true
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }
}
