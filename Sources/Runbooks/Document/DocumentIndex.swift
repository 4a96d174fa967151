/// The page that lists the procedures.
enum DocumentIndex {
  static func page(_ runbooks: [Runbook], _ format: RunbookDocument.Format) -> Page {
    var page = Page(
      title: "Procedures",
      origin: "Rendered from the runbooks \(DocumentWriter.made) --to: change those files instead.")
    func link(_ name: String, _ text: Page.Inline) -> Page.Inline {
      .link([text], to: "\(name).\(format.fileExtension)")
    }
    page.blocks = [
      .heading(1, ["Procedures"]),
      .paragraph([
        .text(
          "Each page is a runbook as a person carries it out, with the command for every step. "),
        .code("omcops runbook run NAME"), .text(" does the same and checks it."),
      ]),
      .table(
        caption: "Procedures", header: ["Procedure", "What it does", "Risk", "Needs"],
        rows: runbooks.map { runbook in
          [
            [link(runbook.name, .code(runbook.name))], Prose.inline(runbook.title),
            [.text(runbook.risk.rawValue)],
            [.text(runbook.requirements.targets.joined(separator: ", "))],
          ]
        }),
    ]
    let answers = runbooks.flatMap { runbook in runbook.alerts.map { ($0, runbook.name) } }
      .sorted { $0 < $1 }
    if answers.isEmpty { return page }
    page.blocks += [
      .heading(2, ["When an alert fires"]),
      .table(
        caption: "When an alert fires", header: ["Alert", "Procedure"],
        rows: answers.map { alert, name in [[.code(alert)], [link(name, .code(name))]] }),
    ]
    return page
  }
}
