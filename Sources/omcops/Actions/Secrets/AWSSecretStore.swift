internal import Digest
internal import JSON
internal import OrderedCollections
internal import Runbooks
internal import Text

/// A secret of AWS Secrets Manager, by the AWS CLI, which reads it from a pipe.
///
/// A version that a run makes is named for the run and for the version before it: so it is made once,
/// however often it is asked for, and an undo finds what the run has changed.
struct AWSSecretStore: SecretStore {
  let id: String
  let targets: RunTargets

  /// The version that counts.
  private static let current: OrderedDictionary<String, Value> = ["version-stage": "AWSCURRENT"]

  var title: String { "secret \"\(id)\" of AWS Secrets Manager" }

  func read() async throws -> StoredSecret? {
    do {
      return try await read(Self.current)
    } catch let error as ActionError where error.message.contains(text: "ResourceNotFoundException")
    {
      return nil
    }
  }

  func read(previous: String) async throws -> StoredSecret {
    try await read(["version-id": .string(previous)])
  }

  /// All of its text, as it is.
  func text() async throws -> String { try await text(Self.current).text }

  private func text(
    _ more: OrderedDictionary<String, Value>
  ) async throws -> (text: String, answer: JSON) {
    var arguments = more
    arguments["secret-id"] = .string(id)
    let answer = try await run("get-secret-value", arguments, writes: false)
    guard let text = answer["SecretString"]?.string else {
      throw ActionError(.refused, "\(title) holds bytes and no text")
    }
    return (text, answer)
  }

  private func read(_ more: OrderedDictionary<String, Value>) async throws -> StoredSecret {
    let (text, answer) = try await text(more)
    return StoredSecret(
      contents: SecretContents(jsonOrText: text), version: answer["VersionId"]?.string,
      originals: (try? JSON(parsing: text)).map { [$0] } ?? [])
  }

  /// What this run has made of a version, if it has.
  private func successor(of version: String, _ call: ActionCall) async throws -> StoredSecret? {
    do {
      return try await read(["version-id": .string(name(after: version, call))])
    } catch let error as ActionError where error.message.contains(text: "ResourceNotFoundException")
    {
      return nil
    }
  }

  private func name(after version: String, _ call: ActionCall) -> String {
    SHA256.hex(of: Array("\(call.run.id) \(id) \(version)".utf8))
  }

  func contents(
    with previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> SecretContents {
    let old = try await read(previous: previous).contents
    guard let current, current.version != previous else { return old }
    // What is there now is none of this run's.
    guard let written = try await successor(of: previous, call) else {
      throw SecretContents.changedAgain(title)
    }
    return try current.contents.takingBack(written.contents, to: old, of: title)
  }

  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let answer = try await run(
      "put-secret-value",
      [
        "secret-id": .string(id),
        "client-request-token": Value(current.version.map { name(after: $0, call) }),
        "secret-string": .string(contents.jsonOrText(over: current.originals)),
      ], writes: true)
    let version = answer["VersionId"]?.string
    try await makeCurrent(version, after: current.version)
    return (version, current.version)
  }

  /// Makes a version current that was just put.
  ///
  /// A version that is there already with the same contents, of a change that was taken back, is taken
  /// for the same request once more: the service answers well, and does nothing.
  private func makeCurrent(_ version: String?, after old: String?) async throws {
    let now: String?
    do {
      now = try await read()?.version
    } catch var error as ActionError {
      error.isInDoubt = true
      throw error
    }
    if now == version { return }
    guard now == old else {
      throw ActionError(
        .assertion,
        "\(title) was changed by somebody else at the same time: nothing is put over that",
        hint: "Version \(now ?? "none") is current. See which value counts, and set that.")
    }
    try await moveCurrent(to: version, from: old)
  }

  private func moveCurrent(to version: String?, from old: String?) async throws {
    _ = try await run(
      "update-secret-version-stage",
      [
        "secret-id": .string(id), "version-stage": "AWSCURRENT",
        "move-to-version-id": Value(version), "remove-from-version-id": Value(old),
      ], writes: true)
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    let answer = try await run(
      "create-secret",
      ["name": .string(id), "secret-string": .string(contents.jsonOrText(over: []))],
      writes: true)
    return answer["VersionId"]?.string
  }

  /// Versions keep their contents: only the stage moves. Where somebody else has changed more since, the
  /// run's change alone is taken back, by another version.
  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    if current?.version == previous { return (previous, nil) }
    let contents = try await contents(with: previous, over: current, call)
    let old = try await read(previous: previous)
    if let current, !old.contents.says(contents) {
      if current.contents.says(contents) { return (current.version, previous) }
      return try await write(contents, over: current.knowing(old), call)
    }
    try await moveCurrent(to: previous, from: current?.version)
    return (previous, current?.version)
  }

  func word(forBefore version: String?, _ call: ActionCall) async throws -> String? { version }

  private func run(
    _ operation: String, _ arguments: OrderedDictionary<String, Value>, writes: Bool
  ) async throws -> JSON {
    try await targets.proveAccount()
    return try await AWSCommand("secretsmanager", operation, arguments, try targets.chosen())
      .run(writes: writes)
  }
}

extension SecretContents {
  /// A JSON object of texts has keys; all else is one text.
  init(jsonOrText text: String) {
    guard let members = (try? JSON(parsing: text))?.object, !members.isEmpty else {
      self = .text(text)
      return
    }
    var values: OrderedDictionary<String, String> = [:]
    for (key, value) in members { values[key] = value.string ?? value.text() }
    self = .keyed(values)
  }

  /// What is kept where one text is kept. Numbers and booleans that stay as they are stay what they
  /// are.
  func jsonOrText(over originals: [JSON]) -> String {
    guard case .keyed(let values) = self else {
      if case .text(let text) = self { return text }
      return ""
    }
    var members: OrderedDictionary<String, JSON> = [:]
    for (key, value) in values {
      let written = originals.lazy.compactMap { $0[key] }
      members[key] = written.first { $0.string == nil && $0.text() == value } ?? .string(value)
    }
    return JSON.object(members).text()
  }
}
