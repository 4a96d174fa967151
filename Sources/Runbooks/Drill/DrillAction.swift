internal import Diagnostics
internal import OrderedCollections

/// The places in a runbook, and in those that it calls, that a drill simulates.
public struct DrillPlaces: Sendable {
  private let places: Set<String>

  /// Finds the steps that say `drill: simulate`.
  public init(_ runbook: Runbook, _ catalog: ActionCatalog) throws {
    let called = try CalledRunbooks(of: runbook, catalog: catalog).all
    func simulated(_ runbook: Runbook, _ prefix: String) -> [String] {
      runbook.allSteps.filter { $0.drill == .simulate }.map { prefix + $0.id }
    }
    let steps = Set(
      simulated(runbook, "") + called.flatMap { simulated($0, $0.name + "/") })
    places = Set(
      CallSites(runbook, calling: called).all
        .filter { $0.step.map(steps.contains) ?? false }
        .map { Performer.place(of: $0.location) })
  }

  /// An action for a drill: in steps that the drill simulates another one stands in for it.
  ///
  /// - Parameters:
  ///   - played: what stands in for it; nil is something that does nothing and gives a result of the
  ///     right shape.
  ///   - isAlwaysPlayed: whether it stands in for it in every step.
  public func prepared(
    _ action: any Action, played: (any Action)?, isAlwaysPlayed: Bool
  ) -> any Action {
    DrillAction(action, played: played, isAlwaysPlayed: isAlwaysPlayed, at: self)
  }

  /// The machine for a drill: scripts of simulated steps are not run.
  public var machine: any Machine { DrillMachine(at: self) }

  func contains(_ place: String) -> Bool { places.contains(place) }
}

/// An action in a drill: in steps that the drill simulates another one stands in for it.
struct DrillAction: Action {
  private let real: any Action
  private let played: any Action
  private let isAlwaysPlayed: Bool
  private let places: DrillPlaces
  /// Databases are throwaways: what looks at one in a simulated step looks at the real thing.
  private let isNeverPlayed: Bool

  init(
    _ real: any Action, played: (any Action)?, isAlwaysPlayed: Bool, at places: DrillPlaces
  ) {
    self.real = real
    self.played = played ?? PlausibleAction(real)
    self.isAlwaysPlayed = isAlwaysPlayed
    self.places = places
    let isOfDatabases = real.name.hasPrefix("sql.") || real.name.hasPrefix("db.")
    isNeverPlayed = isOfDatabases && real.effect == .read
  }

  var name: String { real.name }
  var effect: Effect { real.effect }
  var parameters: [ActionParameter] { real.parameters }
  var result: Shape { real.result }
  var isObservable: Bool { real.isObservable }

  private func actor(_ call: ActionCall) -> any Action {
    if isNeverPlayed { return real }
    return isAlwaysPlayed || places.contains(call.place) ? played : real
  }

  func observe(_ call: ActionCall) async throws -> Value {
    try await actor(call).observe(call)
  }
  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await actor(call).run(call)
  }
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await actor(call).recall(call)
  }
  func command(for with: OrderedDictionary<String, Value>) -> String {
    real.command(for: with)
  }
}

/// Does nothing, and gives a result that has the shape of a real one.
struct PlausibleAction: Action {
  private let real: any Action

  init(_ real: any Action) { self.real = real }

  var name: String { real.name }
  var effect: Effect { real.effect }
  var parameters: [ActionParameter] { real.parameters }
  var result: Shape { real.result }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    ActionOutcome(result: real.result.plausible(at: call.run.startedAt))
  }

  func command(for with: OrderedDictionary<String, Value>) -> String { real.command(for: with) }
}

/// The machine in a drill: scripts of simulated steps are not run.
struct DrillMachine: Machine {
  private let places: DrillPlaces

  /// Knows which scripts are simulated.
  init(at places: DrillPlaces) { self.places = places }

  func run(_ script: ScriptCall) async throws -> Value? {
    guard places.contains(script.place) else { return nil }
    return ["exit-code": 0, "stdout": "", "stderr": ""]
  }

  /// From their places.
  func secret(_ source: SecretSource) throws -> String? { nil }

  /// Looked for on this machine.
  func has(tool: String, version: String) async throws -> Bool { false }
}
