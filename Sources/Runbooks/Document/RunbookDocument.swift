internal import OrderedCollections
internal import Quantities
internal import Text

/// A runbook as a numbered procedure that a person can carry out without this program's engine.
public struct RunbookDocument: Sendable {
  /// How a document is written.
  public enum Format: String, Sendable, CaseIterable {
    case markdown, html

    /// What the names of such files end in.
    public var fileExtension: String { self == .markdown ? "md" : "html" }
  }

  /// The name of the runbook, which is that of its page too.
  public let name: String
  private let page: Page

  /// Describes a runbook; the commands are those of the actions that the catalog offers.
  public init(_ runbook: Runbook, catalog: ActionCatalog) {
    name = runbook.name
    var writer = DocumentWriter(runbook, catalog)
    page = writer.page()
  }

  /// The whole text of the page.
  public func text(as format: Format) -> String {
    switch format {
    case .markdown: MarkdownWriter.text(page)
    case .html: PageHTML.text(page)
    }
  }

  /// The page that lists the documents of all runbooks.
  ///
  /// - Parameter runbooks: in the order in which they are listed.
  public static func index(of runbooks: [Runbook], as format: Format) -> String {
    let page = DocumentIndex.page(runbooks, format)
    switch format {
    case .markdown: return MarkdownWriter.text(page)
    case .html: return PageHTML.text(page)
    }
  }

  /// The file of the page that lists all others, where such pages are looked for.
  public static func indexName(_ format: Format) -> String {
    format == .markdown ? "README.md" : "index.html"
  }

  /// Whether a text is a page that was rendered, and not one that somebody wrote.
  public static func isRendered(_ text: String) -> Bool {
    text.prefix(1200).contains(text: DocumentWriter.made)
  }
}

/// Writes the document of one runbook.
struct DocumentWriter {
  let runbook: Runbook
  let catalog: ActionCatalog
  var variables = Variables()

  /// What every rendered page says of itself.
  static let made = "by `omcops runbook doc`"

  init(_ runbook: Runbook, _ catalog: ActionCatalog) {
    self.runbook = runbook
    self.catalog = catalog
    // Inputs come first, so that they keep their own names.
    for name in runbook.inputs.keys { _ = variables.name(for: .input(name)) }
  }

  mutating func page() -> Page {
    // What the steps need is known when they are written.
    let guards = guardSection()
    let steps = stepSections()
    let back = undoSection()
    var page = Page(
      title: runbook.title,
      origin: "Rendered from \(runbook.name).yaml \(DocumentWriter.made): change that file instead."
    )
    page.blocks = [.heading(1, Prose.inline(runbook.title))]
    page.blocks += Prose.blocks(runbook.description)
    page.blocks += facts() + alerts() + byTool()
    let preparation = needs() + inputSection() + valueSection()
    page.blocks += [.heading(2, ["Before you begin"])] + preparation + guards
    page.blocks += steps + back + drillSection() + outputSection()
    return page
  }

  // MARK: What it is

  private mutating func facts() -> [Page.Block] {
    var rows: [[[Page.Inline]]] = [
      [["Name"], [.code(runbook.name)]],
      [["Risk"], [.strong([.text(runbook.risk.rawValue)]), .text(": \(runbook.risk.words)")]],
    ]
    if let owner = runbook.owner { rows.append([["Owner"], [.text(owner)]]) }
    if let time = runbook.timeout {
      rows.append([["Takes at most"], [.text(variables.text(of: time))]])
    }
    if !runbook.tags.isEmpty {
      rows.append([["Tags"], [.text(runbook.tags.joined(separator: ", "))]])
    }
    rows.append([["If a step fails"], [.text(runbook.onFailure.words)]])
    return [.table(caption: "What it is", header: ["", ""], rows: rows)]
  }

  private func alerts() -> [Page.Block] {
    guard !runbook.alerts.isEmpty else { return [] }
    let names = runbook.alerts.map { [Page.Inline.code($0)] }.joined(separator: [.text(", ")])
    let word = runbook.alerts.count == 1 ? "alert" : "alerts"
    return [.paragraph([.text("Answers the \(word) ")] + names + [.text(".")])]
  }

  private func byTool() -> [Page.Block] {
    let given = runbook.inputs.values.filter(\.isRequired).map { " -i \($0.name)=..." }.joined()
    return [
      .paragraph([
        .text("The tool does all of it, checks every step and keeps a record; "),
        .code("plan"), .text(" only looks:"),
      ]),
      .code(
        "omcops runbook plan \(runbook.name)\(given)\nomcops runbook run \(runbook.name)\(given)",
        language: "sh"),
      .paragraph([
        .text(
          "By hand, go through the steps in order. Tick off what is so; where something is not, "),
        .text("stop there: what follows rests on it. Words with "), .code("$"),
        .text(" are variables of your shell: set them as you go, and the commands can be pasted."),
      ]),
    ]
  }

