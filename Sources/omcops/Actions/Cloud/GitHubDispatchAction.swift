internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Text

/// `github.dispatch`: starts a workflow and waits for its end.
///
/// GitHub does not say which run it has started. With `mark`, an input of the workflow gets the id of
/// our run, and its `run-name` has to show it: by that the run is found, also after a crash. Without,
/// it is the one new run of that workflow and ref, and where there are two nobody can tell.
struct GitHubDispatchAction: Action {
  let targets: RunTargets

  let name = "github.dispatch"

  func observe(_ call: ActionCall) async throws -> Value {
    let runs = try await workflow(call).runs()
    return ["last-run-id": .int(runs.map(\.id).max() ?? 0)]
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let workflow = try await workflow(call)
    let last: Int64
    if let seen = call.before["last-run-id"]?.int {
      last = seen
    } else {
      last = try await workflow.runs().map(\.id).max() ?? 0
    }
    var inputs: OrderedDictionary<String, JSON> = [:]
    for (name, value) in call.with["inputs"]?.object ?? [:] where value != .null {
      inputs[name] = .string(value.text ?? JSON(value).text())
    }
    if let mark = call.with["mark"]?.string { inputs[mark] = .string(call.run.id) }
    try await workflow.start(inputs)
    let time = call.duration("timeout") ?? .seconds(60)
    let found = try await call.pollSparingly(for: time) { () -> WorkflowRun? in
      try await own(call, workflow, after: last)
    }
    guard let found else {
      throw ActionError(
        .timeout, "no run of \(workflow.name) has appeared within \(time.canonical)",
        isInDoubt: true)
    }
    return ActionOutcome(result: try await ended(found, workflow, call).value)
  }

  /// A run that carries our mark; one that goes on is waited for.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let workflow = try await workflow(call)
    let last = call.before["last-run-id"]?.int
    guard call.with["mark"] != nil else {
      // Somebody else's new run could be taken for ours.
      guard let last else { return .unknown }
      return try await workflow.runs().contains { $0.id > last } ? .unknown : .absent
    }
    guard let found = try await own(call, workflow, after: 0) else { return .absent }
    do {
      return .there(try await ended(found, workflow, call).value)
    } catch let error as ActionError where error.kind == .assertion {
      return .absent
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "gh workflow run \(shellQuoted(with["workflow"]?.text ?? ""))"
    words += " --ref \(shellQuoted(with["ref"]?.text ?? ""))"
    for (name, value) in with["inputs"]?.object ?? [:] {
      words += " -f " + shellQuoted("\(name)=\(value.text ?? JSON(value).text())")
    }
    if let repository = with["repository"]?.text { words += " -R \(shellQuoted(repository))" }
    return words
  }

  private func workflow(_ call: ActionCall) async throws -> Workflow {
    let (repository, client) = try await targets.repository()
    return Workflow(
      client: client, repository: call.with["repository"]?.string ?? repository,
      name: call.with["workflow"]?.string ?? "", ref: call.with["ref"]?.string ?? "")
  }

  private func own(
    _ call: ActionCall, _ workflow: Workflow, after last: Int64
  ) async throws -> WorkflowRun? {
    let new = try await workflow.runs().filter { $0.id > last }
    if call.with["mark"] != nil { return new.first { $0.title.contains(text: call.run.id) } }
    let candidates = new.filter { $0.branch == workflow.branch }
    guard candidates.count < 2 else {
      throw ActionError(
        .other,
        "\(candidates.count) runs of \(workflow.name) have begun, and nobody can tell which is ours",
        hint: "Give the workflow an input, show it in its run-name, and name it as mark.",
        isInDoubt: true)
    }
    return candidates.first
  }

  private func ended(
    _ run: WorkflowRun, _ workflow: Workflow, _ call: ActionCall
  ) async throws -> WorkflowRun {
    let time = call.duration("wait") ?? .seconds(1800)
    if time == .zero { return run }
    call.progress("waiting for \(run.url)")
    let ended = try await call.pollSparingly(for: time) { () -> WorkflowRun? in
      let now = try await workflow.run(run.id)
      return now.status == "completed" ? now : nil
    }
    guard let ended else {
      throw ActionError(
        .timeout, "\(run.url) is not done after \(time.canonical)", isInDoubt: true)
    }
    guard ended.conclusion == "success" else {
      throw ActionError(.assertion, "\(run.url) ended with \(ended.conclusion ?? "no conclusion")")
    }
    return ended
  }
}

/// A run of a workflow.
private struct WorkflowRun: Sendable {
  var id: Int64
  var url: String
  var status: String
  var conclusion: String?
  var title: String
  var branch: String

  init?(_ json: JSON) {
    guard let id = json["id"]?.int else { return nil }
    self.id = id
    url = json["html_url"]?.string ?? ""
    status = json["status"]?.string ?? ""
    conclusion = json["conclusion"]?.string
    title = json["display_title"]?.string ?? json["name"]?.string ?? ""
    branch = json["head_branch"]?.string ?? ""
  }

  var value: Value {
    [
      "run-id": .int(id), "url": .string(url), "status": .string(status),
      "conclusion": Value(conclusion), "title": .string(title),
    ]
  }
}

/// A workflow at a ref.
private struct Workflow: Sendable {
  let client: ServerClient
  let repository: String
  let name: String
  let ref: String

  /// The ref's short name, as runs have it.
  var branch: String {
    for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
      return String(ref.dropFirst(prefix.count))
    }
    return ref
  }

  private var path: String {
    "/repos/\(repository)/actions/workflows/\(PercentEncoding.encode(name))"
  }

  /// Its latest runs that somebody has started.
  func runs() async throws -> [WorkflowRun] {
    let answer = try await serverErrors {
      try await client.json(
        .get, path + "/runs", [("event", "workflow_dispatch"), ("per_page", "30")])
    }
    return (answer["workflow_runs"]?.array ?? []).compactMap { WorkflowRun($0) }
  }

  func run(_ id: Int64) async throws -> WorkflowRun {
    let answer = try await serverErrors {
      try await client.json(.get, "/repos/\(repository)/actions/runs/\(id)")
    }
    guard let run = WorkflowRun(answer) else {
      throw ActionError(.http, "\(client.title) gives no run \(id)")
    }
    return run
  }

  func start(_ inputs: OrderedDictionary<String, JSON>) async throws {
    try await serverErrors(writes: true) {
      let place = path + "/dispatches"
      let answer = try await client.send(
        .post, place, [], body: ["ref": .string(ref), "inputs": .object(inputs)])
      guard (200..<300).contains(answer.status) else { throw client.refusal(answer, place) }
    }
  }
}

extension ActionCall {
  /// Asks until there is an answer, less and less often: servers count what they are asked.
  fileprivate func pollSparingly<Answer>(
    for time: Duration, _ ask: () async throws -> Answer?
  ) async throws -> Answer? {
    let clock = ContinuousClock()
    let end = clock.now + time
    var pause = Duration.milliseconds(500)
    while true {
      if let answer = try await ask() { return answer }
      guard clock.now < end else { return nil }
      try await Task.sleep(for: min(pause, max(.milliseconds(10), end - clock.now)))
      pause = min(pause * 2, .seconds(10))
    }
  }
}
