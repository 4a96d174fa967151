/// One step of a run: a script upwards or downwards, or a stamp that only moves version rows.
public struct MigrationStep: Hashable, Sendable {
  /// What the step does.
  public enum Kind: Hashable, Sendable {
    /// Runs `upgrade()`.
    case upgrade
    /// Runs `downgrade()`.
    case downgrade
    /// Runs nothing.
    case stamp

    /// The name of the function, as Alembic's log has it.
    public var functionName: String {
      switch self {
      case .upgrade: "upgrade"
      case .downgrade: "downgrade"
      case .stamp: "stamp_revision"
      }
    }
  }

  /// What it does.
  public var kind: Kind
  /// The script; nil for a stamp.
  public var revision: Revision?
  /// What has to be applied before, dependencies included.
  public var from: [String]
  /// What is applied after it, dependencies included.
  public var to: [String]
  /// The same without dependencies, as messages show it.
  public var shownFrom: [String]
  /// The same without dependencies, as messages show it.
  public var shownTo: [String]
  /// Whether the step goes up; stamps go either way.
  public var isUpgrade: Bool
  /// Whether a stamp begins or ends a branch.
  var movesBranch = false

  init(
    _ kind: Kind, revision: Revision?, from: [String], to: [String], shownFrom: [String],
    shownTo: [String], isUpgrade: Bool, movesBranch: Bool = false
  ) {
    self.kind = kind
    self.revision = revision
    self.from = from
    self.to = to
    self.shownFrom = shownFrom
    self.shownTo = shownTo
    self.isUpgrade = isUpgrade
    self.movesBranch = movesBranch
  }

  init(stampFrom from: [String], to: [String], isUpgrade: Bool, movesBranch: Bool) {
    self.init(
      .stamp, revision: nil, from: from, to: to, shownFrom: from, shownTo: to,
      isUpgrade: isUpgrade, movesBranch: movesBranch)
  }

  /// `upgrade a -> b`, as offline scripts name the step.
  public var shortDescription: String {
    "\(kind.functionName) \(shownFrom.joined(separator: ", ")) -> "
      + shownTo.joined(separator: ", ")
  }

  /// `upgrade a -> b, message`, as Alembic's log names the step.
  public var description: String {
    guard let doc = revision?.doc, !doc.isEmpty else { return shortDescription }
    return "\(shortDescription), \(doc)"
  }
}

extension RevisionMap {
  func upgradeStep(_ index: Int) -> MigrationStep {
    let node = nodes[index]
    return MigrationStep(
      .upgrade, revision: revisions[index], from: ids(node.normalizedDown),
      to: [revisions[index].id], shownFrom: ids(node.down), shownTo: [revisions[index].id],
      isUpgrade: true)
  }

  func downgradeStep(_ index: Int) -> MigrationStep {
    let node = nodes[index]
    return MigrationStep(
      .downgrade, revision: revisions[index], from: [revisions[index].id],
      to: ids(node.normalizedDown), shownFrom: [revisions[index].id], shownTo: ids(node.down),
      isUpgrade: false)
  }

  func ids(_ indices: [Int]) -> [String] { indices.map { revisions[$0].id } }
}
