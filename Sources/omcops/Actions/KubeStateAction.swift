internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// An action that brings objects into a state in which they may be already: `kube.scale`, `kube.suspend`,
/// `kube.cordon`.
///
/// Its `before` and `after` are lists with the state of each object; the `before` of one step is what `to`
/// of another takes, which brings that back.
protocol KubeStateAction: Action {
  /// An object, and the state that it shall have.
  associatedtype Goal: Sendable

  var cluster: RunCluster { get }

  /// What the step asks for: an element for each object.
  func goals(_ call: ActionCall) async throws -> [Goal]
  /// The state that the object of a goal has now, as `before` says it.
  func state(of goal: Goal, _ client: KubeClient) async throws -> Value
  /// Brings them there, and waits for it where the step says so.
  func reach(_ goals: [Goal], _ call: ActionCall, _ client: KubeClient) async throws
  /// Whether it is there, with all that belongs to it.
  func isReached(_ goal: Goal, _ call: ActionCall, _ client: KubeClient) async throws -> Bool
}

extension KubeStateAction {
  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await states(of: try await goals(call)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let goals = try await goals(call)
      // Nothing is changed when one of them is not there.
      let before = try await states(of: goals)
      try await reach(goals, call, try cluster.session().client)
      return ActionOutcome(
        result: [
          "before": call.before == .null ? before : call.before,
          "after": try await states(of: goals),
        ])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let goals = try await goals(call)
      let client = try cluster.session().client
      for goal in goals {
        guard try await isReached(goal, call, client) else { return .absent }
      }
      let now = try await states(of: goals)
      return .there(["before": call.before == .null ? now : call.before, "after": now])
    }
  }

  private func states(of goals: [Goal]) async throws -> Value {
    let client = try cluster.session().client
    var states: [Value] = []
    for goal in goals { states.append(try await state(of: goal, client)) }
    return .array(states)
  }

  /// The goals that a `before` of this action means.
  ///
  /// - Parameter goal: reads one element; nil where it does not say the state.
  func goals(
    backTo before: Value, _ goal: (Value) async throws -> Goal?
  ) async throws -> [Goal] {
    var goals: [Goal] = []
    for entry in before.array ?? [.null] {
      guard let found = try await goal(entry) else {
        throw ActionError(
          .other, "\"to\" does not say how its objects were",
          hint: "give it the \"before\" of another \(name)")
      }
      goals.append(found)
    }
    return goals
  }
}
