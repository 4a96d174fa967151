public import Diagnostics
public import JSON
internal import OrderedCollections
internal import Quantities

/// How a run ended, for people and for programs.
public struct RunReport: Sendable {
  /// The run's id.
  public let run: String
  /// The exit status that the run leads to.
  public let exit: ExitStatus
  /// The report as documented: run, status, steps, outputs.
  public let json: JSON
  /// The end in a few words for whoever called the run: `failed at "Swap": no connection`; masked.
  let words: String
  /// Whether anything was changed and not taken back.
  let changed: Bool
  /// The outputs as texts.
  let texts: OrderedDictionary<String, String>
  private let markdown: String

  init(_ runbook: Runbook, _ driver: RunDriver, exit: ExitStatus) {
    let state = driver.state
    run = driver.folder.id
    self.exit = exit
    let steps = runbook.allSteps.map { step -> JSON in
      let now = state[step.id]
      var line: OrderedDictionary<String, JSON> = [
        "id": .string(step.id), "name": .string(step.name), "status": .string(now.status.rawValue),
        "ms": .int(now.milliseconds), "detail": JSON(now.detail.map(driver.masker.mask)),
      ]
      if let called = now.called { line["called"] = .string(called) }
      return .object(line)
    }
    let scope = driver.scope()
    var outputs: OrderedDictionary<String, JSON> = [:]
    var texts: OrderedDictionary<String, String> = [:]
    for (name, output) in runbook.outputs where !output.isSecret {
      // What rests on a step that did not run has no value.
      guard let value = try? output.value.evaluate(in: scope) else { continue }
      let masked = driver.masker.mask(value)
      outputs[name] = masked.json
      texts[name] = masked.readable
    }
    self.texts = texts
    let reason = driver.stopped.map { " at \"\($0.name)\": \($0.reason)" } ?? ""
    words = "\(state.finish?.status ?? "cut off")\(reason)"
    let isUndone = state.finish?.status == "undone"
    changed =
      !isUndone
      && runbook.allSteps.contains { step in
        let effect = driver.performer.effect(of: step.work)
        let now = state[step.id]
        return (effect == .write || effect == .destroy) && now.hasBegun && now.undo != .done
      }
    json = [
      "run": .string(run), "runbook": .string(runbook.name),
      "status": .string(state.finish?.status ?? ""), "exit": .int(Int64(exit.rawValue)),
      "changed": .bool(changed), "started-at": JSON(state.startedAt?.rfc3339()),
      "finished-at": JSON(state.time?.rfc3339()), "steps": .array(steps),
      "outputs": .object(outputs),
    ]
    markdown = RunReport.markdown(runbook, state, driver.masker, texts)
  }

  private static func markdown(
    _ runbook: Runbook, _ state: RunState, _ masker: Masker,
    _ outputs: OrderedDictionary<String, String>
  ) -> String {
    var text =
      "# \(runbook.title)\n\nRun \(state.start?.id ?? ""): \(state.finish?.status ?? "")\n\n"
    for step in runbook.allSteps {
      let now = state[step.id]
      text += "* \(now.status.rawValue): \(step.name)"
      if let detail = now.detail { text += " (\(masker.mask(detail)))" }
      text += "\n"
    }
    for (name, value) in outputs { text += "\n\(name): \(value)\n" }
    return text
  }

  func write(to folder: RunFolder) throws {
    try DurableFile.write(Array((json.text(.pretty) + "\n").utf8), to: folder.report)
    try DurableFile.write(Array(markdown.utf8), to: folder.readableReport)
  }
}

extension Value {
  /// For people: durations in words, lists and mappings as JSON.
  fileprivate var readable: String {
    if case .duration(let duration) = self { return duration.readable }
    return text ?? json.text()
  }
}
