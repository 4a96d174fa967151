import Dispatch
import Synchronization
import Testing

@testable import Archive

/// What threads wait for, as row pipelines do.
@Suite("Monitor", .timeLimit(.minutes(1)))
struct MonitorTests {
  private struct Refused: Error {}

  /// Threads of their own: those who wait block theirs.
  private func threads(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Void
  ) -> DispatchGroup {
    let group = DispatchGroup()
    for number in 0..<count {
      DispatchQueue(label: "monitor.\(number)").async(group: group) { @Sendable in body(number) }
    }
    return group
  }

  @Test("each of many gets one of what was put in, and nothing is given twice")
  func taking() async {
    let monitor = Monitor<[Int]>([])
    let taken = Mutex<[Int]>([])
    let takers = threads(8) { _ in
      for _ in 0..<500 {
        let number = monitor.wait { $0.popLast() }
        taken.withLock { $0.append(number) }
      }
    }
    let givers = threads(4) { giver in
      for number in 0..<1000 { monitor.change { $0.append(giver * 1000 + number) } }
    }
    await withCheckedContinuation { done in
      givers.notify(queue: .global()) { takers.notify(queue: .global()) { done.resume() } }
    }
    #expect(taken.withLock { $0.sorted() } == Array(0..<4000))
  }

  @Test("what one who waited changes lets the next go on")
  func chain() async {
    let monitor = Monitor(0)
    let order = Mutex<[Int]>([])
    let all = threads(6) { number in
      monitor.wait { value -> Void? in
        guard value == number + 1 else { return nil }
        value += 1
        order.withLock { $0.append(number) }
        return ()
      }
    }
    monitor.change { $0 = 1 }
    await withCheckedContinuation { done in all.notify(queue: .global()) { done.resume() } }
    #expect(order.withLock { $0 } == Array(0..<6))
    #expect(monitor.change { $0 } == 7)
  }

  @Test("who is refused gets the error, the others wait on")
  func refusal() async {
    let monitor = Monitor((isRefused: false, isGiven: false))
    let errors = Mutex(0)
    let refused = threads(3) { _ in
      do {
        try monitor.wait { value -> Void? in
          if value.isRefused { throw Refused() }
          return nil
        }
      } catch {
        errors.withLock { $0 += 1 }
      }
    }
    let patient = threads(1) { _ in monitor.wait { $0.isGiven ? () : nil } }
    monitor.change { $0.isRefused = true }
    await withCheckedContinuation { done in refused.notify(queue: .global()) { done.resume() } }
    #expect(errors.withLock { $0 } == 3)
    monitor.change { $0.isGiven = true }
    await withCheckedContinuation { done in patient.notify(queue: .global()) { done.resume() } }
  }
}
