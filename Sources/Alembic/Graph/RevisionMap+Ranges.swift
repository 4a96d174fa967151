extension RevisionMap {
  /// How a range is cut out of the graph.
  struct RangeOptions {
    /// Whether branches that do not begin at the lower end belong to it.
    var implicitBase = false
    /// Whether the lower end belongs to it.
    var isInclusive = false
    /// Whether a distance that is too long is an error; if not, it ends at the base or head.
    var assertsLength = true
  }

  /// The revisions between two ends, from the upper one downwards.
  func range(
    from upper: RevisionNames, downTo lower: RevisionNames, _ options: RangeOptions
  ) throws -> [Int] {
    let targets = try upgradeTargets(upper, current: lower, options)
    let ends = try narrowed(targets, toBranchOf: lower)
    var required = set(try relatedChecked(ends, \.normalizedDown))
    required.formUnion(set(ends))

    var current = try landings(lower)
    if !options.implicitBase,
      current.contains(where: {
        $0.map { $0.index.map { !required.contains($0) } ?? true } ?? false
      })
    {
      throw RevisionError.rangeNotAncestor(lower: lower.text, upper: upper.text)
    }
    var lower = lower
    if let first = current.first, first == nil {
      // A distance that ends below the base is counted from the upper end instead.
      switch try downgradeTarget(lower, current: upper, options).landing {
      case .revision(let index)?:
        current = [.revision(index)]
        lower = .one(revisions[index].id)
      default:
        current = []
        lower = .one(nil)
      }
    }
    let below = current.compactMap { $0?.index }
    var needed = required
    needed.subtract(set(try relatedChecked(below, \.normalizedDown)))
    if options.isInclusive {
      for landing in try landings(lower) { if let index = landing?.index { needed.insert(index) } }
    }
    if !below.isEmpty, !options.implicitBase {
      needed.formIntersection(set(try relatedChecked(below, \.next)))
    }
    return try sorted(needed, from: ends)
  }

  /// `branch@...` as the lower end leaves only the upper ends of that branch.
  private func narrowed(_ targets: [Int], toBranchOf lower: RevisionNames) throws -> [Int] {
    guard case .one(let name?) = lower, let at = name.firstIndex(of: "@") else { return targets }
    var branch = String(name[..<at])
    if let index = try index(of: branch), revisions[index].id == branch {
      guard nodes[index].labels.count == 1 else {
        throw RevisionError(.other, "Revision \(branch) is on no branch with a single label")
      }
      branch = nodes[index].labels[0]
    }
    return targets.filter { nodes[$0].labels.contains(branch) }
  }

  // MARK: - Upgrades

  private func upgradeTargets(
    _ target: RevisionNames, current: RevisionNames, _ options: RangeOptions
  ) throws -> [Int] {
    guard case .one(let name?) = target, let relative = RelativeRevision(name) else {
      return try landings(target).map { landing in
        guard let index = landing?.index else {
          throw RevisionError(.other, "'\(target.text)' leads below the base")
        }
        return index
      }
    }
    let landing = try upgradeLanding(relative, current: current, options)
    guard let index = landing?.index else { throw RevisionError.relative(relative.text) }
    return [index]
  }

  private func upgradeLanding(
    _ relative: RelativeRevision, current: RevisionNames, _ options: RangeOptions
  ) throws -> Landing? {
    if relative.steps > 0 {
      let start: Landing?
      if let symbol = relative.symbol {
        start = try index(of: symbol).map(Landing.revision)
      } else {
        start = try upgradeStart(current.list, branch: relative.branch)
      }
      return try walk(
        from: start, steps: relative.steps, branch: relative.branch,
        stopsAtEnd: !options.assertsLength)
    }
    guard let symbol = relative.symbol else { throw RevisionError.relative(relative.text) }
    let name = relative.branch.map { "\($0)@\(symbol)" } ?? symbol
    return try walk(
      from: try index(of: name).map(Landing.revision), steps: relative.steps,
      stopsAtEnd: !options.assertsLength)
  }

  /// Where `+N` begins to count: at the only current revision, on the branch if one is named.
  private func upgradeStart(_ current: [String], branch: String?) throws -> Landing? {
    let ambiguous = RevisionError(.other, "Ambiguous upgrade from multiple current revisions")
    guard let branch else {
      if current.count > 1 { throw ambiguous }
      return try current.first.flatMap { try index(of: $0) }.map(Landing.revision)
    }
    let active = try landings(.many(current)).compactMap { $0?.index }
    var starts = try filter(active, forLineage: branch)
    if starts.isEmpty {
      // The branch has not begun: it will at the highest applied revision of its lineage.
      let below = try filter(ancestors(of: active).members, forLineage: branch)
      let covered = set(below.flatMap { nodes[$0].normalizedDown })
      starts = below.filter { !covered.contains($0) }
    }
    if starts.count > 1 { throw ambiguous }
    return starts.first.map(Landing.revision)
  }

  // MARK: - Downgrades

  /// The revisions that have to go so that only what `lower` stands for is left, in the order in
  /// which they go.
  func downgradeRange(from upper: RevisionNames, downTo lower: RevisionNames) throws -> [Int] {
    let (branch, landing) = try downgradeTarget(lower, current: upper, RangeOptions())
    let target = landing?.index
    // Names, not revisions: a label counts, so that a single base with one is narrowed too.
    var roots =
      target.map { nodes[$0].next }
      ?? names.values.filter { nodes[$0].down.isEmpty }
    if let branch, roots.count > 1 {
      let lineage = ancestors(
        of: try index(ofBranch: branch).map { [$0] } ?? [], includingDependencies: false)
      roots = set(roots.filter { lineage.contains($0) }).members
      if roots.isEmpty {
        throw RevisionError(.other, "Not a valid downgrade target from current heads")
      }
    }
    let heads = try landings(upper).compactMap { $0?.index }
    var dropped = descendants(of: roots)
    dropped.formIntersection(ancestors(of: heads))
    if let target, dropped.isEmpty, !heads.contains(target) {
      throw RevisionError.rangeNotAncestor(lower: "Nothing to drop", upper: upper.text)
    }
    return try sorted(dropped, from: heads)
  }

  private func downgradeTarget(
    _ target: RevisionNames, current: RevisionNames, _ options: RangeOptions
  ) throws -> (branch: String?, landing: Landing?) {
    guard case .one(let word) = target else {
      throw RevisionError(.other, "Expected downgrade target in string form")
    }
    guard let word else { return (nil, nil) }
    guard let relative = RelativeRevision(word) else {
      guard let at = word.lastIndex(of: "@") else {
        return (nil, try index(of: word).map(Landing.revision))
      }
      let branch = String(word[..<at])
      let symbol = String(word[word.index(after: at)...])
      return (branch.isEmpty ? nil : branch, try index(of: symbol).map(Landing.revision))
    }
    if relative.steps >= 0 {
      guard let symbol = relative.symbol else { throw RevisionError.relative(relative.text) }
      let landing = try walk(
        from: try index(of: symbol).map(Landing.revision), steps: relative.steps,
        branch: relative.branch, stopsAtEnd: !options.assertsLength)
      guard let landing else { throw RevisionError(.other, "Walked too far") }
      return (relative.branch, landing)
    }
    var branch = relative.branch
    let symbol: String
    if let named = relative.symbol {
      symbol = named
    } else {
      symbol = try downgradeStart(current.list, branch: branch, relative)
      // Only the chosen branch goes down when there are several.
      branch = branch ?? symbol
    }
    let start = try index(of: branch.map { "\($0)@\(symbol)" } ?? symbol)
    let landing = try walk(
      from: start.map(Landing.revision), steps: relative.steps,
      stopsAtEnd: !options.assertsLength)
    guard let landing else {
      throw relative.symbol == nil
        ? RevisionError.relative(relative.text) : RevisionError(.other, "Walked too far")
    }
    return (branch, landing)
  }

  /// Where `-N` begins to count.
  private func downgradeStart(
    _ current: [String], branch: String?, _ relative: RelativeRevision
  ) throws -> String {
    guard let branch else {
      guard let first = current.first else { throw RevisionError.relative(relative.text) }
      return first
    }
    let active = try current.compactMap { try index(of: $0) }
    var starts = try filter(active, forLineage: branch)
    if starts.isEmpty { starts = try filter(allCurrent(current), forLineage: branch) }
    guard starts.count == 1 else {
      throw RevisionError(
        .other,
        starts.isEmpty
          ? "No current revision is on branch '\(branch)'"
          : "Ambiguous downgrade from multiple current revisions on branch '\(branch)'")
    }
    return revisions[starts[0]].id
  }

  /// The revisions that are applied and that no applied one follows: more than the version table
  /// holds where one head stands for others by dependency.
  func allCurrent(_ current: [String]) throws -> [Int] {
    let tops = try landings(.many(current)).compactMap { $0?.index }
    var applied = set(tops)
    applied.formUnion(ancestors(of: tops))
    return applied.members.filter { index in
      !related([index], \.next).contains { $0 != index && applied.contains($0) }
    }
  }
}
