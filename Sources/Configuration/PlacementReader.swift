internal import OrderedCollections
internal import YAML

/// Reads on which nodes pods of ours may run, in Kubernetes' own words.
struct PlacementReader {
  let problems: YAMLProblems

  /// The keys of a toleration.
  private static let tolerationKeys = ["key", "operator", "value", "effect"]

  /// The labels of the node.
  func nodeSelector(_ reader: MappingReader) -> OrderedDictionary<String, String> {
    texts(reader.entries("node-selector") ?? [])
  }

  /// The taints that the node may have: for each Kubernetes' own keys and their values.
  func tolerations(_ reader: MappingReader) -> [OrderedDictionary<String, String>] {
    (reader.sequence("tolerations") ?? []).compactMap { node in
      guard let entry = MappingReader(node, as: "a toleration", problems: problems) else {
        return nil
      }
      var toleration: OrderedDictionary<String, String> = [:]
      for key in PlacementReader.tolerationKeys { toleration[key] = entry.string(key) }
      entry.finish()
      return toleration
    }
  }

  private func texts(_ entries: [YAMLMapping.Entry]) -> OrderedDictionary<String, String> {
    var texts: OrderedDictionary<String, String> = [:]
    for entry in entries {
      guard let text = entry.value.string else {
        problems.report(
          "\"\(entry.key)\" must be text, but is \(entry.value.kind)", at: entry.value.location)
        continue
      }
      texts[entry.key] = text
    }
    return texts
  }
}
