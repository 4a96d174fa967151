internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube apply`.
struct KubeApply: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Bring objects into a cluster as files describe them.",
    discussion: discussion(
      """
      Server-side apply, as field manager 'omcops': the objects get the fields that the files have, \
      and lose those that an earlier apply gave and the files no longer have. All objects are tried \
      first, so that nothing is changed when one cannot be applied. --plan shows each field that \
      would become different, and changes nothing; values of Secrets are masked. Fields that \
      somebody else owns are a conflict (status 4), which --force-conflicts overrules.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "File of YAML or JSON, folder of such files, or - for standard input; may be given again.",
      valueName: "file"), completion: .file(extensions: ["yaml", "yml", "json"]))
  var filename: [String] = []

  @Flag(help: "Take fields that others own.")
  var forceConflicts = false

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !filename.isEmpty else { throw ValidationError("--filename is missing: what to apply") }
  }

  func run(_ context: Context) async throws {
    let files = ManifestFiles(names: filename, context: context)
    let manifests = try files.read()
    let session = try kube.session(context, readsInput: filename.contains("-"))
    let applier = Applier(
      session.client, namespace: session.namespace, isForced: forceConflicts)
    let steps = try await applier.plan(manifests)
    if plan { return show(steps, isDone: false, context) }
    let due = steps.filter { $0.action != .none }
    if !due.isEmpty {
      let names = due.map { "\($0.reference)" }.joined(separator: ", ")
      try session.require(confirmation.given, for: "apply \(names)", context)
    }
    // Objects that stay as they are get applied too: from then on their fields are ours.
    try await applier.run(steps) { _, _ in }
    show(steps, isDone: true, context)
  }

  private func show(_ steps: [Applier.Step], isDone: Bool, _ context: Context) {
    guard output.output == .table, !isDone else {
      return output.emit(
        RowSet(
          ["object", "namespace", "action", "done", "changes"],
          rows: steps.map { step in
            [
              .text("\(step.reference)"), Cell(step.reference.namespace),
              .text(step.action.rawValue), .bool(isDone), changes(step),
            ]
          }), to: context)
    }
    for step in steps {
      let place = step.reference.namespace.map { " in \($0)" } ?? ""
      context.output.write("\(step.reference)\(place): \(step.action.words)\n")
      for change in step.changes {
        context.output.write("  \(change.text)\n")
      }
    }
  }

  private func changes(_ step: Applier.Step) -> Cell {
    if output.output == .table { return Cell(step.changes.count) }
    return .json(
      JSON.array(
        step.changes.map {
          ["path": .string($0.path), "old": $0.old ?? .null, "new": $0.new ?? .null]
        }
      ).text())
  }
}

extension Applier.Step.Action {
  fileprivate var words: String {
    switch self {
    case .create: "would be created"
    case .change: "would be changed"
    case .none: "stays as it is"
    }
  }
}

extension FieldChange {
  /// `~ .spec.replicas: 1 -> 3`, `+ ...: new`, `- ...: old`.
  var text: String {
    func value(_ json: JSON) -> String { json.text().harmless }
    switch (old, new) {
    case (let old?, let new?): return "~ \(path): \(value(old)) -> \(value(new))"
    case (nil, let new?): return "+ \(path): \(value(new))"
    case (let old?, nil): return "- \(path): \(value(old))"
    case (nil, nil): return path
    }
  }
}

/// The files that somebody wants to apply.
private struct ManifestFiles {
  let names: [String]
  let context: Context

  func read() throws -> [Manifest] {
    var all: [Manifest] = []
    for name in names {
      if name == "-" {
        all += try Manifest.read(context.input.readAll(), file: "standard input")
        continue
      }
      for path in try ManifestFolder.files(name, in: context.workingDirectory) {
        all += try Manifest.read(try ManifestFolder.bytes(path, in: context), file: path)
      }
    }
    guard !all.isEmpty else {
      throw KubeError(.invalidRequest, "\(names.joined(separator: ", ")): there is no object in it")
    }
    return all
  }
}
