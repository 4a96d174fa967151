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
  private let markdown: String

  init(_ runbook: Runbook, _ driver: RunDriver, exit: ExitStatus) {
    let state = driver.state
    run = driver.folder.id
    self.exit = exit
    let steps = runbook.allSteps.map { step -> JSON in
      let now = state[step.id]
      return [
        "id": .string(step.id), "name": .string(step.name), "status": .string(now.status.rawValue),
        "ms": .int(now.milliseconds), "detail": JSON(now.detail.map(driver.masker.mask)),
      ]
    }
    let scope = driver.scope()
    var outputs: OrderedDictionary<String, JSON> = [:]
    for (name, output) in runbook.outputs where !output.isSecret {
      // What rests on a step that did not run has no value.
      outputs[name] = (try? output.value.evaluate(in: scope)).map {
        driver.masker.mask($0).json
      }
    }
    let changed = state.steps.values.contains { $0.hasBegun && $0.undo != .done }
    json = [
      "run": .string(run), "runbook": .string(runbook.name),
      "status": .string(state.finish?.status ?? ""), "exit": .int(Int64(exit.rawValue)),
      "changed": .bool(changed), "started-at": JSON(state.startedAt?.rfc3339()),
      "finished-at": JSON(state.time?.rfc3339()), "steps": .array(steps),
      "outputs": .object(outputs),
    ]
    markdown = RunReport.markdown(runbook, state, driver.masker, outputs)
  }

  private static func markdown(
    _ runbook: Runbook, _ state: RunState, _ masker: Masker,
    _ outputs: OrderedDictionary<String, JSON>
  ) -> String {
    var text =
      "# \(runbook.title)\n\nRun \(state.start?.id ?? ""): \(state.finish?.status ?? "")\n\n"
    for step in runbook.allSteps {
      let now = state[step.id]
      text += "* \(now.status.rawValue): \(step.name)"
      if let detail = now.detail { text += " (\(masker.mask(detail)))" }
      text += "\n"
    }
    for (name, value) in outputs { text += "\n\(name): \(value.string ?? value.text())\n" }
    return text
  }

  func write(to folder: RunFolder) throws {
    try DurableFile.write(Array((json.text(.pretty) + "\n").utf8), to: folder.report)
    try DurableFile.write(Array(markdown.utf8), to: folder.readableReport)
  }
}
