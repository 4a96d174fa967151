/// Does `body` to every item, at most `jobs` at a time, begun in order.
///
/// The first error cancels the others and is thrown; results come in the order of the items.
func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], jobs: Int, _ body: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var next = 0
    func begin() {
      guard next < items.count else { return }
      let (index, item) = (next, items[next])
      next += 1
      group.addTask { (index, try await body(item)) }
    }
    for _ in 0..<max(1, jobs) { begin() }
    var results = [Result?](repeating: nil, count: items.count)
    while let (index, result) = try await group.next() {
      results[index] = result
      begin()
    }
    return results.compactMap { $0 }
  }
}
