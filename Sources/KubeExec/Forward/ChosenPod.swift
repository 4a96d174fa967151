internal import Synchronization

/// The pod that connections go through until it goes; then the next one.
final class ChosenPod: Sendable {
  /// A pod, and the Service if one was named.
  typealias Choice = (pod: KubeObject, service: KubeObject?)

  private let choose: @Sendable () async throws -> Choice
  private let moved: @Sendable (KubeObject) -> Void
  private let known = Mutex<Choice?>(nil)
  private let lastUID = Mutex("")

  /// Chooses none yet.
  ///
  /// - Parameter moved: gets each pod but the first one.
  init(
    _ choose: @escaping @Sendable () async throws -> Choice,
    moved: @escaping @Sendable (KubeObject) -> Void
  ) {
    self.choose = choose
    self.moved = moved
  }

  /// The pod in use.
  ///
  /// - Parameter isFirst: whether there has to be one now: later the next one may be on its way.
  func current(isFirst: Bool) async throws -> Choice {
    if let known = known.withLock({ $0 }) { return known }
    let deadline = ContinuousClock.now + .seconds(30)
    while true {
      do {
        let chosen = try await choose()
        known.withLock { $0 = chosen }
        let isOther = lastUID.withLock { last in
          defer { last = chosen.pod.uid }
          return last != chosen.pod.uid
        }
        if isOther, !isFirst { moved(chosen.pod) }
        return chosen
      } catch let error as KubeError
        where !isFirst && error.code == .hopeless && ContinuousClock.now < deadline
      {
        // The next pod is on its way.
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }

  /// Opens something through the pod in use, or, when that is gone, through the next one.
  func opening<Opened>(
    _ open: (Choice) async throws -> Opened
  ) async throws -> (Opened, KubeObject) {
    for attempt in 1... {
      let choice = try await current(isFirst: false)
      do {
        return (try await open(choice), choice.pod)
      } catch let error as KubeError
        where attempt < 3 && [.notFound, .serverFailed, .invalid].contains(error.code)
      {
        forget(choice.pod)
      }
    }
    throw CancellationError()
  }

  /// Looks for another pod when the next connection comes.
  func forget(_ pod: KubeObject) {
    known.withLock { if $0?.pod.uid == pod.uid { $0 = nil } }
  }
}
