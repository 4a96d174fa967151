import Quantities
import Testing

@testable import LogOps

@Suite("The order of times")
struct OrderTests {
  private func entry(_ order: inout OrderWindow, _ source: Int, _ time: Int64) {
    "x".bytes { bytes in
      var record = LogRecord(
        source: source, bytes: bytes, stamp: LogTime(nanoseconds: time * 1_000_000))
      order.advance(source, to: record.time)
      order.hold(&record)
    }
  }

  private func released(_ order: inout OrderWindow) -> [Int64] {
    var times: [Int64] = []
    while let next = order.next() { times.append(next.time / 1_000_000) }
    return times
  }

  @Test("a record waits until every source has come as far")
  func merge() {
    var order = OrderWindow(window: .zero)
    order.open(0)
    order.open(1)
    for time in [1, 3, 5] { entry(&order, 0, Int64(time)) }
    #expect(released(&order) == [])
    for time in [2, 4] { entry(&order, 1, Int64(time)) }
    #expect(released(&order) == [1, 2, 3])
    #expect(order.mostBehind(among: [0, 1]) == 1)
    order.close(1)
    #expect(released(&order) == [4])
    order.close(0)
    #expect(released(&order) == [5])
    #expect(order.late == 0)
  }

  @Test("within the window a source's own order may be wrong")
  func inversions() {
    var order = OrderWindow(window: .milliseconds(10))
    order.open(0)
    for time in [100, 95, 104, 99, 120] { entry(&order, 0, Int64(time)) }
    #expect(released(&order) == [95, 99, 100, 104])
  }

  @Test("silence holds nothing for longer than the window")
  func silence() {
    var order = OrderWindow(window: .milliseconds(500))
    let start = ContinuousClock.now
    order.open(0)
    order.open(1)
    entry(&order, 0, 10)
    order.tick(start)
    #expect(released(&order) == [])
    order.tick(start + .milliseconds(499))
    #expect(released(&order) == [])
    order.tick(start + .milliseconds(501))
    #expect(released(&order) == [10])
    entry(&order, 1, 5)
    order.close(0)
    order.close(1)
    #expect(released(&order) == [5])
    #expect(order.late == 1)
  }
}
