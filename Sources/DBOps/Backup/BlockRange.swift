/// Blocks of a table's heap that lie side by side.
struct BlockRange: Hashable, Sendable {
  var start: Int64
  /// The first block behind; nil at the end, however long the table is meanwhile.
  var end: Int64?

  /// Cuts a heap into ranges, about so many of the same size; the last ones are smaller, so that all
  /// who read them are done at nearly the same time.
  static func cut(blocks: Int64, into count: Int64, for readers: Int) -> [BlockRange] {
    let most = max(1, (blocks + count - 1) / max(1, count))
    let least = max(1, most / 8)
    var ranges: [BlockRange] = []
    var start: Int64 = 0
    while true {
      let left = blocks - start
      let size = min(most, max(least, left / Int64(2 * max(1, readers))))
      if left <= size { break }
      ranges.append(BlockRange(start: start, end: start + size))
      start += size
    }
    return ranges + [BlockRange(start: start, end: nil)]
  }
}

extension RowSource {
  /// The statement that reads the rows in some blocks. A lock keeps anybody from writing the table
  /// anew meanwhile, so that no row moves that the snapshot shows.
  func copyOut(of range: BlockRange) -> String {
    let end = range.end.map { " AND ctid < '(\($0),0)'::pg_catalog.tid" } ?? ""
    return """
      COPY (SELECT \(rangeColumns ?? "") FROM ONLY \(table.sql) \
      WHERE ctid >= '(\(range.start),0)'::pg_catalog.tid\(end)) TO STDOUT
      """
  }
}

extension RowSource {
  /// Which tables are read in ranges: as few as it takes for all connections to end at the same time.
  /// A whole table comes in its own order, and the server reads it a twentieth faster.
  ///
  /// - Parameters:
  ///   - jobs: how many connections there are.
  ///   - least: a table of no more bytes is never cut.
  static func toCut(_ sources: [RowSource], jobs: Int, least: Int64) -> [RowSource] {
    let share = sources.reduce(0) { $0 + $1.bytes } / Int64(max(1, jobs))
    var whole = sources.sorted { $0.bytes > $1.bytes }
    var cut: [RowSource] = []
    while let place = whole.firstIndex(where: { $0.rangeColumns != nil && $0.bytes > least }) {
      let longest = longest(whole, jobs: jobs)
      // What is cut fills up what the whole tables leave, as far as they leave something.
      if !cut.isEmpty, longest <= share / 10 * 9 { break }
      let table = whole.remove(at: place)
      // One that cannot be cut takes as long as it takes.
      if !cut.isEmpty, self.longest(whole, jobs: jobs) == longest { break }
      cut.append(table)
    }
    return cut
  }

  /// How many bytes the connection reads that has the most of them, where each takes the largest table
  /// that is left when it is done with another.
  private static func longest(_ sources: [RowSource], jobs: Int) -> Int64 {
    var loads = [Int64](repeating: 0, count: max(1, jobs))
    for source in sources {
      let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      loads[least] += source.bytes
    }
    return loads.max() ?? 0
  }
}
