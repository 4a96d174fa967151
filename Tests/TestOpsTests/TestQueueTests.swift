import Testing

@testable import TestOps

@Suite("how tests are handed out")
struct TestQueueTests {
  private func tests(_ file: String, _ count: Int, class name: String? = nil) -> [TestCase] {
    (0..<count).map { number in
      let inner = (name.map { "\($0)::" } ?? "") + "test_\(number)"
      return TestCase(
        id: "\(file).py::\(inner)", file: "\(file).py", line: number + 1,
        suite: file + (name.map { ".\($0)" } ?? ""), name: "test_\(number)")
    }
  }

  private func pieces(_ queue: TestQueue) -> [[String]] {
    var queue = queue
    var pieces: [[String]] = []
    while let piece = queue.next() { pieces.append(piece.tests) }
    return pieces
  }

  @Test("small files stay together, and the slowest goes first")
  func files() {
    let all = ["a", "b", "c", "d", "e", "f", "g", "h"].flatMap { tests($0, 2) }
    let queue = TestQueue(
      all, durations: ["d.py::test_1": 1.5, "a.py::test_0": 0.1], workers: 2)
    #expect(queue.count == 16)
    let order = pieces(queue)
    #expect(order.count == 8)
    #expect(order[0] == ["d.py::test_0", "d.py::test_1"])
    #expect(order[1] == ["b.py::test_0", "b.py::test_1"])
    #expect(order[7] == ["a.py::test_0", "a.py::test_1"])
  }

  @Test(
    "a file that is a large part of the whole is cut by class, and then into runs of neighbours")
  func largeFiles() {
    let large = tests("big", 4, class: "A") + tests("big", 40, class: "B")
    let queue = TestQueue(large + tests("small", 4), durations: [:], workers: 2)
    let order = pieces(queue)
    #expect(Set(order.flatMap { $0 }).count == 48)
    // A class that is short enough is whole.
    #expect(order.contains { $0.count == 4 && $0.allSatisfy { $0.contains("::A::") } })
    #expect(order.contains { $0.count == 4 && $0.allSatisfy { $0.hasPrefix("small") } })
    let pieces = order.filter { $0[0].contains("::B::") }
    #expect(pieces.count > 10)
    for piece in pieces {
      let numbers = piece.compactMap { Int($0.split(separator: "_").last ?? "") }
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
    }
  }

  @Test("one worker gets all tests in the order of its runner")
  func oneWorker() {
    let all = tests("b", 4) + tests("a", 40) + tests("b", 4, class: "B")
    let order = pieces(TestQueue(all, durations: ["a.py::test_3": 9], workers: 1))
    #expect(order == [all.map(\.id)])
  }

  @Test("what one does not know stays for the others")
  func unknown() {
    var queue = TestQueue(tests("a", 3) + tests("b", 1), durations: [:], workers: 2)
    let unknown: Set = ["a.py::test_1", "b.py::test_0"]
    var known: [String] = []
    while let piece = queue.next(without: unknown) { known += piece.tests }
    #expect(Set(known) == ["a.py::test_0", "a.py::test_2"])
    #expect(queue.count == 2)
    #expect(Set(pieces(queue).flatMap { $0 }) == unknown)
  }

  @Test("a seed gives another order, and the same one again")
  func seed() {
    let all = ["a", "b", "c", "d"].flatMap { tests($0, 5) }
    func order(_ seed: UInt64) -> [String] {
      pieces(TestQueue(all, durations: [:], workers: 1, seed: seed)).flatMap { $0 }
    }
    #expect(order(7) == order(7))
    #expect(order(7) != order(8))
    #expect(Set(order(7)) == Set(all.map(\.id)))
  }

  @Test("what comes back goes first, what is tried again last")
  func back() {
    var queue = TestQueue(tests("a", 2) + tests("b", 2), durations: [:], workers: 2)
    let first = queue.next()
    queue.append("a.py::test_0")
    queue.putBack(["a.py::test_1"])
    #expect(first != nil)
    let second = queue.next()
    #expect(second?.tests == ["a.py::test_1"])
    var last: [String] = []
    while let piece = queue.next() { last = piece.tests }
    #expect(last == ["a.py::test_0"])
    #expect(queue.count == 0 && abs(queue.estimate) < 0.001)
  }
}
