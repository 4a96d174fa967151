internal import Diagnostics
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// The objects that `kind`, `name` and the selectors of a step mean.
struct KubeObjects {
  let session: KubeSession
  let with: OrderedDictionary<String, Value>

  /// The kind; throws where none is named.
  func resource() async throws -> KubeResource {
    guard let kind = with["kind"]?.string else {
      throw ActionError(.other, "nothing says which kind of object is meant", hint: "give kind")
    }
    return try await session.client.resource(named: kind)
  }

  /// All of them; where `name` names one, that one, or none.
  func read() async throws -> [KubeObject] {
    let resource = try await resource()
    if let name = with["name"]?.string {
      if with["selector"] != nil || with["field-selector"] != nil {
        throw ActionError(.other, "name and a selector do not go together")
      }
      return try await session.client.find(resource, name, in: session.namespace).map { [$0] } ?? []
    }
    return try await session.client.list(
      ObjectQuery(
        resource, namespace: resource.isNamespaced ? session.namespace : nil,
        labelSelector: with["selector"]?.string, fieldSelector: with["field-selector"]?.string)
    ).items
  }

  /// The one that `name` names; throws where there is none.
  func named(_ name: String) async throws -> KubeObject {
    if let found = try await read().first { return found }
    let kind = try await resource()
    let place = kind.isNamespaced ? " in namespace \"\(session.namespace)\"" : ""
    throw KubeError(.notFound, "there is no \(kind.singular) \"\(name)\"\(place)")
  }
}

extension Value {
  /// An object as expressions see it: without who manages which field, and without what a Secret
  /// holds.
  init(_ object: KubeObject) {
    var value = Value(object.withoutManagedFields.json)
    if object.kind == "Secret", case .object(var members) = value {
      for key in ["data", "stringData"] {
        guard let secrets = members[key]?.object else { continue }
        members[key] = .object(secrets.mapValues { _ in "********" })
      }
      value = .object(members)
    }
    self = value
  }
}

/// `kube.get`: one object, or `items`; of these only those for which `where` is true.
struct KubeGetAction: Action {
  let cluster: RunCluster

  let name = "kube.get"
  let effect = Effect.read
  let parameters =
    KubeParameters.objects + [
      ActionParameter("where", .any, isDeferred: true), ActionParameter("given", .map(.any)),
    ]
  let result = Shape.any

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let session = try cluster.session(for: call)
    let condition = try call.with["where"]?.string.map { text in
      try Expression(parsing: text, at: SourceLocation(file: "where", line: 1, column: 1))
    }
    return try await kubeErrors {
      let objects = KubeObjects(session: session, with: call.with)
      if let name = call.with["name"]?.string {
        try call.refuse("where", beside: "name")
        return ActionOutcome(result: Value(try await objects.named(name)))
      }
      var items = try await objects.read().map { Value($0) }
      if let condition { items = try items.filter { try holds(condition, of: $0, call) } }
      return ActionOutcome(result: ["items": .array(items)])
    }
  }

  /// What an object does not have makes nothing true of it.
  private func holds(_ condition: Expression, of item: Value, _ call: ActionCall) throws -> Bool {
    let scope = Scope(contexts: ["item": item, "given": call.with["given"] ?? [:]])
    do throws(ExpressionError) {
      return try condition.isTrue(in: scope)
    } catch {
      if error.kind == .absent { return false }
      throw error
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let condition = with["where"]?.text.map { " # where \($0)" } ?? ""
    return "omcops kube get \(KubeParameters.words(with))\(condition)"
  }
}

/// `kube.wait`: whether an expression over `item` or `items` is true, at the latest after a time.
struct KubeWaitAction: Action {
  let cluster: RunCluster

