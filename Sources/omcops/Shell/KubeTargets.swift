internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import KubeExec
internal import Text

/// What the words of a command line mean: `kind/name`, `kind name...`, a selector, or a component of
/// omcops.yaml.
struct KubeTargets {
  let session: KubeSession
  let words: [String]
  /// `-l`.
  var selector: String?

  private var client: KubeClient { session.client }

  /// The workloads that are meant: Deployments, StatefulSets, DaemonSets and, where they are named
  /// by kind, others.
  func workloads() async throws -> [ObjectReference] {
    try await references { component, selector in
      try await workloads(matching: selector, in: component?.namespace?.value)
    }
  }

  /// The objects that are meant; a selector without a kind means pods.
  func objects() async throws -> [ObjectReference] {
    try await references { component, selector in
      if let component {
        return try await workloads(matching: selector, in: component.namespace?.value)
      }
      return try await list(.pods, selector, in: nil)
    }
  }

  private func references(
    _ matching: (ComponentConfiguration?, String) async throws -> [ObjectReference]
  ) async throws -> [ObjectReference] {
    if let kind = try await leadingKind() { return kind }
    var found: [ObjectReference] = []
    for word in words {
      if let named = try await named(word) {
        found.append(named)
      } else if let component = session.components[word] {
        found += try await references(of: component, matching)
      } else if KubeTargets.isSelector(word) {
        found += try await matching(nil, word)
      } else {
        throw unknown(word)
      }
    }
    return found
  }

  private func references(
    of component: ComponentConfiguration,
    _ matching: (ComponentConfiguration?, String) async throws -> [ObjectReference]
  ) async throws -> [ObjectReference] {
    if let name = component.objectName?.value {
      let resource = try await client.resource(named: component.kind?.value ?? "deployment")
      return [
        ObjectReference(
          resource, name, in: component.namespace?.value ?? session.namespace)
      ]
    }
    return try await matching(component, component.selector?.value ?? "")
  }

  /// `kind name...` and `kind -l selector`.
  private func leadingKind() async throws -> [ObjectReference]? {
    guard let first = words.first, !first.contains("/"), !KubeTargets.isSelector(first),
      session.components[first] == nil, words.count > 1 || selector != nil
    else { return nil }
    let resource = try await client.resource(named: first)
    if let selector {
      guard words.count == 1 else {
        throw ValidationError("names and --selector do not go together")
      }
      return try await list(resource, selector, in: nil)
    }
    return words.dropFirst().map { ObjectReference(resource, $0, in: session.namespace) }
  }

  private func named(_ word: String) async throws -> ObjectReference? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !KubeTargets.isSelector(word)
    else { return nil }
    return ObjectReference(
      try await client.resource(named: parts[0]), parts[1], in: session.namespace)
  }

  private func workloads(
    matching selector: String, in namespace: String?
  ) async throws -> [ObjectReference] {
    var found: [ObjectReference] = []
    for resource in [KubeResource.deployments, .statefulSets, .daemonSets] {
      found += try await list(resource, selector, in: namespace, isEmptyFine: true)
    }
    if found.isEmpty {
      throw NothingMatches(what: "workload", selector: selector, place: session.namespace)
    }
    return found
  }

  private func list(
    _ resource: KubeResource, _ selector: String, in namespace: String?, isEmptyFine: Bool = false
  ) async throws -> [ObjectReference] {
    let place = namespace ?? session.namespace
    let items = try await client.list(
      ObjectQuery(
        resource, namespace: resource.isNamespaced ? place : nil, labelSelector: selector)
    ).items
    if items.isEmpty, !isEmptyFine {
      throw NothingMatches(what: resource.singular, selector: selector, place: place)
    }
    return items.map { ObjectReference(resource, $0.name, in: $0.namespace) }
  }

  private func unknown(_ word: String) -> KubeError {
    let known = session.components.keys.sorted()
    return KubeError(
      .invalidRequest,
      "\"\(word)\" is no component of omcops.yaml" + Suggestion.phrase(for: word, among: known),
      hint: "name a target as kind/name, by a selector such as app=web, or as a component"
        + (known.isEmpty ? "" : ": \(known.joined(separator: ", "))"))
  }

  /// Whether a word is a selector of labels, and not a name.
  static func isSelector(_ word: String) -> Bool {
    word.contains("=") || word.contains(text: " in ") || word.contains(text: " notin ")
      || word.hasPrefix("!")
  }
}

/// A selector that selects nothing.
struct NothingMatches: Failure {
  var what: String
  var selector: String
  var place: String
  var message: String { "no \(what) in namespace \"\(place)\" matches \(selector)" }
  var hint: String? {
    let kinds = what == "workload" ? "deployments,statefulsets,daemonsets" : what
    return "`omcops kube get \(kinds) -n \(place) --show-labels` shows what there is"
  }
  var status: Diagnostics.ExitStatus { .blocked }
}
