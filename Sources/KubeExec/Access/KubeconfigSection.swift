internal import Diagnostics
internal import YAML

/// A mapping of a kubeconfig, read as Kubernetes' own clients read it: null is as good as absent,
/// and a number where a text should be is that text.
struct KubeconfigSection {
  private let mapping: YAMLMapping?
  let location: SourceLocation
  /// What the mapping is, for messages.
  let subject: String
  private let problems: YAMLProblems

  init(
    _ mapping: YAMLMapping?, at location: SourceLocation, _ subject: String,
    _ problems: YAMLProblems
  ) {
    self.mapping = mapping
    self.location = location
    self.subject = subject
    self.problems = problems
  }

  /// Keys and values in the order of the file.
  var entries: [YAMLMapping.Entry] { mapping?.entries ?? [] }

  func node(_ key: String) -> YAMLNode? {
    mapping?[key].flatMap { $0.isNull ? nil : $0 }
  }

  func placed(_ key: String) -> Kubeconfig.Placed<String>? {
    guard let node = node(key) else { return nil }
    guard let scalar = node.scalar else {
      wrong(key, node, "text")
      return nil
    }
    return .init(value: scalar.text, location: node.location)
  }

  /// The text of a key; an empty one counts as absent.
  func text(_ key: String) -> String? {
    placed(key).flatMap { $0.value.isEmpty ? nil : $0.value }
  }

  func placedFlag(_ key: String) -> Kubeconfig.Placed<Bool>? {
    guard let node = node(key) else { return nil }
    guard case .bool(let flag)? = node.scalar?.value else {
      wrong(key, node, "true or false")
      return nil
    }
    return .init(value: flag, location: node.location)
  }

  func list(_ key: String) -> [YAMLNode] {
    guard let node = node(key) else { return [] }
    guard let items = node.sequence else {
      wrong(key, node, "a list")
      return []
    }
    return items
  }

  func texts(_ key: String) -> [String] {
    list(key).compactMap { node in
      if let scalar = node.scalar { return scalar.text }
      wrong(key, node, "a list of texts")
      return nil
    }
  }

  func section(_ key: String, _ subject: String) -> KubeconfigSection? {
    guard let node = node(key) else { return nil }
    guard let mapping = node.mapping else {
      wrong(key, node, "a mapping")
      return nil
    }
    return KubeconfigSection(mapping, at: node.location, subject, problems)
  }

  private func wrong(_ key: String, _ node: YAMLNode, _ expected: String) {
    problems.report("\"\(key)\" must be \(expected), but is \(node.kind)", at: node.location)
  }
}
