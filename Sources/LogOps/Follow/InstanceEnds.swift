internal import Synchronization

/// Which instances have ended, as the watch tells it: a kubelet may leave the stream of one open.
final class InstanceEnds: Sendable {
  private let ends = Mutex<[ContainerState.Identity: ContinuousClock.Instant]>([:])

  /// Notes that instances have ended.
  func note(_ ended: [ContainerState.Identity]) {
    guard !ended.isEmpty else { return }
    ends.withLock { ends in
      for identity in ended where ends[identity] == nil { ends[identity] = .now }
    }
  }

  /// Forgets an instance that has been read.
  func forget(_ identity: ContainerState.Identity) {
    ends.withLock { _ = $0.removeValue(forKey: identity) }
  }

  /// Whether an instance ended so long ago.
  func hasEnded(_ identity: ContainerState.Identity, for time: Duration) -> Bool {
    ends.withLock { ends in ends[identity].map { $0.duration(to: .now) >= time } ?? false }
  }
}
