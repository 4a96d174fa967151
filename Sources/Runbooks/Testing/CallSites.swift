internal import Diagnostics

/// Every place of a runbook, and of those that it calls, where something is called. Places and steps
/// of called runbooks have the runbook's name before them: `database-backup/verify-backup`.
struct CallSites: Sendable {
  /// One place.
  struct Site: Sendable {
    /// `guard`, `STEP`, `STEP.guard`, `STEP.check`, `STEP.undo`, `STEP.undo.check`.
    let place: String
    /// The step; nil for the guards of the runbook.
    let step: String?
    /// The guard's or check's name.
    let assertion: String?
    /// The action, or `bash` and `sh`.
    let uses: String
    let isUndo: Bool
    let location: SourceLocation

    /// In words: `guard "The server is a primary"`.
    var words: String { assertion.map { "\(place) \"\($0)\"" } ?? place }
    /// Whether it is the step's own action, which brings its effect about.
    var isWork: Bool { place == step }
  }

  private(set) var all: [Site] = []
  private var byPlace: [String: Site] = [:]

  init(_ runbook: Runbook, calling called: [Runbook] = []) {
    add(runbook, prefix: "")
    for other in called { add(other, prefix: other.name + "/") }
  }

  private mutating func add(_ runbook: Runbook, prefix: String) {
    for assertion in runbook.guards { add(assertion.probe, prefix + "guard", nil, assertion.name) }
    for step in runbook.allSteps {
      let id = prefix + step.id
      add(step.work, id, id)
      for assertion in step.guards { add(assertion.probe, id + ".guard", id, assertion.name) }
      for assertion in step.checks { add(assertion.probe, id + ".check", id, assertion.name) }
      guard case .action(let undo) = step.undo else { continue }
      add(undo.work, id + ".undo", id, isUndo: true)
      for assertion in undo.checks { add(assertion.probe, id + ".undo.check", id, assertion.name) }
    }
  }

  private mutating func add(
    _ work: Work?, _ place: String, _ step: String?, _ assertion: String? = nil,
    isUndo: Bool = false
  ) {
    guard let work else { return }
    let (uses, location) =
      switch work {
      case .action(let action): (action.name, action.location)
      case .script(let script): (script.shell.rawValue, script.location)
      }
    let site = Site(
      place: place, step: step, assertion: assertion, uses: uses, isUndo: isUndo,
      location: location)
    all.append(site)
    byPlace[Performer.place(of: location)] = site
  }

  /// The site of a call by its place in the file.
  subscript(place: String) -> Site? { byPlace[place] }
}
