/// Where a walk ends: at a revision, or below all of them.
enum Landing: Hashable {
  case revision(Int)
  case base

  var index: Int? { if case .revision(let index) = self { index } else { nil } }
}

/// One name or several, as a command's target or a database's version rows give them.
public enum RevisionNames: Hashable, Sendable {
  /// What one word says; nil is the base.
  case one(String?)
  /// Every one of them.
  case many([String])

  var list: [String] {
    switch self {
    case .one(let name): name.map { [$0] } ?? []
    case .many(let names): names
    }
  }

  var text: String {
    switch self {
    case .one(let name): name ?? ""
    case .many(let names):
      // As Python shows a tuple, which is what Alembic's messages print.
      "(" + names.map { "'\($0)'" }.joined(separator: ", ") + (names.count == 1 ? ",)" : ")")
    }
  }
}

extension RevisionMap {
  /// The identifiers that a word stands for, and the branch that it names with `branch@`.
  func resolve(_ name: String?) throws -> (ids: [String], branch: String?) {
    var word = name
    var branch: String?
    if let name, let at = name.firstIndex(of: "@") {
      branch = String(name[..<at])
      word = String(name[name.index(after: at)...])
    }
    switch word {
    case "heads":
      guard let branch else { return (effectiveHeadIDs, nil) }
      return (try filter(heads, forLineage: branch).map { revisions[$0].id }, branch)
    case "head": return (try currentHead(branch: branch).map { [revisions[$0].id] } ?? [], branch)
    case "base", nil: return ([], branch)
    case let word?: return ([word], branch)
    }
  }

  /// The head, of a branch or of all.
  func currentHead(branch: String?) throws -> Int? {
    let candidates = try branch.map { try filter(heads, forLineage: $0) } ?? heads
    if candidates.count > 1 {
      throw RevisionError.multipleHeads(
        candidates.map { revisions[$0].id }, branch.map { "\($0)@head" } ?? "head")
    }
    return candidates.first
  }

  /// The single revision that a word stands for; nil is the base.
  func index(of name: String?) throws -> Int? {
    let (ids, branch) = try resolve(name)
    if ids.count > 1 { throw RevisionError.multipleHeads(ids, name ?? "") }
    return try index(forIdentifier: ids.first, branch: branch)
  }

  /// The revisions that a word stands for; an element is nil where a walk ended below the base.
  func landings(_ name: String?) throws -> [Landing?] {
    let (ids, branch) = try resolve(name)
    if ids.count == 1, let steps = RevisionMap.negativeNumber(ids[0]) {
      var tops = realHeads
      if let branch { tops = tops.filter { nodes[$0].labels.contains(branch) } }
      return try tops.map { try walk(from: .revision($0), steps: steps) }
    }
    return try ids.map { id in
      try index(forIdentifier: id, branch: branch).map(Landing.revision)
    }
  }

  /// The same for several words.
  func landings(_ names: RevisionNames) throws -> [Landing?] {
    switch names {
    case .one(let name): try landings(name)
    case .many(let names): try names.flatMap { try landings($0) }
    }
  }

  private static func negativeNumber(_ text: String) -> Int? {
    guard text.hasPrefix("-"), text.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(text).flatMap { $0 < 0 ? $0 : nil }
  }

  /// The revision with an identifier, a label or the only one that begins with it.
  ///
  /// - Parameter branch: what it must share a lineage with.
  func index(forIdentifier id: String?, branch: String? = nil) throws -> Int? {
    let branchIndex = try branch.flatMap { try index(ofBranch: $0) }
    guard let id else { return nil }
    let found = try names[id] ?? index(beginningWith: id, branch: branchIndex == nil ? nil : branch)
    if let branchIndex, !sharesLineage(found, with: [branchIndex]) {
      throw RevisionError.resolution(
        "Revision \(revisions[found].id) is not a member of branch '\(branch ?? "")'", id)
    }
    return found
  }

  private func index(beginningWith id: String, branch: String?) throws -> Int {
    // As in Alembic the name that is found needs four characters, not the beginning.
    var matches = names.keys.filter { $0.hasPrefix(id) && $0.unicodeScalars.count > 3 }
    if id.isEmpty { matches = [] }
    if let branch {
      let indices = try filter(matches.map { names[$0] ?? 0 }, forLineage: branch)
      matches = matches.filter { name in indices.contains { $0 == names[name] } }
    }
    if matches.isEmpty {
      let advice =
        id.unicodeScalars.count < 4
        ? "; please ensure at least four characters are present for partial revision "
          + "identifier matches" : ""
      throw RevisionError.resolution("No such revision or branch '\(id)'\(advice)", id)
    }
    if matches.count > 1 {
      let some = matches.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      throw RevisionError.resolution("Multiple revisions start with '\(id)': \(some)...", id)
    }
    return names[matches[0]] ?? 0
  }

  /// The revision that a branch is named by.
  func index(ofBranch label: String) throws -> Int? {
    if let index = names[label] { return index }
    do {
      return try index(forIdentifier: label)
    } catch let error as RevisionError {
      guard case .resolution = error.kind else { throw error }
      throw RevisionError.resolution("No such branch: '\(label)'", label)
    }
  }

  /// Those that are above or below what a word stands for.
  func filter(
    _ targets: [Int], forLineage name: String, includingDependencies: Bool = false
  ) throws -> [Int] {
    let (ids, branch) = try resolve(name)
    // With nothing to compare, the words need not mean anything.
    if targets.isEmpty { return [] }
    let shares = try ([branch].compactMap { $0 } + ids).compactMap {
      try index(forIdentifier: $0)
    }
    if branch == nil, ids.isEmpty { return targets }
    return targets.filter {
      sharesLineage($0, with: shares, includingDependencies: includingDependencies)
    }
  }

  private func sharesLineage(
    _ target: Int, with others: [Int], includingDependencies: Bool = false
  ) -> Bool {
    let above = descendants(of: [target], includingDependencies: includingDependencies)
    let below = ancestors(of: [target], includingDependencies: includingDependencies)
    return others.contains { above.contains($0) || below.contains($0) }
  }

  /// Goes up (positive) or down a number of steps; nil when there are not so many, unless
  /// `stopsAtEnd`: then the walk ends where it can.
  ///
  /// - Parameters:
  ///   - start: nil stands for the ground below the bases on the way up, for the sky above the
  ///     heads on the way down.
  ///   - branch: which way to take up.
  func walk(
    from start: Landing?, steps: Int, branch: String? = nil, stopsAtEnd: Bool = false
  ) throws -> Landing? {
    var position = start
    for _ in 0..<steps.magnitude {
      var ways: [Landing]
      if steps > 0 {
        var up = bases
        switch position {
        case .base?: throw RevisionError(.other, "Can't walk up from base")
        case .revision(let index)?: up = nodes[index].next
        case nil: break
        }
        if let branch { up = try filter(up, forLineage: branch) }
        ways = up.map(Landing.revision)
      } else {
        switch position {
        case .base?: ways = []
        case .revision(let index)?:
          ways = nodes[index].down.map(Landing.revision)
          if ways.isEmpty { ways = [.base] }
        case nil:
          ways = heads.map(Landing.revision)
          if ways.isEmpty { ways = [.base] }
        }
      }
      if ways.isEmpty { return stopsAtEnd ? position : nil }
      if ways.count > 1 { throw RevisionError(.other, "Ambiguous walk") }
      position = ways[0]
    }
    return position
  }
}
