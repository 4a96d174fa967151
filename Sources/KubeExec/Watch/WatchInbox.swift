internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import Synchronization

/// What a watch has brought and nobody has looked at yet: of each object the last news. So it is
/// never larger than the cluster, however slow the reader, and the thread that fills it never waits.
final class WatchInbox: HTTPSink {
  private struct State {
    var news: OrderedDictionary<String, WatchEvent> = [:]
    var bookmark: String?
    var failure: APIStatus?
    var isOpen = false
    var isEnded = false
    var waiting: CheckedContinuation<Void, Never>?
    var cutter = LineCutter()
  }

  private let state = Mutex(State())

  func head(_ head: HTTPHead) {
    let waiting = state.withLock { state in
      state.isOpen = true
      return WatchInbox.wake(&state)
    }
    waiting?.resume()
  }

  func body(_ bytes: UnsafeRawBufferPointer) throws {
    let waiting = try state.withLock { state in
      var lines: [[UInt8]] = []
      try state.cutter.add(bytes) { lines.append($0) }
      for line in lines { try WatchInbox.take(line, &state) }
      return WatchInbox.wake(&state)
    }
    waiting?.resume()
  }

  /// Says that nothing more will come.
  func end() {
    let waiting = state.withLock { state in
      state.isEnded = true
      return WatchInbox.wake(&state)
    }
    waiting?.resume()
  }

  private static func take(_ line: [UInt8], _ state: inout State) throws {
    guard state.failure == nil, let event = try WatchEvent(line) else { return }
    switch event {
    case .changed(let object), .deleted(let object):
      state.news.removeValue(forKey: object.uid)  // so that the newest stands last
      state.news[object.uid] = event
      state.bookmark = object.resourceVersion ?? state.bookmark
    case .bookmark(let version): state.bookmark = version
    case .failed(let status): state.failure = status
    }
  }

  private static func wake(_ state: inout State) -> CheckedContinuation<Void, Never>? {
    guard hasNews(state) else { return nil }
    defer { state.waiting = nil }
    return state.waiting
  }

  /// What came since the last time.
  struct Batch {
    var events: [WatchEvent]
    /// The state of the cluster up to which they go; nil for no news of that.
    var resourceVersion: String?
    var failure: APIStatus?
    /// The server has just said that it will tell.
    var isOpen: Bool
    var isEnded: Bool
  }

  /// Waits for news, or for the end. Comes back with nothing when the task is cancelled.
  func next() async -> Batch {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          state.waiting = continuation
          return Task.isCancelled || WatchInbox.hasNews(state)
        }
        if isReady { resume() }
      }
    } onCancel: {
      resume()
    }
    return state.withLock { state in
      defer {
        state.news = [:]
        state.bookmark = nil
        state.failure = nil
        state.isOpen = false
      }
      return Batch(
        events: Array(state.news.values), resourceVersion: state.bookmark,
        failure: state.failure, isOpen: state.isOpen, isEnded: state.isEnded)
    }
  }

  private static func hasNews(_ state: State) -> Bool {
    !state.news.isEmpty || state.failure != nil || state.isOpen || state.isEnded
      || state.bookmark != nil
  }

  private func resume() {
    let waiting = state.withLock { state in
      defer { state.waiting = nil }
      return state.waiting
    }
    waiting?.resume()
  }
}
