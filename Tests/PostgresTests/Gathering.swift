import Postgres
import Synchronization

/// A sum that closures on other threads add to.
final class Tally: Sendable {
  private let sum = Mutex(0)
  var value: Int { sum.withLock { $0 } }
  func add(_ value: Int) { sum.withLock { $0 += value } }
}

/// A list that closures on other threads append to.
final class Collector<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func append(_ element: Element) { elements.withLock { $0.append(element) } }
}

extension Connection {
  /// Asks until the answer is true.
  func waitUntil(_ question: String) async throws {
    while try await query(question).single(as: Bool?.self) != true { await Task.yield() }
  }
}