  // MARK: What it needs

  private mutating func needs() -> [Page.Block] {
    var items: [[Page.Block]] = runbook.requirements.targets.map { kind in
      [.paragraph([.text("An environment with \(Self.words(forTarget: kind)).")])]
    }
    for (tool, version) in runbook.requirements.tools {
      items.append([
        .paragraph([
          .text("The program "), .code(tool), .text(", version "), .code(version), .text("."),
        ])
      ])
    }
    for secret in runbook.secrets.values {
      let name = variables.name(for: .secret(secret.name))
      let what = secret.description.map { ": \($0)" } ?? ""
      items.append([
        .paragraph([
          .text("A secret\(what), from \(secret.words); keep it in "), .code("$\(name)"),
          .text(" and out of command lines and logs."),
        ])
      ])
    }
    if let concurrency = runbook.concurrency {
      items.append([
        .paragraph([
          .text("Nobody else works on "), .code(variables.text(of: concurrency.group)),
          .text(" meanwhile: tell the others, the tool is kept out only by its own lock."),
        ])
      ])
    }
    return items.isEmpty ? [] : [.bullets(items)]
  }

  private static func words(forTarget kind: String) -> String {
    switch kind {
    case "database": "a database"
    case "kubernetes": "a Kubernetes cluster"
    case "aws": "an AWS account"
    case "prometheus": "Prometheus"
    case "alertmanager": "Alertmanager"
    case "loki": "Loki"
    case "github": "a GitHub repository"
    case "terraform": "a Terraform project"
    default: kind
    }
  }

  private mutating func inputSection() -> [Page.Block] {
    guard !runbook.inputs.isEmpty else { return [] }
    let rows = runbook.inputs.values.map { input -> [[Page.Inline]] in
      let value = input.defaultValue?.text
      let given: [Page.Inline] =
        value.map { [.code($0)] } ?? [.text(input.isRequired ? "must be given" : "nothing")]
      return [
        [.code("$\(variables.name(for: .input(input.name)))")],
        Prose.inline(input.description) + Self.bounds(of: input), given,
      ]
    }
    return [
      .heading(3, ["Inputs"]),
      .table(caption: "Inputs", header: ["Variable", "What it is", "Default"], rows: rows),
      .code(settings(), language: "sh"),
    ]
  }

  /// The lines that give the inputs to a shell, and the environment to the commands.
  private mutating func settings() -> String {
    var lines = ""
    for input in runbook.inputs.values {
      let name = variables.name(for: .input(input.name))
      let value = input.defaultValue?.text ?? ""
      lines += "\(name)=\(value.isEmpty ? "" : ShellText.quoted(value))\n"
      // Every command of omcops takes its environment from there.
      if input.kind == .environment { lines += "export OMCOPS_ENVIRONMENT=\"$\(name)\"\n" }
    }
    return lines
  }

  private static func bounds(of input: Input) -> [Page.Inline] {
    func number(_ value: Double) -> String { Value.double(value).text ?? "" }
    var notes: [[Page.Inline]] = []
    switch input.kind {
    case .choice:
      notes.append([.text("one of ")] + input.options.map { [.code($0)] }.joined(separator: [", "]))
    case .boolean: notes.append([.code("true"), .text(" or "), .code("false")])
    case .duration: notes.append([.text("a duration such as "), .code("5m")])
    case .number, .environment: notes.append([.text(input.kind.rawValue)])
    case .string, .path: break
    }
    if let minimum = input.minimum { notes.append([.text("at least \(number(minimum))")]) }
    if let maximum = input.maximum { notes.append([.text("at most \(number(maximum))")]) }
    if let pattern = input.pattern { notes.append([.text("matches "), .code(pattern)]) }
    if notes.isEmpty { return [] }
    return [.text(" (")] + notes.joined(separator: [.text("; ")]) + [.text(")")]
  }

  /// The variables that are neither inputs nor what steps give.
  private func valueSection() -> [Page.Block] {
    var rows: [[[Page.Inline]]] = []
    for (origin, name) in variables.names {
      let what: [Page.Inline]
      switch origin {
      case .target(let path):
        what = [.code(path), .text(" of the environment")]
      case .run("short-id"):
        what = [.text("a short name for this run, such as "), .code("k7q2")]
      case .run("id"):
        what = [.text("a name for this run, such as "), .code("\(runbook.name)-k7q2")]
      case .run("started-at"):
        what = [.text("when you began, such as "), .code("2026-11-23T08:15:02Z")]
      case .run(let member): what = [.code(member), .text(" of this run")]
      case .environment(let variable):
        guard let template = runbook.environment[variable] else { continue }
        what = [.code(template.spelling)]
      case .expression(let source): what = [.text("what "), .code(source), .text(" comes to")]
      case .step(let id, "status"): what = [.text("how step "), .code(id), .text(" ended")]
      case .step(let id, let member):
        let word = member == "started-at" ? "began" : "ended"
        what = [.text("when step "), .code(id), .text(" \(word)")]
      case .input, .output, .secret: continue
      }
      rows.append([[.code("$\(name)")], what])
    }
    if rows.isEmpty { return [] }
    return [
      .heading(3, ["Other values"]),
      .table(caption: "Other values", header: ["Variable", "What it is"], rows: rows),
    ]
  }

