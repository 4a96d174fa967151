internal import Digest
internal import Synchronization

/// The keys of the rows in which two tables differ.
public struct DifferingKeys: Hashable, Sendable {
  /// Some keys, and how many there are.
  public struct Found: Hashable, Sendable {
    /// The first keys that were met, as COPY writes their columns, divided by commas.
    public internal(set) var examples: [String] = []
    /// How many there are.
    public internal(set) var count = 0

    mutating func add(_ key: KeyFields.Key) {
      count += 1
      if examples.count < DifferingKeys.mostExamples { examples.append(key.text) }
    }
  }

  static let mostExamples = 10

  /// The key's columns.
  public var columns: [String]
  /// Rows that ought to be there and are not.
  public var missing = Found()
  /// Rows that ought not to be there.
  public var extra = Found()
  /// Rows of which other columns differ.
  public var changed = Found()
  /// Whether these are all; otherwise they are of a part of the table.
  public var isComplete = true
}

/// Finds the keys of differing rows in a memory that does not grow with the table.
///
/// Rows come in any order, which may be another one on both sides. Each key has one of 65,536 slots,
/// by its hash. The first pass adds up the rows' hashes for each slot, which leaves a few slots that
/// differ; the second looks at the keys in those alone, in as many of them as hold about 200,000
/// rows.
struct DifferingKeysSearch: Sendable {
  static let slots = 1 << 16
  static let mostRows: Int64 = 200_000

  let table: String
  let columns: [String]
  let fields: KeyFields
  let rows: Int64

  /// - Returns: nil where the key's columns are not all among those that are read.
  init?(table: String, columns: [String], key: [String], rows: Int64) {
    let places = key.compactMap { columns.firstIndex(of: $0) }
    guard !key.isEmpty, places.count == key.count else { return nil }
    self.table = table
    self.columns = columns
    self.rows = rows
    fields = KeyFields(places: places)
  }

  func run(
    expected: any ComparedDatabase, actual: any ComparedDatabase
  ) async throws -> DifferingKeys {
    async let wanted = sums(expected)
    async let there = sums(actual)
    let (first, second) = try await (wanted, there)
    let differing = first.indices.filter { first[$0] != second[$0] }
    let most = max(1, Int(DifferingKeysSearch.mostRows * Int64(first.count) / max(1, rows)))
    let looked = Set(differing.prefix(most))
    var keys = DifferingKeys(columns: fields.places.map { columns[$0] })
    keys.isComplete = looked.count == differing.count
    return try await search(looked, expected, actual, keys)
  }

  /// The hashes of the rows by the slots of their keys.
  private func sums(_ side: any ComparedDatabase) async throws -> [ContentHash] {
    let sums = Mutex([ContentHash](repeating: ContentHash(), count: DifferingKeysSearch.slots))
    try await side.rows(of: table, columns: columns) { [fields] row in
      let slot = fields.key(of: row).slot
      sums.withLock { $0[slot].add(row) }
    }
    return sums.withLock { $0 }
  }

  private func search(
    _ slots: Set<Int>, _ expected: any ComparedDatabase, _ actual: any ComparedDatabase,
    _ keys: DifferingKeys
  ) async throws -> DifferingKeys {
    let wanted = Mutex([KeyFields.Key: ContentHash]())
    try await expected.rows(of: table, columns: columns) { [fields] row in
      let key = fields.key(of: row)
      guard slots.contains(key.slot) else { return }
      wanted.withLock { $0[key, default: ContentHash()].add(row) }
    }
    let found = Mutex(keys)
    try await actual.rows(of: table, columns: columns) { [fields] row in
      let key = fields.key(of: row)
      guard slots.contains(key.slot) else { return }
      var hash = ContentHash()
      hash.add(row)
      let other = wanted.withLock { $0.removeValue(forKey: key) }
      if other == hash { return }
      found.withLock { found in
        if other == nil { found.extra.add(key) } else { found.changed.add(key) }
      }
    }
    let rest = wanted.withLock { $0.keys.sorted() }
    return found.withLock { found in
      for key in rest { found.missing.add(key) }
      return found
    }
  }
}

/// Takes the columns of a key out of rows of COPY's text, in which fields are divided by tabs.
struct KeyFields: Sendable {
  /// A key: its fields with tabs between them.
  struct Key: Hashable, Comparable, Sendable {
    let bytes: [UInt8]

    /// A number below `DifferingKeysSearch.slots`, the same for the same key.
    var slot: Int {
      var hash = ContentHash()
      bytes.withUnsafeBytes { hash.add($0) }
      return hash.slot(among: DifferingKeysSearch.slots)
    }

    /// As people read it.
    var text: String {
      String(decoding: bytes, as: UTF8.self).split(
        separator: "\t", omittingEmptySubsequences: false
      ).joined(separator: ", ")
    }

    /// Short ones first, so that numbers stand in their order.
    static func < (a: Key, b: Key) -> Bool {
      a.bytes.count == b.bytes.count
        ? a.bytes.lexicographicallyPrecedes(b.bytes) : a.bytes.count < b.bytes.count
    }
  }

  /// The places of the key's columns among those of the row.
  let places: [Int]
  private let last: Int

  init(places: [Int]) {
    self.places = places
    last = places.max() ?? 0
  }

  func key(of row: UnsafeRawBufferPointer) -> Key {
    var fields: [Range<Int>] = []
    var start = 0
    var place = 0
    while place < row.count, fields.count <= last {
      let byte = row[place]
      if byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") {
        fields.append(start..<place)
        start = place + 1
      }
      place += 1
    }
    var bytes: [UInt8] = []
    for (number, field) in places.enumerated() where field < fields.count {
      if number > 0 { bytes.append(UInt8(ascii: "\t")) }
      bytes += row[fields[field]]
    }
    return Key(bytes: bytes)
  }
}
