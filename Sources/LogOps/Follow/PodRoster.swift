public import Diagnostics
internal import KubeExec

/// Which pods there are, which of their instances are read, and when nothing more can come: no I/O.
struct PodRoster {
  /// An instance to read.
  struct Start {
    var state: ContainerState
    /// Whether it was there when reading began.
    var wasThere: Bool
    var generation: String?
    /// Whether the instance before has to be read first: it began and ended unseen.
    var readsPrevious = false
  }

  /// A pod, what has been seen of it, and by which scopes.
  struct Pod {
    var object: KubeObject
    var instances: [ContainerState.Identity: ContainerState] = [:]
    var scopes: Set<Int> = []
  }

  private let options: FollowOptions
  private var awaited: Set<Int>
  private var pods: [String: Pod] = [:]
  private var gone = GonePods()
  private var unfinished: Set<ContainerState.Identity> = []
  private var pending: [Start] = []
  private var hasSeenPods = false
  private var isComplete = false
  private var ended: [ContainerState.Identity] = []

  init(_ options: FollowOptions) {
    self.options = options
    awaited = Set(options.scopes.indices)
  }

  /// Takes news and gives what is worth telling.
  mutating func take(_ news: PodNews) -> [String] {
    switch news {
    case .state(let scope, let found):
      let isFirst = awaited.remove(scope) != nil
      return found.flatMap { see($0, scope, wasThere: isFirst) }
    case .changed(let scope, let pod): return see(pod, scope, wasThere: false)
    case .deleted(let scope, let pod): return leave(pod, scope)
    case .complete:
      isComplete = true
      return []
    case .finished: return []
    }
  }

  mutating func finished(_ identity: ContainerState.Identity) { unfinished.remove(identity) }

  private mutating func see(_ object: KubeObject, _ scope: Int, wasThere: Bool) -> [String] {
    var notices: [String] = []
    let isNew = pods[object.uid] == nil
    if isNew, !wasThere { notices.append("pod \(object.name) is new") }
    var pod = pods[object.uid] ?? gone.take(object.uid) ?? Pod(object: object)
    pod.object = object
    pod.scopes.insert(scope)
    hasSeenPods = true
    let old = pod.instances
    for state in ContainerState.all(of: object) where wants(state, object, options.scopes[scope]) {
      let known = pod.instances.updateValue(state, forKey: state.identity)
      if known == nil {
        notices += restart(state, after: old)
        ended += old.keys.filter { $0.container == state.identity.container }
        unfinished.insert(state.identity)
        let isPreviousNew = state.previous.map { !wasThere && old[$0] == nil }
        pending.append(
          Start(
            state: state, wasThere: wasThere,
            generation: object.label("pod-template-hash")
              ?? object.label("controller-revision-hash"),
            readsPrevious: isPreviousNew ?? false))
      } else if known?.phase == .running, let ending = state.ending {
        ended.append(state.identity)
        notices.append("\(state.pod)/\(state.identity.container) ended (\(ending))")
      }
    }
    forgetOldInstances(of: &pod)
    pods[object.uid] = pod
    return notices
  }

  /// A pod has left a scope. The first to tell says that it is gone; what was seen of it is kept a while,
  /// since another scope may have news of it that is older, and it may come back to its labels.
  private mutating func leave(_ object: KubeObject, _ scope: Int) -> [String] {
    gone.leave(object.uid, scope)
    guard var pod = pods.removeValue(forKey: object.uid) else { return [] }
    ended += pod.instances.keys
    pod.scopes.remove(scope)
    gone.keep(pod, uid: object.uid)
    return ["pod \(object.name) is gone"]
  }

  /// Of a container that restarts for days only the instances are kept that its pod may still name, or
  /// that are being read.
  private func forgetOldInstances(of pod: inout Pod) {
    guard pod.instances.count > 16 else { return }
    let states = ContainerState.all(of: pod.object)
    let named = Set(states.map(\.identity) + states.compactMap(\.previous))
    pod.instances = pod.instances.filter { unfinished.contains($0.key) || named.contains($0.key) }
  }

  /// The watch may never have shown the end of the instance before: it is told with the restart.
  private func restart(
    _ state: ContainerState, after old: [ContainerState.Identity: ContainerState]
  ) -> [String] {
    guard let previous = state.previous,
      old.keys.contains(where: { $0.container == state.identity.container })
    else { return [] }
    let name = "\(state.pod)/\(state.identity.container)"
    var notices = ["\(name) was restarted (\(state.restarts) so far)"]
    if old[previous]?.phase ?? .running == .running, let ending = state.previousEnding {
      notices.insert("\(name) ended (\(ending))", at: 0)
    }
    return notices
  }

  private func wants(_ state: ContainerState, _ pod: KubeObject, _ scope: PodScope) -> Bool {
    let name = state.identity.container
    if let own = scope.container, own != name { return false }
    guard options.wants(container: name) else { return false }
    // Without the instance before there is nothing previous.
    if options.previous, state.previousID == nil, state.restarts == 0 { return false }
    func isAmong(_ key: String) -> Bool {
      (pod["spec", key]?.array ?? []).contains { $0["name"]?.string == name }
    }
    if !options.includesInit, isAmong("initContainers") { return false }
    return options.includesEphemeral || !isAmong("ephemeralContainers")
  }

  /// Whether every scope has told of its pods.
  var hasAllScopes: Bool { awaited.isEmpty }

  /// Whether a pod is there.
  func has(_ pod: String, in namespace: String) -> Bool {
    pods.values.contains { $0.object.name == pod && $0.object.namespace == namespace }
  }

  /// There were pods that are gone, and they were read.
  mutating func notePastPods() { hasSeenPods = true }

  /// The instances that nobody reads yet.
  mutating func starts() -> [Start] {
    defer { pending = [] }
    return pending
  }

  /// The instances that have ended since this was asked before and are still being read.
  mutating func ends() -> [ContainerState.Identity] {
    defer { ended = [] }
    return ended.filter(unfinished.contains)
  }

  /// Throws `NoPods` when every scope has answered and none has a pod.
  func check() throws {
    guard awaited.isEmpty, !hasSeenPods, !options.waits else { return }
    throw NoPods(scopes: options.scopes.map(\.description))
  }

  /// Whether nothing more can come.
  var isDone: Bool {
    if isComplete { return unfinished.isEmpty && pending.isEmpty }
    guard awaited.isEmpty, hasSeenPods, unfinished.isEmpty, pending.isEmpty else { return false }
    if !options.follows { return true }
    return options.endsWithPods
      && pods.values.allSatisfy {
        ["Succeeded", "Failed"].contains($0.object["status", "phase"]?.string)
      }
  }

  /// How many instances are remembered.
  var remembered: Int {
    pods.values.reduce(0) { $0 + $1.instances.count } + gone.remembered
  }

  func label(of state: ContainerState, generation: String?) -> SourceLabel {
    var name = "\(state.pod)/\(state.identity.container)"
    if options.showsNamespace { name = "\(state.namespace)/\(name)" }
    var label = SourceLabel(
      name,
      fields: [
        ("namespace", state.namespace), ("pod", state.pod),
        ("container", state.identity.container),
      ])
    label.generation = generation
    return label
  }
}

/// No pod is what was asked for.
public struct NoPods: Failure {
  var scopes: [String]
  /// What matches nothing.
  public var message: String { "no pod matches \(scopes.joined(separator: ", "))" }
  /// What to do.
  public var hint: String? {
    "`omcops kube get pods --show-labels` shows what there is; --wait waits for one"
  }
  /// A check that did not hold.
  public var status: ExitStatus { .blocked }
}
