internal import Configuration
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import LogOps
internal import OrderedCollections
internal import Patterns

/// Which pods the words of a command line mean.
struct LogScopes {
  let session: KubeSession
  /// The namespace; nil for all.
  let namespace: String?
  /// Whether it is of use what pods that are gone were called.
  var wantsPast = false

  /// The scopes of words and of a selector; without words the selector's alone.
  func scopes(_ words: [String], selector: String?) async throws -> [PodScope] {
    var scopes: [PodScope] = []
    for word in words { scopes.append(try await narrowed(scope(word), by: selector)) }
    if let selector, words.isEmpty { scopes.append(try await labelled(selector)) }
    return scopes
  }

  private func narrowed(_ scope: PodScope, by selector: String?) async throws -> PodScope {
    guard let selector else { return scope }
    var scope = scope
    scope.query.labelSelector =
      [scope.query.labelSelector, selector].compactMap { $0 }.joined(separator: ",")
    scope.description += " with \(selector)"
    let past = try await pastNames(selector: selector, in: scope.query.namespace)
    scope.past = past.flatMap { scope.past?.both($0) }
    return scope
  }

  private func labelled(_ selector: String) async throws -> PodScope {
    PodScope(
      "the selector \(selector)" + place,
      ObjectQuery(.pods, namespace: namespace, labelSelector: selector),
      past: try await pastNames(selector: selector, in: namespace))
  }

  private var place: String { namespace.map { " in namespace \"\($0)\"" } ?? " in any namespace" }

  private func scope(_ word: String) async throws -> PodScope {
    if let component = session.components[word] { return try await scope(word, component) }
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if KubeTargets.isSelector(word) { return try await labelled(word) }
    if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty {
      return try await workload(
        ObjectReference(
          try await session.client.resource(named: parts[0]), parts[1],
          in: namespace ?? session.namespace))
    }
    return PodScope(
      "the name \(word)" + place, ObjectQuery(.pods, namespace: namespace),
      name: try Pattern(word), past: PastNames([try Pattern(word)]))
  }

  private func scope(_ name: String, _ component: ComponentConfiguration) async throws -> PodScope {
    let place = component.namespace?.value ?? namespace
    var scope: PodScope
    if let object = component.objectName?.value {
      let resource = try await session.client.resource(
        named: component.kind?.value ?? "deployment")
      scope = try await workload(
        ObjectReference(resource, object, in: place ?? session.namespace))
    } else {
      let selector = component.selector?.value ?? ""
      scope = PodScope(
        "component \"\(name)\" (\(selector))" + (place.map { " in namespace \"\($0)\"" } ?? ""),
        ObjectQuery(.pods, namespace: place, labelSelector: selector),
        past: try await pastNames(selector: selector, in: place))
    }
    scope.container = component.container?.value
    return scope
  }

  /// The pods of an object: itself, or those that its selector means.
  private func workload(_ reference: ObjectReference) async throws -> PodScope {
    let resource = reference.resource
    let text = "\(reference)" + (reference.namespace.map { " in namespace \"\($0)\"" } ?? "")
    if resource.kind == "Pod" {
      return PodScope(
        text, ObjectQuery(.pods, namespace: reference.namespace, name: reference.name),
        past: try pastNames(of: reference))
    }
    if resource.kind == "CronJob" {
      return PodScope(
        text, ObjectQuery(.pods, namespace: reference.namespace),
        name: try Pattern("^\\Q\(reference.name)\\E-[0-9]+-[a-z0-9]+$"),
        past: try pastNames(of: reference))
    }
    let object = try await session.client.get(
      resource, reference.name, in: reference.namespace)
    guard let selector = LabelSelector.text(of: object) else {
      throw KubeError(
        .invalidRequest, "\(reference) selects no pods",
        hint: "name a workload, a service, a pod, or a selector such as app=web")
    }
    let own = try pastNames(of: reference)
    let labelled =
      try await own == nil ? pastNames(selector: selector, in: reference.namespace) : nil
    return PodScope(
      text, ObjectQuery(.pods, namespace: reference.namespace, labelSelector: selector),
      past: own ?? labelled)
  }
}

extension LogScopes {
  /// All pods of a namespace, or, for nil, of all.
  static func everything(_ namespace: String?) -> PodScope {
    PodScope(
      namespace.map { "namespace \"\($0)\"" } ?? "any namespace",
      ObjectQuery(.pods, namespace: namespace), past: .any)
  }
}
