internal import DBOps
internal import Synchronization
internal import Terminal

/// Draws what the libraries tell of their progress: one line at a time, for each phase anew.
final class ProgressDisplay: Sendable {
  private let line: ProgressLine
  private let phase = Mutex("")

  init(_ context: Context) { line = ProgressLine(on: context.error) }

  /// What to hand to a library.
  var handler: ProgressHandler {
    { [self] progress in show(progress) }
  }

  /// Takes the line away; what follows stands where it stood.
  func clear() { line.clear() }

  private func show(_ progress: Progress) {
    let isNew = phase.withLock { phase in
      defer { phase = progress.phase }
      return phase != progress.phase
    }
    if isNew { line.begin(progress.phase) }
    if progress.bytesTotal != nil || progress.itemsTotal == nil {
      line.update(.bytes(progress.bytesDone.bytes, of: progress.bytesTotal?.bytes))
    } else {
      line.update(.items(Int64(progress.itemsDone), of: progress.itemsTotal.map { Int64($0) }))
    }
  }
}