  let name = "kube.wait"
  let effect = Effect.read
  let parameters =
    KubeParameters.objects + [
      ActionParameter("until", .any, isRequired: true, isDeferred: true),
      ActionParameter("timeout", .duration),
    ]
  let result = Shape.any

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let session = try cluster.session(for: call)
    let text = call.with["until"]?.string ?? ""
    let until = try Expression(
      parsing: text, at: SourceLocation(file: "until", line: 1, column: 1))
    return try await kubeErrors {
      let objects = KubeObjects(session: session, with: call.with)
      var seen = 0
      let time = call.duration("timeout") ?? .zero
      let found = try await call.poll(for: time) { () -> Value? in
        let items = try await objects.read().map { Value($0) }
        seen = items.count
        return try holds(until, items) ? .array(items) : nil
      }
      guard let found else {
        throw ActionError(
          .assertion,
          "not true\(time > .zero ? " within \(time.canonical)" : ""): \(text) "
            + "(\(seen) object\(seen == 1 ? "" : "s") there)")
      }
      return ActionOutcome(result: ["items": found])
    }
  }

  /// What an object does not have yet may come.
  private func holds(_ until: Expression, _ items: [Value]) throws -> Bool {
    var contexts: [String: Value] = ["items": .array(items)]
    contexts["item"] = items.first ?? .null
    do throws(ExpressionError) {
      return try until.isTrue(in: Scope(contexts: contexts))
    } catch {
      if error.kind == .absent { return false }
      throw error
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube get \(KubeParameters.words(with)) # until \(with["until"]?.text ?? "")"
  }
}

/// `kube.events`: what happened in the namespace, or to some objects.
struct KubeEventsAction: Action {
  let cluster: RunCluster

  let name = "kube.events"
  let effect = Effect.read
  let parameters = [
    KubeParameters.namespace, KubeParameters.target, ActionParameter("reason", .string),
    ActionParameter("type", .string), ActionParameter("since", .any),
    ActionParameter("involved-selector", .string),
  ]
  let result = Shape.object([
    "items": .array(
      .object([
        "time": .optional(.timestamp), "type": .string, "reason": .string, "object": .string,
        "count": .number, "message": .string,
      ]))
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let session = try cluster.session(for: call)
    let since = try call.since()
    return try await kubeErrors {
      var queries = [KubeClient.events(in: session.namespace)]
      if let word = call.with["target"]?.string {
        queries = try await KubeTargets(session: session, words: [word]).workloads()
          .map { KubeClient.events(about: $0, in: nil) }
      }
      var pods: Set<String>?
      if let selector = call.with["involved-selector"]?.string {
        let query = ObjectQuery(
          .pods, namespace: session.namespace, labelSelector: selector)
        pods = Set(try await session.client.list(query).items.map { "pod/\($0.name)" })
      }
      var found: [KubeEvent] = []
      for query in queries {
        found += try await session.client.list(query).items.map(KubeEvent.init)
      }
      let events = found.filter { event in
        if let reason = call.with["reason"]?.string, event.reason != reason { return false }
        if let type = call.with["type"]?.string, event.type != type { return false }
        if let since, let time = event.time, time < since { return false }
        return pods?.contains(event.subject) ?? true
      }
      return ActionOutcome(result: ["items": .array(events.map(value))])
    }
  }

  private func value(_ event: KubeEvent) -> Value {
    [
      "time": event.time.map { .timestamp($0) } ?? .null, "type": .string(event.type),
      "reason": .string(event.reason), "object": .string(event.subject),
      "count": .int(event.count), "message": .string(event.message),
    ]
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube events \(KubeParameters.words(with))"
  }
}

extension ActionCall {
  /// From when on `since` means: a moment, or how long ago; nil for always.
  func since() throws -> Timestamp? {
    switch with["since"] {
    case nil, .null: return nil
    case .timestamp(let moment): return moment
    case .duration(let duration): return Timestamp.now() + (.zero - duration)
    case .string(let text):
      if let duration = Duration(parsing: text) { return Timestamp.now() + (.zero - duration) }
      if let moment = Timestamp(parsing: text) { return moment }
      throw ActionError(.other, "since is \"\(text)\"; it must be a time or a duration such as 10m")
    default: throw ActionError(.other, "since must be a time or a duration such as 10m")
    }
  }
}
