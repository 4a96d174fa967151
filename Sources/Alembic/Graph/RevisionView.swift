/// A revision and its place in the graph, as lists show it.
public struct RevisionView: Hashable, Sendable {
  /// The script.
  public var revision: Revision
  /// Whether no other revision follows it.
  public var isHead: Bool
  /// Whether no other follows or depends on it.
  public var isEffectiveHead: Bool
  /// Whether several follow it.
  public var isBranchPoint: Bool
  /// Whether it follows several.
  public var isMergePoint: Bool
  /// What follows it.
  public var next: [String]
  /// The labels of its branch, inherited ones too.
  public var labels: [String]
  /// Whether a row of the version table names it; nil where nobody asked a database.
  public var isCurrent: Bool?

  /// What a line shows beside the identifier.
  public struct Parts: OptionSet, Sendable {
    /// The set of a raw value.
    public let rawValue: Int
    /// Takes a raw value.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// The labels.
    public static let labels = Parts(rawValue: 1)
    /// The message.
    public static let doc = Parts(rawValue: 2)
    /// What it follows.
    public static let parents = Parts(rawValue: 4)
    /// Whether it is a branch point or a merge.
    public static let tree = Parts(rawValue: 8)
  }

  /// One line, as Alembic's lists have it: `a -> b (label) (head) (current), message`.
  public func line(_ parts: Parts) -> String {
    var text = revision.id
    if parts.contains(.parents) {
      let dependencies = revision.dependencies.joined(separator: ", ")
      text = "\(shownDown)\(dependencies.isEmpty ? "" : " (\(dependencies))") -> \(text)"
    }
    if parts.contains(.labels), !labels.isEmpty { text += " (\(labels.joined(separator: ", ")))" }
    if isEffectiveHead {
      text += " (head)"
    } else if isHead {
      text += " (effective head)"
    }
    if isCurrent == true { text += " (current)" }
    if parts.contains(.tree) { text += treeMarks }
    if parts.contains(.doc) { text += ", \(revision.doc)" }
    return text
  }

  /// The paragraph that `show` and `--verbose` print, without its last newline.
  public var entry: String {
    var text = "Rev: \(revision.id)\(isHead ? " (head)" : "")\(treeMarks)"
    text += "\(isCurrent == true ? " (current)" : "")\n"
    text += "\(isMergePoint ? "Merges" : "Parent"): \(shownDown)\n"
    if !revision.dependencies.isEmpty {
      text += "Also depends on: \(revision.dependencies.joined(separator: ", "))\n"
    }
    if isBranchPoint { text += "Branches into: \(next.joined(separator: ", "))\n" }
    if !labels.isEmpty { text += "Branch names: \(labels.joined(separator: ", "))\n" }
    text += "Path: \(revision.path)\n\n"
    let lines = revision.longDoc.split(separator: "\n", omittingEmptySubsequences: false)
    let isEmpty = revision.longDoc.isEmpty
    text += (isEmpty ? [] : lines).map { "    \($0)" }.joined(separator: "\n")
    return text + "\n"
  }

  private var treeMarks: String {
    (isBranchPoint ? " (branchpoint)" : "") + (isMergePoint ? " (mergepoint)" : "")
  }

  private var shownDown: String {
    let down = revision.downRevisions
    return down.isEmpty ? "<base>" : down.joined(separator: ", ")
  }
}

extension RevisionMap {
  /// All branch points, from the newest, each with what follows it.
  public func branchPoints() throws -> [(point: RevisionView, branches: [RevisionView])] {
    try history().filter(\.isBranchPoint).map { point in
      (point, point.next.compactMap { index(ofID: $0).map(view) })
    }
  }

  func view(_ index: Int) -> RevisionView {
    let node = nodes[index]
    return RevisionView(
      revision: revisions[index], isHead: node.next.isEmpty,
      isEffectiveHead: node.allNext.isEmpty, isBranchPoint: node.next.count > 1,
      isMergePoint: node.down.count > 1, next: ids(node.next), labels: Array(node.labels))
  }
}
