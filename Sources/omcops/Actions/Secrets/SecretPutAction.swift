internal import Diagnostics
internal import OrderedCollections
internal import Runbooks

/// `secret.put`: changes some keys of a secret and leaves the others as they are, or replaces the one
/// text of a secret without keys. What was there before can be brought back by `previous`.
struct SecretPutAction: Action {
  let targets: RunTargets
  let cluster: RunCluster

  let name = "secret.put"

  func observe(_ call: ActionCall) async throws -> Value {
    let found = try await store(call).read()
    return [
      "version": Value(found?.version), "exists": .bool(found != nil),
      "keys": .array((found?.contents.keys ?? []).sorted().map(Value.string)),
    ]
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let store = try store(call)
    let wanted = try wanted(call)
    let current = try await store.read()
    if case .previous(let word) = wanted {
      let contents = try await store.contents(with: word, over: current, call)
      let changed = current.map { contents.keys(differingFrom: $0.contents) } ?? contents.keys
      let written = try await store.bringBack(word, over: current, call)
      return ActionOutcome(
        result: result(contents, changed: changed, written.version, written.previous))
    }
    guard let current else {
      guard call.with["create"]?.bool == true else {
        throw ActionError(
          .refused, "there is no \(store.title)", hint: "Say create: true to make it.")
      }
      let contents = wanted.contents
      let version = try await store.create(contents, call)
      return ActionOutcome(
        result: result(contents, changed: contents.keys, version, nil, isNew: true))
    }
    let (contents, changed) = try merged(wanted, into: current.contents, store, call)
    let written = try await store.write(contents, over: current, call)
    return ActionOutcome(
      result: result(contents, changed: changed, written.version, written.previous))
  }

  /// There when the secret says already what it shall say.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let store = try store(call)
    guard let current = try await store.read() else { return .absent }
    let wanted = try wanted(call)
    let contents: SecretContents
    if case .previous(let word) = wanted {
      contents = try await store.contents(with: word, over: current, call)
    } else {
      contents = try merged(wanted, into: current.contents, store, call).contents
    }
    guard current.contents.says(contents) else { return .absent }
    let before = call.before["version"]?.string
    let previous =
      call.before == .null || before == current.version && before != nil
      ? nil : try await store.word(forBefore: before, call)
    return .there(result(contents, changed: [], current.version, previous))
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let place = with["to"]?.text ?? ""
    let keys = Array((with["values"]?.object ?? [:]).keys)
    let what =
      with["previous"] != nil
      ? "back to \(with["previous"]?.text ?? "")"
      : keys.isEmpty ? "its text" : "the keys \(keys.joined(separator: ", "))"
    let rest = place.drop { $0 != ":" }.dropFirst()
    switch place.prefix(while: { $0 != ":" }) {
    case "aws-secretsmanager":
      return "aws secretsmanager put-secret-value --secret-id \(shellQuoted(String(rest))) "
        + "--secret-string file:///dev/stdin  # all keys, changed: \(what)"
    case "kubernetes":
      let parts = rest.split(separator: "/")
      let space = parts.count > 1 ? " -n \(shellQuoted(String(parts[0])))" : ""
      return "kubectl\(space) patch secret \(shellQuoted(String(parts.last ?? ""))) "
        + "--patch-file /dev/stdin  # \(what)"
    default: return "${EDITOR:-vi} \(shellQuoted(String(rest)))  # \(what)"
    }
  }

  private func store(_ call: ActionCall) throws -> any SecretStore {
    try SecretPlace.store(call.with["to"]?.string ?? "", targets, cluster)
  }

  /// What the step asks for.
  private enum Wanted {
    case contents(SecretContents)
    case previous(String)

    var contents: SecretContents {
      if case .contents(let contents) = self { contents } else { .text("") }
    }
  }

  private func wanted(_ call: ActionCall) throws -> Wanted {
    let given = ["values", "value", "previous"].filter { call.with[$0] != nil }
    guard given.count == 1 else {
      throw ActionError(.other, "secret.put needs one of values, value and previous")
    }
    if let word = call.with["previous"]?.string { return .previous(word) }
    if let text = call.with["value"]?.string { return .contents(.text(text)) }
    var values: OrderedDictionary<String, String> = [:]
    for (key, value) in call.with["values"]?.object ?? [:] {
      guard let text = value.text, !text.isEmpty else {
        throw ActionError(.refused, "the value of key \"\(key)\" is empty or no text")
      }
      values[key] = text
    }
    guard !values.isEmpty else { throw ActionError(.other, "values names no key") }
    return .contents(.keyed(values))
  }

  /// What the secret shall hold, and which keys differ.
  private func merged(
    _ wanted: Wanted, into current: SecretContents, _ store: any SecretStore, _ call: ActionCall
  ) throws -> (contents: SecretContents, changed: [String]) {
    switch (wanted.contents, current) {
    case (.text(let text), .text(let old)): return (.text(text), text == old ? [] : ["value"])
    case (.keyed(let values), .keyed(var all)):
      try refuseNewKeys(values.keys, beside: all.keys, store, call)
      let changed = values.filter { all[$0.key] != $0.value }.map(\.key)
      for (key, value) in values { all[key] = value }
      return (.keyed(all), changed)
    case (.text, .keyed):
      throw ActionError(
        .refused, "\(store.title) has keys, which one text would replace",
        hint: "Give values, by key.")
    case (.keyed, .text):
      throw ActionError(.refused, "\(store.title) holds no JSON object, and so no keys")
    }
  }

  /// A slip in a key's name would leave the old value in force and look like success.
  private func refuseNewKeys(
    _ keys: some Sequence<String>, beside known: some Collection<String>,
    _ store: any SecretStore, _ call: ActionCall
  ) throws {
    let word = call.with["new-keys"]?.string ?? "refuse"
    guard ["refuse", "allow"].contains(word) else {
      throw ActionError(.other, "new-keys is \"\(word)\"; it can be refuse or allow")
    }
    guard word == "refuse", let new = keys.first(where: { !known.contains($0) }) else { return }
    throw ActionError(
      .refused,
      "\(store.title) has no key \"\(new)\"\(Suggestion.phrase(for: new, among: known))",
      hint: "new-keys: allow lets it have one more.")
  }

  private func result(
    _ contents: SecretContents, changed: [String], _ version: String?, _ previous: String?,
    isNew: Bool = false
  ) -> Value {
    [
      "version": Value(version), "previous": Value(previous),
      "keys": .array(contents.keys.sorted().map(Value.string)),
      "changed": .array(changed.sorted().map(Value.string)), "created": .bool(isNew),
    ]
  }
}
