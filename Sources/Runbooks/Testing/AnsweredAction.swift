internal import OrderedCollections
internal import Quantities

/// An action of the catalog whose calls a test answers.
struct AnsweredAction: Action {
  let entry: ActionCatalog.Entry
  let world: TestWorld

  var name: String { entry.name }
  var effect: Effect { entry.effect }
  var parameters: [ActionParameter] { entry.parameters ?? [] }
  var result: Shape { entry.result }
  var isObservable: Bool { entry.isObservable }

  func observe(_ call: ActionCall) async throws -> Value {
    guard let site = world.sites[call.place],
      let answer = world.answer(site, with: call.with, run: call.run)
    else { return .null }
    guard hasEffect(site) else {
      return try world.value(of: answer.before, untyped, call.with, call.run)
    }
    let result = try world.value(of: answer.outcomes.last?.result, entry, call.with, call.run)
    return result["after"] ?? result
  }

  /// What is seen before has the shape that the action chooses.
  private var untyped: ActionCatalog.Entry {
    var entry = entry
    entry.result = .any
    return entry
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    guard let site = world.sites[call.place] else {
      throw RunError(.unanswered, "\(name) is called from nowhere: \(call.place)")
    }
    guard let answer = world.answer(site, with: call.with, run: call.run) else {
      throw world.fail(world.unanswered(site, entry, with: call.with))
    }
    return ActionOutcome(
      result: try await world.perform(answer, at: site, entry, with: call.with, run: call.run))
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    guard let site = world.sites[call.place] else { return .unknown }
    let answer = world.answer(site, with: call.with, run: call.run)
    let usual: TestAnswer.Recall =
      !entry.isObservable ? .unknown : hasEffect(site) ? .there : .absent
    switch answer?.recall ?? usual {
    case .unknown: return .unknown
    case .absent: return .absent
    case .there:
      return .there(
        try world.value(of: answer?.outcomes.last?.result, entry, call.with, call.run))
    }
  }

  private func hasEffect(_ site: CallSites.Site) -> Bool {
    guard let step = site.step else { return false }
    return world.effects.contains(step) != site.isUndo
  }

  func command(for with: OrderedDictionary<String, Value>) -> String { name }
}

/// The machine of a test: scripts are answered, secrets are what the file says, every program is
/// there.
struct AnsweredMachine: Machine {
  let world: TestWorld
  let secrets: OrderedDictionary<String, String>

  func run(_ script: ScriptCall) async throws -> Value? {
    let with = OrderedDictionary(
      uniqueKeysWithValues: script.environment.map { ($0, Value.string($1)) })
    let entry = ActionCatalog.Entry(
      script.shell, .write,
      result: .object(["exit-code": .number, "stdout": .string, "stderr": .string]))
    guard let site = world.sites[script.place] else {
      throw RunError(.unanswered, "a script is called from nowhere: \(script.place)")
    }
    guard let answer = world.answer(site, with: with, run: script.run) else {
      throw world.fail(world.unanswered(site, entry, with: with))
    }
    let given = try await world.perform(answer, at: site, entry, with: with, run: script.run)
    var result: OrderedDictionary<String, Value> = ["exit-code": 0, "stdout": "", "stderr": ""]
    result.merge(given.object ?? [:]) { $1 }
    return .object(result)
  }

  /// Something that is no real secret where the file gives none.
  func secret(_ source: SecretSource) throws -> String? {
    secrets[source.name] ?? "the secret \(source.name)"
  }

  func has(tool: String, version: String) async throws -> Bool { true }
}

/// The operator of a test.
struct AnsweringOperator: Operator {
  let world: TestWorld

  func ask(_ message: String, prompt: String) async throws -> String? {
    try await world.reply(to: prompt, message: message)
  }
}

/// A lock that nobody else wants.
public struct FreeLock: LockKind, HeldLock {
  /// Creates it; it is free.
  public init() {}

  /// Takes it.
  public func acquire(group: String, holder: LockHolder, wait: Duration) async throws
    -> any HeldLock
  {
    self
  }

  /// Nobody takes it away.
  public func isHeld() async -> Bool { true }
  /// There is nothing to give back.
  public func release() async {}
}

extension Shape {
  /// The value with texts made into times and durations where the shape says so.
  func coerced(_ value: Value) -> Value {
    switch (self, value) {
    case (.duration, .string), (.timestamp, .string): admit(value) ?? value
    case (.optional(let shape), _): value == .null ? value : shape.coerced(value)
    case (.array(let shape), .array(let items)): .array(items.map(shape.coerced))
    case (.map(let shape), .object(let members)): .object(members.mapValues(shape.coerced))
    case (.object(let shapes), .object(let members)):
      .object(
        OrderedDictionary(
          uniqueKeysWithValues: members.map { ($0, shapes[$0]?.coerced($1) ?? $1) }))
    default: value
    }
  }

  /// A member that nothing of this shape has: a slip in an answer. What was seen before may stand in
  /// every result.
  func strangeMember(of value: Value) -> String? {
    switch (self, value) {
    case (.optional(let shape), _): shape.strangeMember(of: value)
    case (.array(let shape), .array(let items)):
      items.lazy.compactMap { shape.strangeMember(of: $0) }.first
    case (.map(let shape), .object(let members)):
      members.values.lazy.compactMap { shape.strangeMember(of: $0) }.first
    case (.object(let shapes), .object(let members)):
      members.lazy.filter { $0.key != "before" }.compactMap { name, member -> String? in
        shapes[name].map { $0.strangeMember(of: member) } ?? name
      }.first
    default: nil
    }
  }

  /// A value of the shape to begin with, as YAML.
  var example: String {
    switch self {
    case .any, .map: "{ }"
    case .bool: "true"
    case .number: "0"
    case .string: "\"\""
    case .timestamp: "\"${{ now() }}\""
    case .duration: "1s"
    case .optional: "null"
    case .array(let element): "[\(element.example)]"
    case .object(let members):
      "{ "
        + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.example)" }
        .joined(separator: ", ") + " }"
    }
  }
}
