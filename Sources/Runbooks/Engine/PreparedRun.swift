internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import SystemPackage

/// Everything that a run needs and that is found out before its first step: inputs, secrets, the
/// target and what proves it.
final class PreparedRun: Sendable {
  let runbook: Runbook
  let surroundings: Surroundings
  let folder: RunFolder
  let identity: RunIdentity
  let masker: Masker
  let contexts: [String: Value]
  let performer: Performer
  let target: Target
  /// The runbooks that it calls.
  let called: CalledRunbooks

  init(
    _ runbook: Runbook, inputs: OrderedDictionary<String, Value>, target: Target,
    identity: RunIdentity, folder: RunFolder, called: CalledRunbooks, catalog: ActionCatalog,
    masker: Masker = Masker(), in surroundings: Surroundings
  ) async throws {
    self.called = called
    self.masker = masker
    self.runbook = runbook
    self.surroundings = surroundings
    self.folder = folder
    self.identity = identity
    self.target = target
    for secret in target.secrets { masker.register(secret) }
    let secrets = try await PreparedRun.secrets(of: runbook, surroundings)
    for (_, value) in secrets { if let text = value.text { masker.register(text) } }
    var contexts: [String: Value] = [
      "inputs": .object(inputs), "target": target.value, "run": identity.value,
      "secrets": .object(secrets), "env": [:],
    ]
    var variables: OrderedDictionary<String, Value> = [:]
    let scope = Scope(contexts: contexts, now: surroundings.now())
    for (name, template) in runbook.environment {
      variables[name] = .string(try template.text(in: scope))
    }
    contexts["env"] = .object(variables)
    self.contexts = contexts
    performer = Performer(
      surroundings: surroundings, masker: masker, run: identity,
      workingDirectory: FilePath(runbook.source.file).removingLastComponent().string.orHere,
      environment: runbook.environment, catalog: catalog, addressed: target.addressed,
      variables: target.variables)
    for runbook in [runbook] + called.all {
      try requireTargets(of: runbook)
      try requireCalls(of: runbook)
    }
  }

  /// Refuses, before anything is done, what this program cannot do in a step that is sure to run.
  func requireOffers() throws {
    let views = OrderedDictionary(
      uniqueKeysWithValues: runbook.allSteps.map { ($0.id, StepView(status: "pending")) })
    let scope = Scope(contexts: contexts, steps: views, now: surroundings.now())
    for assertion in runbook.guards where !performer.offers(assertion.probe) {
      throw notOffered(assertion.probe.map(performer.name) ?? "", assertion.location)
    }
    for step in runbook.steps {
      // What depends on a step is not known yet; the step itself refuses when its turn comes.
      if let condition = step.condition,
        !condition.steps.isEmpty || (try? condition.isTrue(in: scope)) != true
      {
        continue
      }
      if let name = performer.missing(in: step, scope) { throw notOffered(name, step.location) }
    }
    for step in called.all.flatMap(\.steps) where step.condition == nil {
      guard let work = step.work, !performer.offers(work) else { continue }
      throw notOffered(performer.name(of: work), step.location)
    }
  }

  /// Refuses when a program that the file requires is not there in the version that it needs.
  func requireTools() async throws {
    let environment = surroundings.environment
    for runbook in [runbook] + called.all {
      for (tool, version) in runbook.requirements.tools {
        if try await surroundings.machine?.has(tool: tool, version: version) == true { continue }
        try await ToolRequirement(tool, version).require(environment: environment)
      }
    }
  }

  private func notOffered(_ name: String, _ place: SourceLocation) -> RunError {
    RunError(
      .unsupported, "\(place): this program does not offer \(name)",
      hint: "Nothing was changed. See `omcops runbook lint \(runbook.name)`.")
  }

  /// A call has to fit the inputs of what it calls, whatever their values.
  private func requireCalls(of runbook: Runbook) throws {
    for call in runbook.calls {
      guard let name = call.calledRunbook, let other = called[name],
        let problem = call.problems(calling: other).first
      else { continue }
      throw RunError(.input, "\(problem.location): \(problem.message)", hint: problem.hint)
    }
  }

  private func requireTargets(of runbook: Runbook) throws {
    for kind in runbook.requirements.targets where target.value[kind] ?? .null == .null {
      throw RunError(
        .unsupported, "\(runbook.name) needs \(kind), which \"\(target.name)\" does not have",
        hint: "Name it in omcops.yaml, or choose another environment.")
    }
  }

