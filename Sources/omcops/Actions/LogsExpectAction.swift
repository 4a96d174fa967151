internal import KubeExec
internal import LogOps
internal import OrderedCollections
internal import Patterns
internal import Quantities
internal import Runbooks

/// `logs.expect`: whether the logs of pods say something since a moment, or do not.
///
/// It reads what is there and looks once; `within` and `for` of the check around it repeat it.
struct LogsExpectAction: Action {
  let cluster: RunCluster

  let name = "logs.expect"
  let effect = Effect.read
  let parameters = [
    KubeParameters.namespace, KubeParameters.target, ActionParameter("selector", .string),
    ActionParameter("name", .string), ActionParameter("container", .string),
    ActionParameter("since", .any), ActionParameter("match", .string),
    ActionParameter("absent", .string),
  ]
  let result = Shape.object(["records": .array(.string)])

  /// So many records are shown; they stand for all that match.
  private static let shown = 20

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let (match, absent) = (call.with["match"]?.string, call.with["absent"]?.string)
    guard match != nil || absent != nil else {
      throw ActionError(.other, "logs.expect needs match, absent or both: what to look for")
    }
    return try await kubeErrors {
      let follow = try await follow(call)
      if let absent { try await refuse(absent, follow, call) }
      guard let match else { return ActionOutcome(result: ["records": []]) }
      let found = try await records(saying: match, follow, call)
      guard !found.isEmpty else {
        let scope = follow.scopes[0].description
        throw ActionError(.assertion, "no record of \(scope) matches \(match)")
      }
      return ActionOutcome(result: ["records": .array(found.map { .string($0) })])
    }
  }

  /// Throws where a record says what it must not; of a container that was started again also where the
  /// instance before it did.
  private func refuse(
    _ pattern: String, _ follow: FollowOptions, _ call: ActionCall
  ) async throws {
    var before = follow
    before.previous = true
    var found = try await records(saying: pattern, follow, call).first
    if found == nil {
      do {
        found = try await records(saying: pattern, before, call).first
      } catch is NoPods {}
    }
    guard let found else { return }
    throw ActionError(.assertion, "the logs say what they must not (\(pattern)): \(found)")
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var named = with
    named["name"] = with["name"]?.text.map { .string("pod/\($0)") }
    var words = "omcops logs \(KubeParameters.words(named))"
    if let container = with["container"]?.text { words += " -c \(shellQuoted(container))" }
    if let since = with["since"]?.text { words += " --since \(shellQuoted(since))" }
    if let match = with["match"]?.text { words += " --until-match \(shellQuoted(match))" }
    if let absent = with["absent"]?.text { words += " --fail-on \(shellQuoted(absent))" }
    return words
  }

  private func follow(_ call: ActionCall) async throws -> FollowOptions {
    let session = try cluster.session(for: call)
    let words = [call.with["target"]?.string, call.with["name"]?.string.map { "pod/\($0)" }]
      .compactMap { $0 }
    let scopes = try await LogScopes(session: session, namespace: session.namespace)
      .scopes(words, selector: call.with["selector"]?.string)
    guard !scopes.isEmpty else {
      throw ActionError(
        .other, "nothing says whose logs are meant", hint: "give target, selector or name")
    }
    var follow = FollowOptions(scopes)
    follow.container = try call.with["container"]?.string.map { try Pattern("^\\Q\($0)\\E$") }
    follow.sinceSecond = try call.since().map { $0.microseconds / 1_000_000 }
    return follow
  }

  /// The first records that match, as they would be printed: with the name of their pod, secrets
  /// hidden.
  private func records(
    saying pattern: String, _ follow: FollowOptions, _ call: ActionCall
  ) async throws -> [String] {
    var options = LogOptions()
    options.filter.include = [try Pattern(pattern)]
    options.filter.since = try call.since().map { LogTime($0) }
    options.style.hasPrefix = true
    // A hostile log speaks to no terminal through an error's text either.
    options.style.isTerminal = true
    options.watch.head = LogsExpectAction.shown
    let output = try MemoryFile()
    let pipeline = try LogPipeline(options, descriptor: output.descriptor)
    let notices = LogNotices { call.progress($0) }
    _ = try await PodLogs(cluster.session().client, follow, into: pipeline, notices: notices).run()
    // What was not read may say anything. Of instances before, the cluster keeps only what it keeps.
    guard notices.lost == 0 || follow.previous else {
      throw ActionError(
        .other, "not all of the logs of \(follow.scopes[0].description) could be read")
    }
    return output.text().split(separator: "\n").map { String($0.prefix(500)) }
  }
}
