/// What was seen of pods that are gone, so that late news of them, as from another scope that shows them
/// too, does not have their logs read once more.
///
/// Its memory is bounded however many pods come and go: a pod is forgotten when every scope that showed
/// it has told of its end and so many others have gone since, or when very many have.
struct GonePods {
  /// So many are kept that every scope has told of, and so many of which one has not.
  private static let settledLimit = 200
  private static let limit = 2000

  private var pods: [String: PodRoster.Pod] = [:]
  /// In the order in which they went; some of them have come back.
  private var order: [String] = []
  private var start = 0

  /// Keeps a pod that is gone.
  mutating func keep(_ pod: PodRoster.Pod, uid: String) {
    pods[uid] = pod
    order.append(uid)
    forget()
  }

  /// A scope has told of a pod's end.
  mutating func leave(_ uid: String, _ scope: Int) { pods[uid]?.scopes.remove(scope) }

  /// A pod is there again, or so says late news.
  mutating func take(_ uid: String) -> PodRoster.Pod? { pods.removeValue(forKey: uid) }

  /// How many instances are kept.
  var remembered: Int { pods.values.reduce(0) { $0 + $1.instances.count } }

  private mutating func forget() {
    while start < order.count, pods.count > GonePods.settledLimit {
      let oldest = order[start]
      if let pod = pods[oldest], !pod.scopes.isEmpty, pods.count <= GonePods.limit { break }
      pods[oldest] = nil
      start += 1
    }
    if start > GonePods.limit {
      order.removeFirst(start)
      start = 0
    }
  }
}