  /// The inputs as they were given, with defaults; throws at the first that does not fit.
  static func inputs(
    of runbook: Runbook, given: [String: String]
  ) throws -> OrderedDictionary<String, Value> {
    for name in given.keys.sorted() where runbook.inputs[name] == nil {
      throw RunError(
        .input,
        "\(runbook.name) has no input \"\(name)\""
          + Suggestion.phrase(for: name, among: runbook.inputs.keys),
        hint: "Inputs: \(runbook.inputs.keys.joined(separator: ", ")).")
    }
    var values: OrderedDictionary<String, Value> = [:]
    var missing: [Input] = []
    for (name, input) in runbook.inputs {
      if let text = given[name] {
        values[name] = try input.value(parsing: text)
      } else if let value = input.defaultValue {
        values[name] = try input.accept(value)
      } else if input.isRequired {
        missing.append(input)
      } else {
        values[name] = .null
      }
    }
    try requireNone(of: missing)
    return values
  }

  /// All that is missing at once: at night one round is enough.
  private static func requireNone(of missing: [Input]) throws {
    guard let first = missing.first else { return }
    let words = missing.map { "-i \($0.name)=..." }.joined(separator: " ")
    if missing.count == 1 {
      throw RunError(
        .input, "input \"\(first.name)\" is missing: \(first.description)",
        hint: "Give it with \(words)")
    }
    throw RunError(
      .input, "\(missing.count) inputs are missing",
      details: missing.map { "\($0.name): \($0.description)" }, hint: "Give them with \(words)")
  }

  /// The inputs of an earlier leg, in the order of the file as it is now.
  static func inputs(
    of runbook: Runbook, kept: OrderedDictionary<String, Value>
  ) throws -> OrderedDictionary<String, Value> {
    var values: OrderedDictionary<String, Value> = [:]
    for (name, input) in runbook.inputs {
      if let value = kept[name] {
        values[name] = value
      } else if let value = input.defaultValue {
        values[name] = try input.accept(value)
      } else if input.isRequired {
        throw RunError(
          .changed, "the file now needs input \"\(name)\", which the run was not given",
          hint: "Resume without --accept-changed to go on with the file as it was.")
      } else {
        values[name] = .null
      }
    }
    return values
  }

  private static func secrets(
    of runbook: Runbook, _ surroundings: Surroundings
  ) async throws -> OrderedDictionary<String, Value> {
    var values: OrderedDictionary<String, Value> = [:]
    for (name, source) in runbook.secrets {
      if let text = try surroundings.machine?.secret(source) {
        values[name] = .string(text)
        continue
      }
      switch source.place {
      case .environment(let variable):
        guard let text = surroundings.environment[variable] else {
          throw RunError(.secret, "secret \"\(name)\": the variable \(variable) is not set")
        }
        values[name] = .string(try part(of: text, source))
      case .file(let path):
        let bytes = try DurableFile.read(FilePath(path))
        let end = bytes.lastIndex { $0 != 0x0A }.map { $0 + 1 } ?? 0
        values[name] = .string(
          try part(of: String(decoding: bytes[..<end], as: UTF8.self), source))
      case .awsSecretsManager, .kubernetes, .prompt:
        guard let text = try await surroundings.secrets?.read(source) else {
          throw RunError(
            .secret,
            "\(source.location): this program cannot fetch the secret \"\(name)\" from there",
            hint:
              "Take it from a variable (env:NAME) or a file (file:/path).")
        }
        values[name] = .string(try part(of: text, source))
      }
    }
    return values
  }
}

extension PreparedRun {
  /// The part that `key` names of a place that holds several, as a JSON object.
  fileprivate static func part(of text: String, _ source: SecretSource) throws -> String {
    guard let key = source.key else { return text }
    // Its keys are the Secret's own: whoever read it has taken the one.
    if case .kubernetes = source.place { return text }
    guard let value = (try? JSON(parsing: text))?[key]?.string else {
      throw RunError(
        .secret, "\(source.location): secret \"\(source.name)\" has no text under \"\(key)\"",
        hint: "With a key, the place must hold a JSON object of texts.")
    }
    return value
  }
}

extension RunIdentity {
  /// The `run` context.
  var value: Value {
    [
      "id": .string(id), "short-id": .string(shortID), "started-at": .timestamp(startedAt),
      "user": .string(user), "host": .string(host),
    ]
  }
}

extension String {
  fileprivate var orHere: String { isEmpty ? "." : self }
}
