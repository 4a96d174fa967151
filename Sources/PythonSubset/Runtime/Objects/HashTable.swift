/// The table behind `dict` and `set`: entries in the order of insertion, and an open-addressed
/// index into them. Swift's own dictionaries cannot be used, since hashing and comparing a Python
/// value may run Python code and throw.
struct HashTable {
  struct Entry {
    var key: Value
    var hash: Int
    var value: Value
    var isLive = true
  }

  private(set) var entries: [Entry] = []
  private(set) var count = 0
  /// Positions in `entries`, -1 for a free slot; a power of two of them. Removed entries keep their
  /// slot until the table is rebuilt, so that probing goes on past them.
  private var slots: [Int32] = []
  /// Counts every change of the set of keys, so that an iterator notices.
  private(set) var version = 0

  /// The live entries, in order.
  var liveEntries: [Entry] { count == entries.count ? entries : entries.filter(\.isLive) }

  static func hash(of text: PythonString) -> Int { text.hashValue }

  /// The position of an entry equal to a key.
  func find(_ key: Value, hash: Int, _ python: Interpreter) throws -> Int? {
    try find(hash: hash) { try $0.isIdentical(to: key) || python.equal($0, key) }
  }

  /// The position of the entry of a string.
  func find(string: PythonString) -> Int? {
    find(hash: HashTable.hash(of: string)) { $0.pythonString == string }
  }

  private func find(hash: Int, _ matches: (Value) throws -> Bool) rethrows -> Int? {
    guard !slots.isEmpty else { return nil }
    var slot = start(hash)
    while true {
      let position = Int(slots[slot])
      if position < 0 { return nil }
      let entry = entries[position]
      if entry.isLive, entry.hash == hash, try matches(entry.key) { return position }
      slot = (slot + 1) & (slots.count - 1)
    }
  }

  /// Puts a value: over the entry at `position`, or at the end when that is nil.
  mutating func put(_ key: Value, hash: Int, at position: Int?, value: Value) {
    if let position, position < entries.count, entries[position].isLive {
      entries[position].value = value
      return
    }
    if (entries.count + 1) * 3 > slots.count * 2 { rebuild() }
    occupy(hash: hash, with: entries.count)
    entries.append(Entry(key: key, hash: hash, value: value))
    count += 1
    version += 1
  }

  mutating func remove(at position: Int) {
    guard position < entries.count, entries[position].isLive else { return }
    entries[position] = Entry(key: .null, hash: 0, value: .null, isLive: false)
    count -= 1
    version += 1
    // A queue (`pop` of the first or last entry) must not leave its trail behind.
    if entries.count > 32, count * 4 < entries.count { rebuild() }
  }

  /// Empties the table of an object that goes.
  mutating func dispose() {
    var held = entries.flatMap { $0.key.canNest ? [$0.key, $0.value] : [$0.value] }
    entries = []
    Disposal.take(&held)
  }

  private func start(_ hash: Int) -> Int {
    let mixed = UInt(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 20) & (slots.count - 1)
  }

  private mutating func occupy(hash: Int, with position: Int) {
    var slot = start(hash)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(position)
  }

  private mutating func rebuild() {
    entries = liveEntries
    var capacity = 8
    while capacity < (entries.count + 1) * 3 { capacity *= 2 }
    slots = Array(repeating: -1, count: capacity)
    for (position, entry) in entries.enumerated() { occupy(hash: entry.hash, with: position) }
  }
}
