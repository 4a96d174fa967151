internal import Diagnostics
internal import Glibc
internal import Quantities
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// How a drill went, for people.
struct DrillText {
  private let style: Style

  init(style: Style) { self.style = style }

  func of(_ outcome: DrillOutcome) -> String {
    var text = style.bold("Drill of \(outcome.runbook): ")
    text += outcome.isGood ? style.green("good") : style.red(verdict(outcome))
    text += "\n" + line("time to recover", outcome.recoveryTime)
    text += line("data lost", outcome.recoveryPoint)
    for vacuous in outcome.vacuous {
      text +=
        "  \(style.red("vacuous")): the check \"\(vacuous.check)\" of step \"\(vacuous.step)\" held "
        + "before its step ran\n"
    }
    for (words, steps) in [("played", outcome.simulated), ("left out", outcome.skipped)]
    where !steps.isEmpty {
      text += style.faint("  \(words): \(steps.joined(separator: ", "))") + "\n"
    }
    return text + style.faint("  record: \(outcome.folder)") + "\n"
  }

  private func verdict(_ outcome: DrillOutcome) -> String {
    if outcome.exit != .objectiveMissed { return outcome.status }
    let isMissed = !outcome.recoveryTime.isMet || !outcome.recoveryPoint.isMet
    return isMissed ? "objective missed" : "a check says nothing"
  }

  private func line(_ words: String, _ measurement: DrillOutcome.Measurement) -> String {
    if measurement.measured == nil, measurement.objective == nil { return "" }
    let measured = measurement.measured?.readable ?? "not measured"
    guard let objective = measurement.objective else { return "  \(words): \(measured)\n" }
    let verdict = measurement.isMet ? style.green("met") : style.red("missed")
    return "  \(words): \(measured), objective \(objective.readable): \(verdict)\n"
  }
}

/// What monitoring wants to know of a drill: a file for node_exporter's textfile collector.
struct DrillMetrics {
  private let outcome: DrillOutcome

  init(_ outcome: DrillOutcome) { self.outcome = outcome }

  func write(to path: FilePath) throws {
    let aside = FilePath(path.string + ".partial")
    let file = try FileDescriptor.open(
      aside, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
    guard rename(aside.string, path.string) == 0 else { throw Errno(rawValue: errno) }
  }

  var text: String {
    let ended = Double(outcome.finishedAt.microseconds) / 1_000_000
    var text = metric("good", "Whether the last drill was good.", outcome.isGood ? 1 : 0)
    text += metric("timestamp_seconds", "When the last drill ended.", ended)
    text += metric("rto_seconds", "Time to recover.", outcome.recoveryTime.measured?.seconds)
    text += metric(
      "rto_objective_seconds", "Most time that a recovery may take.",
      outcome.recoveryTime.objective?.seconds)
    text += metric("rpo_seconds", "Data lost, in time.", outcome.recoveryPoint.measured?.seconds)
    return text
      + metric(
        "rpo_objective_seconds", "Most data that may be lost, in time.",
        outcome.recoveryPoint.objective?.seconds)
  }

  private func metric(_ name: String, _ help: String, _ value: Double?) -> String {
    guard let value else { return "" }
    return """
      # HELP omcops_drill_\(name) \(help)
      # TYPE omcops_drill_\(name) gauge
      omcops_drill_\(name){runbook="\(outcome.runbook)"} \(value)

      """
  }
}
