internal import OrderedCollections

/// The graph of a project's revisions.
///
/// It holds what Alembic's map of the same name holds and finds by the same rules: where those
/// leave an order to chance (Python's sets), the order of the files decides here.
public struct RevisionMap: Sendable {
  /// The scripts in the order in which the files were read.
  public let revisions: [Revision]
  /// Identifiers and labels, in the order in which Alembic enters them.
  let names: OrderedDictionary<String, Int>
  /// The links of each revision.
  private(set) var nodes: [Node]
  /// Revisions that no other follows; one that others only depend on is among them.
  private(set) var heads: [Int] = []
  /// Heads that no other depends on either.
  private(set) var realHeads: [Int] = []
  /// Revisions that follow no other.
  private(set) var bases: [Int] = []
  /// Bases that depend on no other either.
  private(set) var realBases: [Int] = []

  /// What one revision is linked to.
  struct Node: Sendable {
    /// What it follows.
    var down: [Int] = []
    /// What it depends on.
    var dependencies: [Int] = []
    /// The same without what its ancestors depend on already.
    var normalizedDependencies: [Int] = []
    /// What follows it.
    var next: [Int] = []
    /// What follows it or depends on it.
    var allNext: [Int] = []
    /// The labels of its branch, inherited ones too.
    var labels: OrderedSet<String> = []

    var allDown: [Int] { unique(down + dependencies) }
    var normalizedDown: [Int] {
      normalizedDependencies.isEmpty ? down : unique(down + normalizedDependencies)
    }

    private func unique(_ list: [Int]) -> [Int] { Array(OrderedSet(list)) }
  }

  /// Builds the graph.
  ///
  /// - Throws: `RevisionError` for a cycle, a name used twice or a predecessor that is missing.
  public init(_ revisions: [Revision]) throws {
    self.revisions = revisions
    names = try RevisionMap.names(of: revisions)
    nodes = []
    nodes.reserveCapacity(revisions.count)
    for revision in revisions { nodes.append(try link(revision)) }
    for index in nodes.indices {
      for down in nodes[index].allDown {
        nodes[down].allNext.append(index)
        if nodes[index].down.contains(down) { nodes[down].next.append(index) }
      }
    }
    for index in nodes.indices { normalizeDependencies(of: index) }
    heads = nodes.indices.filter { nodes[$0].next.isEmpty }
    realHeads = nodes.indices.filter { nodes[$0].allNext.isEmpty }
    bases = nodes.indices.filter { nodes[$0].down.isEmpty }
    realBases = bases.filter { nodes[$0].dependencies.isEmpty }
    try detectCycles()
    for index in nodes.indices where !nodes[index].labels.isEmpty { inheritLabels(from: index) }
  }

  private static func names(
    of revisions: [Revision]
  ) throws -> OrderedDictionary<String, Int> {
    var names: OrderedDictionary<String, Int> = [:]
    names.reserveCapacity(revisions.count)
    for (index, revision) in revisions.enumerated() {
      try Revision.verify(id: revision.id)
      if let other = names[revision.id] {
        throw RevisionError(
          .duplicate,
          "Revision \(revision.id) is present more than once: \(revisions[other].path) and "
            + revision.path,
          hint: "give one of the two another identifier, or take it out of the version locations")
      }
      names[revision.id] = index
    }
    for (index, revision) in revisions.enumerated() {
      for label in revision.branchLabels {
        if let other = names[label] {
          throw RevisionError(
            .duplicate,
            "Branch name '\(label)' in revision \(revision.id) already used by revision "
              + revisions[other].id)
        }
        names[label] = index
      }
    }
    return names
  }

  private func link(_ revision: Revision) throws -> Node {
    if revision.downRevisions.contains(revision.id) {
      throw RevisionError.cycle([revision.id], kind: "Self-loop")
    }
    if revision.dependencies.contains(revision.id) {
      throw RevisionError.cycle([revision.id], kind: "Dependency self-loop")
    }
    var node = Node()
    node.down = try revision.downRevisions.map { name in
      // A label leads nowhere here: Alembic's own map breaks on one.
      guard let index = names[name], revisions[index].id == name else {
        throw missing(name, for: revision)
      }
      return index
    }
    node.dependencies = try revision.dependencies.map { name in
      guard let index = names[name] else { throw missing(name, for: revision) }
      return index
    }
    node.labels = OrderedSet(revision.branchLabels)
    return node
  }

  private func missing(_ name: String, for revision: Revision) -> RevisionError {
    let place = revision.path.isEmpty ? "" : " (\(revision.path))"
    return RevisionError(
      .missing, "Revision \(name) referenced from \(revision.id)\(place) is not present",
      hint: "the file of \(name) is missing from the version locations, or the name is misspelt")
  }

  /// Leaves out what an ancestor depends on: it is there when this revision is reached.
  private mutating func normalizeDependencies(of index: Int) {
    guard !nodes[index].dependencies.isEmpty else { return }
    var covered: Set<Int> = []
    for ancestor in related([index], \.down) where ancestor != index {
      covered.formUnion(nodes[ancestor].dependencies)
    }
    nodes[index].normalizedDependencies = OrderedSet(nodes[index].dependencies)
      .filter { !covered.contains($0) }
  }

  /// Every revision must be between a base and a head, without and with dependencies.
  private func detectCycles() throws {
    if nodes.isEmpty { return }
    func check(
      _ tops: [Int], _ bottoms: [Int], _ down: (Node) -> [Int], _ up: (Node) -> [Int],
      _ kind: String
    ) throws {
      if tops.isEmpty || bottoms.isEmpty {
        throw RevisionError.cycle(revisions.map(\.id), kind: kind)
      }
      var space = RevisionSet(related(tops, down), capacity: nodes.count)
      space.formIntersection(RevisionSet(related(bottoms, up), capacity: nodes.count))
      let lost = nodes.indices.filter { !space.contains($0) }.map { revisions[$0].id }
      if !lost.isEmpty { throw RevisionError.cycle(lost.sorted(), kind: kind) }
    }
    try check(heads, bases, \.down, \.next, "Cycle")
    try check(realHeads, realBases, \.allDown, \.allNext, "Dependency cycle")
  }

  /// A label goes to all that follow, and from the last of them down to where the branch begins.
  private mutating func inheritLabels(from index: Int) {
    let labels = OrderedSet(revisions[index].branchLabels)
    if labels.isEmpty { return }
    var last = index
    for node in related([index], \.next) {
      nodes[node].labels.formUnion(labels)
      last = node
    }
    var parent = last
    while nodes[parent].allNext.count <= 1, nodes[parent].down.count <= 1 {
      nodes[parent].labels.formUnion(labels)
      guard let down = nodes[parent].down.first else { return }
      parent = down
    }
  }
}

extension RevisionMap {
  /// The identifiers of the heads.
  public var headIDs: [String] { heads.map { revisions[$0].id } }
  /// The identifiers of the heads that no other revision depends on: what the version table holds
  /// when everything has been applied.
  public var effectiveHeadIDs: [String] { realHeads.map { revisions[$0].id } }
  /// The identifiers of the bases.
  public var baseIDs: [String] { bases.map { revisions[$0].id } }

  /// The script with an identifier.
  public subscript(id: String) -> Revision? { index(ofID: id).map { revisions[$0] } }

  /// The place of the revision with exactly this identifier.
  func index(ofID id: String) -> Int? {
    names[id].flatMap { revisions[$0].id == id ? $0 : nil }
  }
}
