internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Quantities
internal import Runbooks
internal import Synchronization

/// The cluster that the steps of this process's run mean; an environment may have none.
///
/// Like `RunTarget`: actions are registered before the engine knows the environment.
final class RunCluster: Sendable {
  private let current = Mutex<KubeSession?>(nil)

  /// Makes a cluster the one that is meant; nil for an environment without.
  func choose(_ session: KubeSession?) { current.withLock { $0 = session } }

  /// The cluster that is meant.
  func session() throws -> KubeSession {
    guard let session = current.withLock({ $0 }) else {
      throw ActionError(
        .refused, "this environment has no cluster",
        hint: "give it a kubernetes section in omcops.yaml")
    }
    return session
  }

  /// The cluster, in the namespace that `with` names or the environment's.
  ///
  /// A selector or a name that an expression made empty would mean everything: it is refused.
  func session(for call: ActionCall) throws -> KubeSession {
    var session = try session()
    for key in ["namespace", "target", "name", "selector", "field-selector", "node", "container"]
    where call.with[key]?.string == "" {
      throw ActionError(
        .refused, "\(key) is empty, which would mean everything",
        hint: "leave the field out, or the step where nothing is meant")
    }
    if let namespace = call.with["namespace"]?.string { session.namespace = namespace }
    return session
  }

  /// The workloads that `with` means: `target` and `deployments`.
  func workloads(_ call: ActionCall) async throws -> [ObjectReference] {
    let session = try session(for: call)
    var words = call.with["target"]?.string.map { [$0] } ?? []
    for name in call.with["deployments"]?.array ?? [] {
      let text = name.string ?? ""
      words.append(text.contains("/") ? text : "deployment/\(text)")
    }
    guard !words.isEmpty else {
      throw ActionError(
        .other, "nothing says which workloads are meant", hint: "give target or deployments")
    }
    return try await KubeTargets(session: session, words: words).workloads()
  }
}

/// What the actions on clusters take alike.
enum KubeParameters {
  static let namespace = ActionParameter("namespace", .string)
  /// A component of omcops.yaml, kind/name, or a selector.
  static let target = ActionParameter("target", .string)
  static let workloads = [
    namespace, target, ActionParameter("deployments", .array(.string)),
  ]
  static let objects = [
    ActionParameter("kind", .string), ActionParameter("name", .string), namespace,
    ActionParameter("selector", .string), ActionParameter("field-selector", .string),
  ]

  /// The words of the command line for those fields.
  static func words(_ with: some Sequence<(key: String, value: Value)>) -> String {
    let fields = Dictionary(with.map { ($0.key, $0.value) }) { first, _ in first }
    var words = ["kind", "target", "name"].compactMap { fields[$0]?.text }.map(shellQuoted)
    for name in fields["deployments"]?.array ?? [] {
      let text = name.text ?? ""
      words.append(shellQuoted(text.contains("/") ? text : "deployment/\(text)"))
    }
    let options = [("selector", "-l"), ("field-selector", "--field-selector"), ("namespace", "-n")]
    for (key, option) in options {
      if let text = fields[key]?.text { words += [option, shellQuoted(text)] }
    }
    return words.joined(separator: " ")
  }
}

extension KubeParameters {
  /// A step's manifest as the text that `kube apply -f -` reads: YAML as it is, an object, or a list.
  static func manifest(_ given: Value) -> String {
    if let text = given.string { return text }
    guard let items = given.array else { return JSON(given).text() }
    let list: JSON = ["apiVersion": "v1", "kind": "List", "items": JSON(.array(items))]
    return list.text()
  }

  /// The commands that bring back what a `before` says, one for each object; where it is not known
  /// yet, one that names where it comes from.
  static func commands(
    backTo before: Value, _ command: (_ object: String, _ state: Value) -> String
  ) -> String {
    guard let entries = before.array else {
      return command("TARGET", .null) + "  # for each of \(before.text ?? "")"
    }
    return entries.map { entry in
      let place = entry["namespace"]?.string.map { " -n \(shellQuoted($0))" } ?? ""
      return command(shellQuoted(entry["object"]?.string ?? "") + place, entry)
    }.joined(separator: "; ")
  }
}

/// Runs `body` and words what it throws as the engine reads it.
///
/// - Parameter writes: whether a lost connection leaves it open if the effect happened.
func kubeErrors<Result>(
  writes: Bool = false, _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as KubeError {
    throw ActionError(error, writes: writes)
  } catch let error as NothingMatches {
    throw ActionError(.assertion, error.message, hint: error.hint)
  } catch let error as ActionError {
    throw error
  } catch let error as any Failure {
    throw ActionError(
      error.status == .refused ? .refused : error.status == .blocked ? .assertion : .other,
      error.message, hint: error.hint)
  }
}

extension ActionError {
  /// The same error in the engine's words. What is not there was looked for, and what will not come
  /// was waited for: those are answers, where others leave it open.
  init(_ error: KubeError, writes: Bool) {
    let details = error.details.isEmpty ? "" : ": " + error.details.joined(separator: "; ")
    let kind: Kind =
      switch error.code {
      case .unreachable: .connection
      case .timedOut: .timeout
      case .notFound, .hopeless, .conflict: .assertion
      case .refused: .refused
      default: .other
      }
    self.init(
      kind, error.message + details, hint: error.hint,
      isInDoubt: writes
        && (error.code == .unreachable || error.code == .serverFailed || error.followsBreak))
  }
}

extension ObjectReference {
  /// What `before` and `after` say of which object it is about.
  func value(_ key: String, _ state: Value) -> Value {
    ["object": .string("\(self)"), "namespace": Value(namespace), key: state]
  }

  /// The object that an entry of a `before` is about.
  init(_ entry: Value, with client: KubeClient) async throws {
    let parts = (entry["object"]?.string ?? "").split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else {
      throw ActionError(
        .other, "\"to\" does not name its objects", hint: "give it the \"before\" of another step")
    }
    self.init(
      try await client.resource(named: String(parts[0])), String(parts[1]),
      in: entry["namespace"]?.string)
  }
}

extension ActionCall {
  /// Throws where one of the fields is given that mean nothing beside another one.
  func refuse(_ keys: String..., beside other: String) throws {
    guard with[other] != nil, let key = keys.first(where: { with[$0] != nil }) else { return }
    throw ActionError(.other, "\(key) means nothing beside \(other)", hint: "leave one of them out")
  }

  /// A duration of `with`.
  func duration(_ key: String) -> Duration? {
    if case .duration(let duration)? = with[key] { duration } else { nil }
  }

  /// Asks until there is an answer, for as long as it may take.
  func poll<Answer>(
    for time: Duration, _ ask: () async throws -> Answer?
  ) async throws -> Answer? {
    let clock = ContinuousClock()
    let end = clock.now + time
    while true {
      if let answer = try await ask() { return answer }
      guard clock.now < end else { return nil }
      try await Task.sleep(for: min(.milliseconds(500), max(.milliseconds(10), end - clock.now)))
    }
  }
}
