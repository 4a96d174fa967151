internal import JSON
internal import OrderedCollections
internal import Runbooks

/// A place that keeps a secret: texts by key, or one text.
///
/// No store shows a value in an error, on a command line or in a file that others can read.
protocol SecretStore: Sendable {
  /// What it is called in messages.
  var title: String { get }
  /// What it holds; nil where it is not there.
  func read() async throws -> StoredSecret?
  /// What was there before, by the word that `write` gave for it.
  func read(previous: String) async throws -> StoredSecret
  /// What it holds once what was there before is brought back.
  ///
  /// What somebody else has changed since stays. Where that is what the run has changed too, it is
  /// refused; but a Secret of the cluster keeps only the names of the keys that the run has changed,
  /// and so cannot tell, and gets their old values.
  func contents(
    with previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> SecretContents
  /// Puts new contents in, unless they are others by now than those that were read; gives the new
  /// version and the word for what was there before.
  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?)
  /// Makes it.
  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String?
  /// Makes what was there before current again.
  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?)
  /// The word that `write` of this run would give for what was there before `version`.
  func word(forBefore version: String?, _ call: ActionCall) async throws -> String?
}

/// What a secret holds.
enum SecretContents: Hashable, Sendable {
  /// Texts by key.
  case keyed(OrderedDictionary<String, String>)
  /// One text.
  case text(String)

  /// The keys, where it has any.
  var keys: [String] { if case .keyed(let values) = self { Array(values.keys) } else { [] } }

  /// The keys whose values are others in another one, or that only one of the two has.
  func keys(differingFrom other: SecretContents) -> [String] {
    guard case .keyed(let a) = self, case .keyed(let b) = other else { return [] }
    return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
  }

  /// These contents with some keys as they are in others; what has no keys is taken whole.
  func taking(_ keys: [String], from other: SecretContents) -> SecretContents {
    guard case .keyed(var values) = self, case .keyed(let others) = other else { return other }
    for key in keys { values[key] = others[key] }
    return .keyed(values)
  }

  /// These contents with a change taken back that somebody made of `old`, and nothing else.
  ///
  /// - Throws: where what was changed has been changed again since.
  func takingBack(
    _ written: SecretContents, to old: SecretContents, of title: String
  ) throws -> SecretContents {
    guard case .keyed(var values) = self, case .keyed(let then) = written,
      case .keyed(let before) = old
    else {
      guard says(written) || says(old) else { throw Self.changedAgain(title) }
      return old
    }
    for key in old.keys(differingFrom: written) where values[key] != before[key] {
      guard values[key] == then[key] else { throw Self.changedAgain("key \"\(key)\" of \(title)") }
      values[key] = before[key]
    }
    return .keyed(values)
  }

  /// What is said where what was there before would go over what somebody else has put there.
  static func changedAgain(_ what: String) -> ActionError {
    ActionError(
      .assertion, "\(what) was changed again since: what was there before is not put over that",
      hint: "Nothing was changed. See which value counts, and set that by hand.")
  }

  /// The same, whatever the order of its keys.
  func says(_ other: SecretContents) -> Bool {
    switch (self, other) {
    case (.keyed(let a), .keyed(let b)):
      a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
    default: self == other
    }
  }
}

/// A secret as it is now.
struct StoredSecret: Sendable {
  var contents: SecretContents
  /// What tells it from what was there before and will be after, without saying what it holds.
  var version: String?
  /// The JSON that the contents were read from, where they were; the first that has a value counts.
  var originals: [JSON] = []

  /// The same, with what another one knows of how its values were written.
  func knowing(_ other: StoredSecret) -> StoredSecret {
    var both = self
    both.originals += other.originals
    return both
  }
}

/// Where a secret is: what stands behind `to:`.
enum SecretPlace {
  /// The store that a text names: `aws-secretsmanager:ID`, `kubernetes:[NAMESPACE/]NAME` or
  /// `file:/path`.
  static func store(
    _ text: String, _ targets: RunTargets, _ cluster: RunCluster
  ) throws -> any SecretStore {
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let rest = String(text[colon...].dropFirst())
    switch (text[..<colon], rest.isEmpty) {
    case ("aws-secretsmanager", false): return AWSSecretStore(id: rest, targets: targets)
    case ("kubernetes", false):
      let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { break }
      return KubernetesSecretStore(
        name: parts[parts.count - 1], namespace: parts.count == 2 ? parts[0] : nil,
        cluster: cluster)
    case ("file", false) where rest.hasPrefix("/"): return FileSecretStore(path: rest)
    default: break
    }
    throw ActionError(
      .other, "\"\(text)\" names no place for a secret",
      hint: "Write aws-secretsmanager:ID, kubernetes:NAMESPACE/NAME or file:/path.")
  }
}
