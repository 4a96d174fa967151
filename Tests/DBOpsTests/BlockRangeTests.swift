import Testing

@testable import DBOps

@Suite("Which tables are read in ranges")
struct BlockRangeTests {
  /// Of each table its size, and whether it can be cut; gives the sizes of those that are.
  private func cut(_ tables: [(bytes: Int64, canBe: Bool)], jobs: Int, least: Int64) -> [Int64] {
    let sources = tables.enumerated().map { number, table in
      RowSource(
        table: QualifiedName("public", "t\(number)"), oid: UInt32(number),
        copyOut: "",
        copyIn: "", bytes: table.bytes, rangeColumns: table.canBe ? "a" : nil)
    }
    return RowSource.toCut(sources, jobs: jobs, least: least).map(\.bytes)
  }

  @Test("one that is large is cut, and fills up what the others leave")
  func oneLarge() {
    #expect(cut([(55, true), (25, true), (20, true)], jobs: 2, least: 12) == [55])
    #expect(cut([(100, true)], jobs: 2, least: 12) == [100])
    #expect(cut([(20, true), (100, false), (80, true)], jobs: 2, least: 12) == [80])
  }

  @Test("of two that are alike both are cut: how long each takes nobody knows")
  func twins() {
    #expect(cut([(50, true), (50, true)], jobs: 2, least: 12) == [50, 50])
  }

  @Test("many small ones are read whole, and so are those that cannot be cut")
  func none() {
    #expect(cut(Array(repeating: (10, true), count: 20), jobs: 2, least: 25) == [])
    #expect(cut([(100, false), (1, true)], jobs: 2, least: 12) == [])
    #expect(cut([], jobs: 4, least: 0) == [])
  }
}
