public import Alembic

/// Where a database stands, seen from a target of its project.
public struct MigrationPosition: Sendable {
  /// How the database stands to the target.
  public enum Relation: String, Hashable, Sendable {
    /// It is there.
    case same
    /// Steps upwards lead there.
    case behind
    /// The target is below: steps downwards lead there.
    case ahead
    /// The target is on another branch.
    case diverged
    /// The version table names a revision that the project does not have.
    case unknown
  }

  /// The way that may be taken.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    case up, down

    fileprivate var opposite: Direction { self == .up ? .down : .up }
  }

  /// The version rows.
  public var current: [String]
  /// The heads of the project.
  public var heads: [String]
  /// How the database stands to the target.
  public var relation: Relation
  /// The steps that lead to the target in the direction asked for; none where none do.
  public var steps: [MigrationStep]
  /// The version rows at the target; nil where no steps lead there.
  public var target: [String]?

  /// The one word that `downgrade` takes to come back here: `base` for none; nil where several
  /// rows stand side by side.
  public var name: String? { current.count > 1 ? nil : current.first ?? "base" }
}

extension Migrator {
  /// Where a state stands, seen from a target.
  ///
  /// - Throws: `RevisionError` for a target that the project does not have.
  public func position(
    of state: State, to target: String, _ direction: MigrationPosition.Direction
  ) throws -> MigrationPosition {
    let map = scripts.map
    var position = MigrationPosition(
      current: state.heads.sorted(), heads: map.effectiveHeadIDs.sorted(), relation: .unknown,
      steps: [], target: nil)
    if state.heads.contains(where: { map[$0] == nil }) { return position }
    if !isDistance(target), target != "base" { _ = try map.views(of: .one(target)) }
    let way = try steps { try self.steps(direction, target, state) }
    position.steps = way ?? []
    if let way, !way.isEmpty {
      position.relation = direction == .up ? .behind : .ahead
    } else {
      let isReached = isDistance(target) || direction == .up && ["head", "heads"].contains(target)
      let back =
        isReached
        ? [] : try steps { try self.steps(direction.opposite, target, state) } ?? []
      position.relation =
        !back.isEmpty
        ? (direction == .up ? .ahead : .behind) : way == nil ? .diverged : .same
    }
    guard way != nil else { return position }
    var rows = VersionHeads(state.heads, in: map)
    for step in position.steps { _ = try rows.apply(step) }
    position.target = rows.heads.sorted()
    return position
  }

  private func steps(
    _ direction: MigrationPosition.Direction, _ target: String, _ state: State
  ) throws -> [MigrationStep] {
    switch direction {
    // Alembic knows no way up to the base: it is below everything.
    case .up: target == "base" ? [] : try scripts.map.upgradeSteps(to: target, from: state.heads)
    case .down: try scripts.map.downgradeSteps(to: target, from: state.heads)
    }
  }

  /// Whether a target is told by a distance, which leads one way only.
  private func isDistance(_ target: String) -> Bool {
    target.contains { $0 == "+" || $0 == "-" }
  }

  /// The steps of a way; nil where there is no such way.
  private func steps(_ way: () throws -> [MigrationStep]) throws -> [MigrationStep]? {
    do {
      return try way()
    } catch let error as RevisionError {
      if case .rangeNotAncestor = error.kind { return nil }
      throw error
    }
  }
}
