internal import KubeExec
internal import Quantities

/// Tells the cluster's warnings about the pods whose logs are followed.
struct EventNotices: Sendable {
  private let client: KubeClient
  private let options: FollowOptions
  private let notices: LogNotices

  init(_ client: KubeClient, _ options: FollowOptions, _ notices: LogNotices) {
    self.client = client
    self.options = options
    self.notices = notices
  }

  /// Goes on until it is cancelled; who may not read events is told so once.
  func run() async throws {
    let namespaces = Set(options.scopes.map(\.query.namespace))
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for namespace in namespaces { group.addTask { try await watch(namespace) } }
        try await group.waitForAll()
      }
    } catch let error as KubeError {
      notices.tell("events are not shown: \(error.message)")
    }
  }

  private func watch(_ namespace: String?) async throws {
    let start = Timestamp.now()
    let query = ObjectQuery(.events, namespace: namespace, fieldSelector: "type=Warning")
    let _: Never = try await ObjectWatch(client, query).first { news in
      guard case .changed(let object) = news else { return nil }
      let event = KubeEvent(object)
      if let time = event.time, time < start { return nil }
      guard isMine(event) else { return nil }
      notices.tell("\(event.subject): \(event.reason): \(event.message)")
      return nil
    }
  }

  /// Whether an event is about a pod that may be followed. Scopes by label cannot tell by a name: pods
  /// of their namespace count.
  private func isMine(_ event: KubeEvent) -> Bool {
    guard event.subject.hasPrefix("pod/") else { return false }
    let pod = event.subject.dropFirst(4)
    return options.scopes.contains { scope in
      if let name = scope.name { return Array(pod.utf8).withUnsafeBytes { name.matches($0) } }
      if let field = scope.query.fieldSelector, field.hasPrefix("metadata.name=") {
        return field.dropFirst("metadata.name=".count) == pod
      }
      return true
    }
  }
}
