extension RevisionMap {
  /// Everything that can be reached from the targets, depth first, each once.
  func related(_ targets: [Int], _ links: (Node) -> [Int]) -> [Int] {
    var seen = RevisionSet(capacity: nodes.count)
    var found: [Int] = []
    for target in targets {
      var todo = [target]
      while let index = todo.popLast() {
        guard seen.insert(index) else { continue }
        found.append(index)
        todo += links(nodes[index])
      }
    }
    return found
  }

  /// The same; throws when one target can be reached from another.
  func relatedChecked(_ targets: [Int], _ links: (Node) -> [Int]) throws -> [Int] {
    var seen = RevisionSet(capacity: nodes.count)
    var found: [Int] = []
    for target in targets {
      var todo = [target]
      var visited = RevisionSet(capacity: nodes.count)
      while let index = todo.popLast() {
        visited.insert(index)
        guard seen.insert(index) else { continue }
        found.append(index)
        todo += links(nodes[index])
      }
      let overlaps = targets.filter { $0 != target && visited.contains($0) }
      if !overlaps.isEmpty {
        throw RevisionError(
          .other,
          "Requested revision \(revisions[target].id) overlaps with other requested revisions "
            + overlaps.map { revisions[$0].id }.joined(separator: ", "))
      }
    }
    return found
  }

  func ancestors(of targets: [Int], includingDependencies: Bool = true) -> RevisionSet {
    set(related(targets, includingDependencies ? \.normalizedDown : \.down))
  }

  func descendants(of targets: [Int], includingDependencies: Bool = true) -> RevisionSet {
    set(related(targets, includingDependencies ? \.allNext : \.next))
  }

  func set(_ members: some Sequence<Int>) -> RevisionSet {
    RevisionSet(members, capacity: nodes.count)
  }

  /// Puts revisions into an order in which each stands before what it follows or depends on,
  /// walking down one branch as long as nothing else needs what comes next.
  ///
  /// This is the order in which Alembic downgrades and lists; upgrades go the other way.
  func sorted(_ selection: RevisionSet, from heads: [Int]) throws -> [Int] {
    var todo = selection
    // Places are the order of the names, so sorting is by place.
    var fronts = set(heads.filter { todo.contains($0) }).members
    var below = fronts.map { ancestors(of: [$0]) }
    var output: [Int] = []
    var current = 0
    while !fronts.isEmpty {
      let candidate = fronts[current]
      if let other = fronts.indices.first(where: {
        $0 != current && below[$0].contains(candidate)
      }) {
        // Another front still needs the candidate: that one goes first.
        current = other
        continue
      }
      if todo.contains(candidate) {
        output.append(candidate)
        todo.remove(candidate)
      }
      let node = nodes[candidate]
      let added = node.normalizedDown.filter { todo.contains($0) && !fronts.contains($0) }
      guard let first = added.first else {
        fronts.remove(at: current)
        below.remove(at: current)
        current = max(current - 1, 0)
        continue
      }
      fronts[current] = first
      if node.normalizedDependencies.isEmpty, node.down.count == 1 {
        below[current].remove(candidate)
      } else {
        below[current] = ancestors(of: [first])
        fronts += added.dropFirst()
        below += added.dropFirst().map { ancestors(of: [$0]) }
      }
    }
    guard todo.isEmpty else {
      let lost = todo.members.map { revisions[$0].id }.joined(separator: ", ")
      throw RevisionError(.other, "revisions \(lost) cannot be reached from the range's upper end")
    }
    return output
  }
}
