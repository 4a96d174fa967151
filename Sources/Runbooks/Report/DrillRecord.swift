internal import JSON

/// What `drill.json` of a run's folder says besides the objectives: that the run was a drill, and what
/// it found out about the runbook.
struct DrillRecord: Hashable, Sendable {
  /// A check that held before its step ran, so that it proves nothing.
  struct VacuousCheck: Hashable, Sendable {
    var step: String
    var check: String
  }

  /// The exit status of the drill: 9 where the run went well and the drill did not.
  var exit: Int32
  /// Steps that were only played.
  var simulated: [String]
  /// Steps that were left out.
  var skipped: [String]
  var vacuous: [VacuousCheck]

  /// Nil for what is no record of a drill.
  init?(_ json: JSON) {
    guard json["objectives"]?.array != nil else { return nil }
    exit = Int32(clamping: json["exit"]?.int ?? 0)
    simulated = json["simulated"]?.array?.compactMap(\.string) ?? []
    skipped = json["skipped"]?.array?.compactMap(\.string) ?? []
    vacuous = (json["vacuous"]?.array ?? []).compactMap { found in
      guard let step = found["step"]?.string, let check = found["check"]?.string else { return nil }
      return VacuousCheck(step: step, check: check)
    }
  }

  /// As it stands in reports.
  var json: JSON {
    [
      "exit": .int(Int64(exit)), "simulated": .array(simulated.map(JSON.string)),
      "skipped": .array(skipped.map(JSON.string)),
      "vacuous": .array(vacuous.map { ["step": .string($0.step), "check": .string($0.check)] }),
    ]
  }

  /// What has to be known of a drill, a sentence each.
  var sentences: [String] {
    var sentences = ["This was a drill on throwaways: nothing that people work with was touched."]
    if !simulated.isEmpty { sentences.append("Only played: \(simulated.joined(separator: ", ")).") }
    if !skipped.isEmpty { sentences.append("Left out: \(skipped.joined(separator: ", ")).") }
    return sentences
      + vacuous.map { "“\($0.check)” held before step \($0.step) ran: it proves nothing there." }
  }
}