  private mutating func guardSection() -> [Page.Block] {
    guard !runbook.guards.isEmpty else { return [] }
    return [
      .heading(3, ["What must be so"]),
      .paragraph([.text("Nothing has been changed yet. If one of these is not so, do not begin.")]),
      .tasks(runbook.guards.map { task($0) }),
    ]
  }

  // MARK: What it gives, and how it is exercised

  private mutating func outputSection() -> [Page.Block] {
    guard !runbook.outputs.isEmpty else { return [] }
    let rows = runbook.outputs.map { name, output -> [[Page.Inline]] in
      [[.code(name)], Prose.inline(output.description ?? ""), [.code(value(of: output))]]
    }
    return [
      .heading(2, ["What to report"]),
      .table(caption: "What to report", header: ["", "What it is", "Value"], rows: rows),
    ]
  }

  /// How an output is computed, for people.
  mutating func value(of output: Output) -> String {
    if case .expression(let expression) = output.value.form {
      return variables.text(of: expression)
    }
    return variables.text(of: output.value)
  }

  private mutating func drillSection() -> [Page.Block] {
    guard let drill = runbook.drill else { return [] }
    var items: [[Page.Block]] = []
    func add(_ pieces: [Page.Inline]) { items.append([.paragraph(pieces)]) }
    if let every = drill.every { add([.text("Due every \(variables.text(of: every)).")]) }
    for (kind, stand) in drill.targets { add([.text("The \(kind) is \(stand).")]) }
    if let seed = drill.seed {
      add([.text("It begins with the data of "), .code(seed), .text(".")])
    }
    if let time = drill.recoveryTime {
      let way = [
        drill.measureFrom.map { "from the beginning of `\($0)`" },
        drill.measureTo.map { "to the end of `\($0)`" },
      ].compactMap(\.self).joined(separator: " ")
      add(
        Prose.inline(
          "The recovery may take \(variables.text(of: time))\(way.isEmpty ? "" : ", \(way)")."))
    }
    if let point = drill.recoveryPoint {
      add([.text("At most \(variables.text(of: point)) of data may be lost.")])
    }
    for (name, value) in drill.inputs {
      add([.text("Input "), .code(name), .text(" is "), .code(value.text ?? "null"), .text(".")])
    }
    let drilled = runbook.allSteps.filter { $0.drill != .run }.map { step in
      "`\(step.id)` is \(step.drill == .skip ? "left out" : "simulated")"
    }
    if !drilled.isEmpty { add(Prose.inline(drilled.joined(separator: ", ") + ".")) }
    return [
      .heading(2, ["Drill"]), .code("omcops runbook drill \(runbook.name)", language: "sh"),
      .bullets(items),
    ]
  }
}

extension [[Page.Inline]] {
  /// All of them in one line, with something between two.
  func joined(separator: [Page.Inline]) -> [Page.Inline] {
    var line: [Page.Inline] = []
    for (index, pieces) in enumerated() { line += index == 0 ? pieces : separator + pieces }
    return line
  }
}

extension Runbook.Risk {
  /// What the word means.
  var words: String {
    switch self {
    case .read: "changes nothing"
    case .low: "changes little, and nothing that hurts"
    case .high: "changes what people work with"
    case .destructive: "takes away what cannot be made again without a backup"
    }
  }
}

extension Runbook.FailurePolicy {
  fileprivate var words: String {
    switch self {
    case .stop: "stop; mend the cause and go on there, or take back what was done"
    case .undo: "take back what was done, the last step first"
    case .ask: "decide: once more, take back what was done, or leave everything as it is"
    }
  }
}

extension SecretSource {
  fileprivate var words: String {
    let part = key.map { " (its part \($0))" } ?? ""
    switch place {
    case .environment(let name): return "the variable \(name)\(part)"
    case .file(let path): return "the file \(path)\(part)"
    case .awsSecretsManager(let id): return "AWS Secrets Manager, \(id)\(part)"
    case .kubernetes(let name): return "the Kubernetes secret \(name)\(part)"
    case .prompt: return "whoever knows it"
    }
  }
}
