import OrderedCollections
import Quantities
import Synchronization

@testable import Runbooks

/// A value that several tasks share.
final class Shared<Value: Sendable>: Sendable {
  private let mutex: Mutex<Value>
  init(_ value: Value) { mutex = Mutex(value) }
  var value: Value { mutex.withLock { $0 } }
  func change<Result: Sendable>(_ body: (inout sending Value) -> Result) -> Result {
    mutex.withLock { body(&$0) }
  }
}

/// What actions work on: facts that are there or not, and a record of who was called.
final class World: Sendable {
  typealias Behaviour = @Sendable (ActionCall, World) async throws -> Void

  private struct State: Sendable {
    var facts: Set<String> = []
    var calls: [String] = []
    var behaviours: [String: [Behaviour]] = [:]
    var unobservable: Set<String> = []
  }

  private let state = Mutex(State())

  var facts: Set<String> { state.withLock { $0.facts } }
  var calls: [String] { state.withLock { $0.calls } }
  func clearCalls() { state.withLock { $0.calls = [] } }
  func add(_ fact: String) { state.withLock { _ = $0.facts.insert(fact) } }
  func remove(_ fact: String) { state.withLock { _ = $0.facts.remove(fact) } }

  /// What the next calls of `run` for a key do, one after the other, before the usual happens; one
  /// that throws keeps it from happening.
  func next(_ key: String, _ behaviours: Behaviour...) {
    state.withLock { $0.behaviours[key, default: []] += behaviours }
  }

  func called(_ word: String) { state.withLock { $0.calls.append(word) } }

  func behaviour(_ key: String) -> Behaviour? {
    state.withLock { state in
      guard let list = state.behaviours[key], !list.isEmpty else { return nil }
      return state.behaviours[key]?.removeFirst()
    }
  }
}

/// `world.do` makes a fact; `world.make` too, and can tell whether it is there; `world.undo` takes it
/// away; `world.look` says whether it is there.
struct WorldAction: Action {
  let name: String
  let effect: Effect
  let world: World
  let parameters = [
    ActionParameter("key", .string, isRequired: true), ActionParameter("value", .any),
    ActionParameter("token", .any, takesSecrets: true),
  ]
  let result = Shape.any

  init(_ name: String, _ effect: Effect, _ world: World) {
    (self.name, self.effect, self.world) = (name, effect, world)
  }

  private var verb: String { String(name.dropFirst("world.".count)) }
  private func key(_ call: ActionCall) -> String { call.with["key"]?.string ?? "" }

  func observe(_ call: ActionCall) async throws -> Value {
    guard name == "world.make" else { return .null }
    world.called("observe \(key(call))")
    if let behaviour = world.behaviour("observe \(key(call))") { try await behaviour(call, world) }
    return ["there": .bool(world.facts.contains(key(call)))]
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let key = key(call)
    world.called("\(verb) \(key)")
    if let behaviour = world.behaviour("\(verb) \(key)") { try await behaviour(call, world) }
    switch verb {
    case "undo": world.remove(key)
    case "look": break
    default: world.add(key)
    }
    return ActionOutcome(
      result: [
        "there": .bool(world.facts.contains(key)), "key": .string(key),
        "value": call.with["value"] ?? .null,
      ])
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    guard name == "world.make" else { return .unknown }
    world.called("recall \(key(call))")
    return world.facts.contains(key(call))
      ? .there(["there": true, "key": .string(key(call)), "value": "recalled"]) : .absent
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "world \(verb) \(with["key"]?.string ?? "") \(with["token"]?.text ?? "")"
  }
}

extension SimulatedClock {
  /// Lets time pass until the task that goes on meanwhile is cancelled.
  func passUntilCancelled() async throws {
    while !Task.isCancelled {
      advance(by: .seconds(30))
      await Task.yield()
    }
    throw CancellationError()
  }
}

/// A person who says what was written down before.
final class ScriptedOperator: Operator {
  private let answers: Shared<[String?]>
  private let asked = Shared<[String]>([])
  /// Called before each answer.
  let before: @Sendable (String) async throws -> Void

  init(
    _ answers: [String?], before: @escaping @Sendable (String) async throws -> Void = { _ in }
  ) {
    self.answers = Shared(answers)
    self.before = before
  }

  var questions: [String] { asked.value }

  func ask(_ message: String, prompt: String) async throws -> String? {
    asked.change { $0.append(message + prompt) }
    try await before(prompt)
    return answers.change { $0.isEmpty ? nil : $0.removeFirst() }
  }
}

/// A lock that somebody else holds, or that is lost when a test says so.
struct StageLock: LockKind, HeldLock {
  let isHeld: Shared<Bool>
  var isFree = true

  func acquire(group: String, holder: LockHolder, wait: Duration) async throws -> any HeldLock {
    guard isFree else {
      let other = LockHolder(
        user: "bob", host: "there", pid: 7, run: "other", since: Timestamp(microseconds: 0))
      throw LockBusy(group: group, holder: other)
    }
    return self
  }

  func isHeld() async -> Bool { isHeld.value }
  func release() async {}
}
