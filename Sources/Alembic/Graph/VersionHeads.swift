/// A change of one row of the version table.
public enum VersionChange: Hashable, Sendable {
  /// A branch begins.
  case insert(String)
  /// A branch ends.
  case delete(String)
  /// A branch moves.
  case update(from: String, to: String)
}

/// The rows of the version table while steps are applied, and what each step does to them.
///
/// Where several rows become one, Alembic leaves to chance which of them is changed and which are
/// deleted; here the last one named is changed. The rows are the same afterwards.
public struct VersionHeads: Sendable {
  /// The rows.
  public private(set) var heads: Set<String>
  private let map: RevisionMap

  /// Starts with the rows that a database has.
  public init(_ heads: some Sequence<String>, in map: RevisionMap) {
    self.heads = Set(heads)
    self.map = map
  }

  /// Moves on by a step and gives the changes to make, in order.
  ///
  /// - Throws: `RevisionError` when the rows do not fit the step.
  public mutating func apply(_ step: MigrationStep) throws -> [VersionChange] {
    let changes = try changes(for: step)
    for change in changes {
      switch change {
      case .insert(let version): try add(version)
      case .delete(let version): try remove(version)
      case .update(let old, let new):
        guard !heads.contains(new) else { throw doubled(new) }
        try remove(old)
        try add(new)
      }
    }
    return changes
  }

  private mutating func add(_ version: String) throws {
    guard heads.insert(version).inserted else { throw doubled(version) }
  }

  private mutating func remove(_ version: String) throws {
    guard heads.remove(version) != nil else {
      throw RevisionError(
        .other, "the version table has no row '\(version)', which the step would change",
        status: .blocked)
    }
  }

  private func doubled(_ version: String) -> RevisionError {
    RevisionError(
      .other, "the version table has the row '\(version)' already, which the step would add",
      status: .blocked)
  }

  private func changes(for step: MigrationStep) throws -> [VersionChange] {
    switch step.kind {
    case .upgrade: try upgradeChanges(step)
    case .downgrade: try downgradeChanges(step)
    case .stamp: try stampChanges(step)
    }
  }

  private func upgradeChanges(_ step: MigrationStep) throws -> [VersionChange] {
    let new = step.to[0]
    let present = step.from.filter { heads.contains($0) }
    if present.isEmpty { return [.insert(new)] }
    if step.from.count == 1 { return [.update(from: step.from[0], to: new)] }
    if present.count == 1 { return [.update(from: present[0], to: new)] }
    // A merge: what other heads stand for by dependency has no row of its own.
    let others = heads.subtracting(step.from)
    let merged = try step.from.filter { try !isImplied($0, by: others) }
    guard let last = merged.last else {
      throw RevisionError(.other, "no row of the version table leads to '\(new)'")
    }
    return merged.dropLast().map(VersionChange.delete) + [.update(from: last, to: new)]
  }

  private func downgradeChanges(_ step: MigrationStep) throws -> [VersionChange] {
    let old = step.from[0]
    guard heads.contains(old) else { return try movedDown(step) }
    if step.to.isEmpty { return [.delete(old)] }
    let revived = try revivedVersions(step)
    guard let last = revived.last else { return [.delete(old)] }
    if step.to.count == 1 { return [.update(from: old, to: step.to[0])] }
    return revived.dropLast().map(VersionChange.insert) + [.update(from: old, to: last)]
  }

  /// A step whose revision has no row: only its single predecessor can be meant.
  private func movedDown(_ step: MigrationStep) throws -> [VersionChange] {
    let candidates = step.to.count == 1 ? step.to : step.to.filter { heads.contains($0) }
    guard candidates.count == 1 else {
      throw RevisionError(.other, "Can't do an UPDATE because downrevision is ambiguous")
    }
    return [.update(from: step.from[0], to: candidates[0])]
  }

  /// What gets a row again when a merge, or a revision with dependencies, goes.
  private func revivedVersions(_ step: MigrationStep) throws -> [String] {
    let others = heads.subtracting(step.from)
    if !others.isEmpty { return try step.to.filter { try !isImplied($0, by: others) } }
    return try step.to.filter { version in
      try !isImplied(version, by: Set(step.to).subtracting([version]))
    }
  }

  private func stampChanges(_ step: MigrationStep) throws -> [VersionChange] {
    if !step.isUpgrade, step.movesBranch { return [.delete(step.from[0])] }
    if step.isUpgrade, step.movesBranch || !heads.isSuperset(of: step.from),
      !heads.isSuperset(of: step.to)
    {
      return [.insert(step.to[0])]
    }
    guard let last = step.from.last else {
      throw RevisionError(.other, "the stamp of '\(step.to[0])' changes no row")
    }
    return step.from.dropLast().map(VersionChange.delete) + [.update(from: last, to: step.to[0])]
  }

  /// Whether a version is applied because one of the others is.
  private func isImplied(_ version: String, by others: Set<String>) throws -> Bool {
    let tops = try others.compactMap { try map.index(forIdentifier: $0) }
    guard let index = map.index(ofID: version) else { return false }
    return map.ancestors(of: tops).contains(index)
  }
}
