public import Diagnostics
public import OrderedCollections
internal import Quantities
internal import YAML

/// Where a suite's tests are run, and what that needs.
public struct TestWhereConfiguration: Sendable {
  /// Where.
  public enum Kind: String, Sendable, CaseIterable {
    /// On this machine.
    case local
    /// In a pod that runs already.
    case pod
    /// In pods of a Job that is made for the run.
    case job
  }

  /// Where, when the command line says nothing.
  public var kind: Located<Kind>?
  /// The environment whose cluster is meant.
  public var environment: Located<String>?
  /// A component, kind/name or selector.
  public var target: Located<String>?
  /// The container of the target's pods.
  public var container: Located<String>?
  /// The suite's folder in the image; nil for the container's own working folder.
  public var folder: Located<String>?
  /// The interpreter in the image: a path, or a name in its `PATH`.
  public var python: Located<String>?
  /// How many pods the Job has.
  public var shards: Located<Int>?
  /// The image of these, if not the target's.
  public var image: Located<String>?
  /// Their service account, if not the target's.
  public var serviceAccount: Located<String>?
  /// The labels of their nodes.
  public var nodeSelector: OrderedDictionary<String, String> = [:]
  /// The taints that their nodes may have: for each Kubernetes' own keys and their values.
  public var tolerations: [OrderedDictionary<String, String>] = []
  /// What they ask for and may use, if not what the target's container does: by `requests` and
  /// `limits`.
  public var resources: OrderedDictionary<String, OrderedDictionary<String, String>> = [:]
  /// How long a pod may take to run: a node may have to be started for it.
  public var startTimeout: Located<Duration>?
  /// When Kubernetes ends the pods if nobody else has.
  public var deadline: Located<Duration>?
  /// The address of this machine as pods see it, at which a throwaway server listens for them.
  public var databaseAddress: Located<String>?
  /// Where the section begins.
  public var location: SourceLocation
}

/// Reads what `omcops.yaml` says about where tests are run.
struct TestWhereReader {
  let problems: YAMLProblems

  func read(_ outer: MappingReader, suite: String) -> TestWhereConfiguration? {
    guard let reader = outer.mapping("where", as: "the place of suite \"\(suite)\"") else {
      return nil
    }
    var place = TestWhereConfiguration(location: outer.location(of: "where"))
    let kinds = TestWhereConfiguration.Kind.allCases.map(\.rawValue)
    if let word = reader.choice("kind", of: kinds),
      let kind = TestWhereConfiguration.Kind(rawValue: word)
    {
      place.kind = Located(kind, at: reader.location(of: "kind"))
    }
    place.environment = reader.word("environment")
    place.target = reader.word("target")
    place.container = reader.word("container")
    place.folder = folder(reader)
    place.python = reader.word("python")
    place.shards = shards(reader)
    place.image = reader.word("image")
    place.serviceAccount = reader.word("service-account")
    let nodes = PlacementReader(problems: problems)
    place.nodeSelector = nodes.nodeSelector(reader)
    place.tolerations = nodes.tolerations(reader)
    if let resources = reader.mapping("resources", as: "the resources of suite \"\(suite)\"") {
      for key in ["requests", "limits"] {
        place.resources[key] = amounts(resources.entries(key) ?? [])
      }
      resources.finish()
    }
    place.databaseAddress = address(reader)
    place.startTimeout = duration("start-timeout", reader)
    place.deadline = duration("deadline", reader)
    reader.finish()
    return place
  }

  private func folder(_ reader: MappingReader) -> Located<String>? {
    guard let found = reader.word("folder") else { return nil }
    if !found.value.hasPrefix("/") {
      problems.report(
        "the folder in the image is \"\(found.value)\"; it must be a whole path",
        at: found.location)
    }
    return found
  }

  private func address(_ reader: MappingReader) -> Located<String>? {
    guard let found = reader.word("database-address") else { return nil }
    let parts = found.value.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count != 4 || parts.contains(where: { UInt8($0) == nil }) || parts[0] == "127" {
      problems.report(
        "\"\(found.value)\" is no address of this machine that pods see", at: found.location,
        hint: "Write an IPv4 address, as 10.0.3.17.")
    }
    return found
  }

  private func shards(_ reader: MappingReader) -> Located<Int>? {
    guard let number = reader.int("shards"), let node = reader.node("shards") else { return nil }
    if !(1...100).contains(number) {
      problems.report("\"shards\" is \(number); it must be 1 to 100", at: node.location)
    }
    return Located(Int(clamping: number), at: node.location)
  }

  /// Amounts as Kubernetes reads them: `500m`, `1`, `1.5`, `2Gi`.
  private func amounts(_ entries: [YAMLMapping.Entry]) -> OrderedDictionary<String, String>? {
    var amounts: OrderedDictionary<String, String> = [:]
    for entry in entries {
      guard let text = entry.value.scalar?.text, text.first?.isNumber == true else {
        problems.report(
          "\"\(entry.key)\" is no amount", at: entry.value.location, hint: "Write 2Gi.")
        continue
      }
      amounts[entry.key] = text
    }
    return amounts.isEmpty ? nil : amounts
  }

  private func duration(_ key: String, _ reader: MappingReader) -> Located<Duration>? {
    guard let found = reader.word(key) else { return nil }
    guard let duration = Duration(parsing: found.value), duration >= .seconds(1) else {
      problems.report(
        "\"\(found.value)\" is no time to wait", at: found.location, hint: "Write 90s or 10m.")
      return nil
    }
    return Located(duration, at: found.location)
  }
}
