/// What is other than in the run before.
public struct RunComparison: Hashable, Sendable {
  /// A test that takes longer than it did.
  public struct Slower: Hashable, Sendable {
    /// The test.
    public var id: String
    /// What it took in the run before, in seconds.
    public var before: Double
    /// What it takes now, in seconds.
    public var now: Double
  }

  /// Tests that fail now and did not.
  public private(set) var newlyFailing: [String] = []
  /// Tests that failed and are good now.
  public private(set) var newlyPassing: [String] = []
  /// Tests that fail still.
  public private(set) var stillFailing: [String] = []
  /// Tests that take markedly longer: half as long again, and a tenth of a second at least. Worst first.
  public private(set) var slower: [Slower] = []
  /// Tests that were not there.
  public private(set) var added: [String] = []
  /// Tests that were there and were not heard of this time. Nobody can say whether they would pass.
  public private(set) var missing: [String] = []

  /// Compares a run with the one before it.
  public init(_ now: TestRun, with before: TestRun) {
    let (old, new) = (before.outcomes, now.outcomes)
    for (id, result) in new {
      guard let known = old[id] else {
        added.append(id)
        if result.outcome.isBad { newlyFailing.append(id) }
        continue
      }
      switch (known.outcome.isBad, result.outcome.isBad) {
      case (false, true): newlyFailing.append(id)
      case (true, true): stillFailing.append(id)
      case (true, false): if result.outcome.isGood { newlyPassing.append(id) }
      case (false, false):
        let (past, present) = (known.duration, result.duration)
        if known.outcome.isGood, result.outcome.isGood, present > past * 1.5, present - past > 0.1 {
          slower.append(Slower(id: id, before: past, now: present))
        }
      }
    }
    missing = old.keys.filter { new[$0] == nil }
    slower.sort { ($1.now - $1.before, $0.id) < ($0.now - $0.before, $1.id) }
  }

  /// Whether there is nothing to tell.
  public var isEmpty: Bool {
    newlyFailing.isEmpty && newlyPassing.isEmpty && stillFailing.isEmpty && slower.isEmpty
      && added.isEmpty && missing.isEmpty
  }
}
