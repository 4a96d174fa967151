internal import Alembic
internal import JSON
internal import Terminal

/// Revisions as a list: for people as Alembic prints them, for programs as rows.
struct RevisionList {
  private let views: [RevisionView]
  private let output: OutputOptions
  private let isVerbose: Bool
  private let parts: RevisionView.Parts

  init(
    _ views: [RevisionView], _ output: OutputOptions, verbose: Bool, parts: RevisionView.Parts
  ) {
    self.views = views
    self.output = output
    isVerbose = verbose
    self.parts = parts
  }

  func print(to context: Context) {
    guard output.output == .table else { return output.emit(rows, to: context) }
    for view in views {
      context.output.write((isVerbose ? view.entry : view.line(parts)) + "\n")
    }
  }

  private var rows: RowSet {
    RowSet(
      [
        "revision", "down_revisions", "depends_on", "labels", "message", "head", "effective_head",
        "branch_point", "merge_point", "current", "next", "path",
      ],
      rows: views.map { view in
        [
          .text(view.revision.id), list(view.revision.downRevisions),
          list(view.revision.dependencies), list(view.labels), .text(view.revision.doc),
          .bool(view.isHead), .bool(view.isHead && !view.isEffectiveHead),
          .bool(view.isBranchPoint), .bool(view.isMergePoint),
          view.isCurrent.map(Cell.bool) ?? .null, list(view.next), .text(view.revision.path),
        ]
      })
  }

  private func list(_ names: [String]) -> Cell {
    .json(JSON.array(names.map(JSON.string)).text())
  }
}
