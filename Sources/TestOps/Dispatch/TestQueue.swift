/// The tests that nobody has yet, in the pieces in which they are handed out.
///
/// A piece is a file, so that its module's and classes' fixtures are set up once. A file that would
/// take more than half of one worker's fair share is cut: into its classes, and these, where they are
/// too long still, into runs of neighbouring tests. The longest piece goes first, by the durations of
/// earlier runs, so that the short ones at the end even out who is done when; a test that was never
/// seen counts as the average of those that were. A worker that is alone gets all of them at once, in the
/// order in which its runner has them.
struct TestQueue: Sendable {
  /// Tests that one worker gets together.
  struct Piece: Sendable {
    var tests: [String]
    /// What they took when they were run last, in seconds.
    var estimate: Double
  }

  private var pieces: [Piece]
  /// What is left to be handed out, in seconds.
  private(set) var estimate: Double
  private let durations: [String: Double]
  private let unknown: Double

  /// Cuts tests into pieces.
  ///
  /// - Parameters:
  ///   - durations: seconds by id.
  ///   - seed: shuffles the pieces and the tests in each instead.
  init(
    _ tests: [TestCase], durations: [String: Double], workers: Int, seed: UInt64? = nil
  ) {
    let known = tests.compactMap { durations[$0.id] }
    let unknown = known.isEmpty ? 1 : max(known.reduce(0, +) / Double(known.count), 0.001)
    self.durations = durations
    self.unknown = unknown
    func seconds(_ tests: [TestCase]) -> Double {
      tests.reduce(0) { $0 + (durations[$1.id] ?? unknown) }
    }
    let limit = seconds(tests) / Double(max(1, workers)) / 2
    let files = workers > 1 || seed != nil ? TestQueue.grouped(tests, by: \.module) : [tests]
    var pieces = files.flatMap { file -> [[TestCase]] in
      guard seconds(file) > limit, workers > 1 else { return [file] }
      return TestQueue.grouped(file, by: \.suite).flatMap { group -> [[TestCase]] in
        guard seconds(group) > limit else { return [group] }
        return TestQueue.runs(of: group, upTo: limit / 4) { durations[$0.id] ?? unknown }
      }
    }
    .map { Piece(tests: $0.map(\.id), estimate: seconds($0)) }
    if let seed {
      var generator = SplitMix(state: seed)
      pieces.shuffle(using: &generator)
      for index in pieces.indices { pieces[index].tests.shuffle(using: &generator) }
    } else {
      // Swift's sort keeps the order of equals only by promise of its implementation.
      let ordered = pieces.enumerated().sorted {
        ($1.element.estimate, $0.offset) < ($0.element.estimate, $1.offset)
      }
      pieces = ordered.map(\.element)
    }
    self.pieces = pieces
    estimate = pieces.reduce(0) { $0 + $1.estimate }
  }

  /// How many tests nobody has yet.
  var count: Int { pieces.reduce(0) { $0 + $1.tests.count } }

  /// Takes the next piece.
  ///
  /// - Parameter unknown: tests that stay for somebody else.
  mutating func next(without unknown: Set<String> = []) -> Piece? {
    for index in pieces.indices {
      var piece = pieces[index]
      let left = unknown.isEmpty ? [] : piece.tests.filter(unknown.contains)
      if left.isEmpty {
        pieces.remove(at: index)
      } else {
        piece.tests.removeAll(where: unknown.contains)
        if piece.tests.isEmpty { continue }
        pieces[index] = Piece(tests: left, estimate: seconds(left))
        piece.estimate = seconds(piece.tests)
      }
      estimate -= piece.estimate
      return piece
    }
    return nil
  }

  private func seconds(_ tests: [String]) -> Double {
    tests.reduce(0) { $0 + (durations[$1] ?? unknown) }
  }

  /// Puts tests before all others: they were handed out, and not run.
  mutating func putBack(_ tests: [String]) {
    guard !tests.isEmpty else { return }
    let piece = Piece(tests: tests, estimate: seconds(tests))
    pieces.insert(piece, at: 0)
    estimate += piece.estimate
  }

  /// Puts a test behind all others: it is tried again.
  mutating func append(_ test: String) {
    let piece = Piece(tests: [test], estimate: durations[test] ?? unknown)
    pieces.append(piece)
    estimate += piece.estimate
  }

  /// Forgets what is left, and says how much it was.
  mutating func clear() -> Int {
    defer { (pieces, estimate) = ([], 0) }
    return count
  }

  private static func grouped<Key: Hashable>(
    _ tests: [TestCase], by key: (TestCase) -> Key
  ) -> [[TestCase]] {
    var places: [Key: Int] = [:]
    var groups: [[TestCase]] = []
    for test in tests {
      if let place = places[key(test)] {
        groups[place].append(test)
      } else {
        places[key(test)] = groups.count
        groups.append([test])
      }
    }
    return groups
  }

  private static func runs(
    of tests: [TestCase], upTo limit: Double, _ seconds: (TestCase) -> Double
  ) -> [[TestCase]] {
    var runs: [[TestCase]] = []
    var length = 0.0
    for test in tests {
      let more = seconds(test)
      if runs.isEmpty || length + more > limit {
        runs.append([test])
        length = more
      } else {
        runs[runs.count - 1].append(test)
        length += more
      }
    }
    return runs
  }
}

/// Numbers that are the same for the same seed (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
