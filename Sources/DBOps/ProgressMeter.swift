internal import Quantities
internal import Synchronization

/// Adds up what several tasks have done in one phase, and tells a handler.
final class ProgressMeter: Sendable {
  private let progress: Mutex<Progress>
  private let handler: ProgressHandler?

  init(
    phase: String, bytesTotal: Int64? = nil, itemsTotal: Int? = nil, handler: ProgressHandler?
  ) {
    self.handler = handler
    progress = Mutex(
      Progress(
        phase: phase, bytesTotal: bytesTotal.map { ByteCount($0) }, itemsTotal: itemsTotal))
    if let handler { handler(progress.withLock { $0 }) }
  }

  func add(bytes: Int64) { tell { $0.bytesDone.bytes += bytes } }

  func begin(_ item: String) { tell { $0.item = item } }

  func finishItem() { tell { $0.itemsDone += 1 } }

  private func tell(_ change: (inout Progress) -> Void) {
    guard let handler else { return }
    handler(
      progress.withLock { progress in
        change(&progress)
        return progress
      })
  }
}
