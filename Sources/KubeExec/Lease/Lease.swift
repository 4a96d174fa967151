internal import JSON
internal import Quantities
internal import Synchronization

/// A `coordination.k8s.io` Lease that somebody keeps by renewing it: a lock that ends by itself when
/// its holder dies.
///
/// A lease has expired when it was not renewed while we watched it for its whole duration, by our own
/// clock (as client-go judges it). Times that are written down there decide only how long one is
/// watched: a clock that is wrong makes somebody give up sooner or later, never take what is held.
public final class Lease: Sendable {
  /// Who keeps it; the texts end up as annotations.
  public struct Holder: Hashable, Sendable {
    /// What tells holders apart: `holderIdentity`.
    public var identity: String
    /// What people are told, by annotation.
    public var notes: [String: String]

    /// Describes a holder.
    public init(identity: String, notes: [String: String]) {
      self.identity = identity
      self.notes = notes
    }
  }

  /// What became of an attempt.
  public enum Attempt: Sendable {
    case taken(Lease)
    /// Somebody else keeps it.
    case busy(Holder)
  }

  private let client: KubeClient
  private let reference: ObjectReference
  private let holder: Holder
  private let duration: Duration
  private let state: Mutex<(renewed: ContinuousClock.Instant, isLost: Bool)>
  private let renewal = Mutex<Task<Void, Never>?>(nil)

  private init(
    _ client: KubeClient, _ reference: ObjectReference, _ holder: Holder, _ duration: Duration,
    takenAt moment: ContinuousClock.Instant
  ) {
    self.client = client
    self.reference = reference
    self.holder = holder
    self.duration = duration
    state = Mutex((moment, false))
  }

  deinit { renewal.withLock { $0?.cancel() } }

  private static let resource = KubeResource(
    group: "coordination.k8s.io", version: "v1", plural: "leases", singular: "lease",
    kind: "Lease", shortNames: [], isNamespaced: true)
  private static let prefix = "omcops/"

  /// Takes the lease, waiting at most `wait` for one that is given back. One whose holder has died is
  /// taken over at once where that can be seen from this machine; else after its duration without
  /// renewal, where that falls into the wait or the little time that is looked at in any case.
  ///
  /// - Parameter duration: how long it stays taken without renewal; it is renewed three times in it.
  public static func take(
    _ name: String, in namespace: String, as holder: Holder, for duration: Duration = .seconds(15),
    wait: Duration, with client: KubeClient
  ) async throws -> Attempt {
    let reference = ObjectReference(resource, name, in: namespace)
    let clock = ContinuousClock()
    let start = clock.now
    let process = ProcessOwner.current(name: holder.identity)
    var watched: (version: String, since: ContinuousClock.Instant)?
    while true {
      let found = try await client.find(resource, name, in: namespace)
      let moment = clock.now
      let version = found?.resourceVersion ?? ""
      if watched?.version != version { watched = (version, moment) }
      let other = found?["spec", "holderIdentity"]?.string ?? ""
      let seconds = found?["spec", "leaseDurationSeconds"]?.int ?? 0
      let isOver =
        moment - (watched?.since ?? moment) >= .seconds(seconds)
        || found.flatMap { ProcessOwner($0) }?.isGone(seenBy: process) == true
      if found == nil || other.isEmpty || other == holder.identity || isOver {
        if try await write(holder, process, duration, over: found, reference, client) {
          let lease = Lease(client, reference, holder, duration, takenAt: moment)
          lease.keepRenewing()
          return .taken(lease)
        }
        // Somebody was faster: look again at whom.
        try await Task.sleep(for: .milliseconds(100))
        continue
      }
      // A dead holder shows only by not renewing: that much is waited for in any case when the time
      // that it wrote down is past, so that a run after a crash need not be told to wait.
      let looksDead =
        found?["spec", "renewTime"]?.string.flatMap(Timestamp.init(parsing:)).map {
          Timestamp.now() - $0 > .seconds(seconds)
        } ?? true
      let limit = looksDead ? max(wait, .seconds(seconds) + .seconds(1)) : wait
      guard moment - start < limit else { return .busy(named(found, other)) }
      try await Task.sleep(for: min(.milliseconds(500), limit - (moment - start)))
    }
  }

  /// Whether it is ours still: renewed in time, and not lost to somebody else.
  public var isHeld: Bool {
    state.withLock { !$0.isLost && ContinuousClock.now - $0.renewed < duration }
  }

  /// Asks the cluster whether it is ours still, by renewing it.
  public func check() async -> Bool {
    await renew()
    return isHeld
  }

  /// Gives it back: it stays, with no holder. Nothing is done to one that is somebody else's by now.
  public func release() async {
    renewal.withLock { $0?.cancel() }
    // An interrupted task could send nothing any more.
    await Task {
      for attempt in 0..<3 {
        if attempt > 0 { try? await Task.sleep(for: .milliseconds(200)) }
        do {
          _ = try await write(["holderIdentity": .null, "renewTime": .null, "acquireTime": .null])
          return
        } catch {
          // Once more; and what cannot be given back ends by itself, after its duration.
        }
      }
    }.value
  }

  // MARK: Renewal

  private func keepRenewing() {
    let pause = duration / 3
    let task = Task { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: pause)
        // Also after an outage that was longer than the lease: nobody else may have wanted it.
        guard !Task.isCancelled, let self, !self.isLost else { return }
        await self.renew()
      }
    }
    renewal.withLock { $0 = task }
  }

  private var isLost: Bool { state.withLock { $0.isLost } }

  private func renew() async {
    let moment = ContinuousClock.now
    do {
      let isOurs = try await write(["renewTime": .string(Lease.now)])
      state.withLock { state in
        if isOurs { state.renewed = moment } else { state.isLost = true }
      }
    } catch {
      // A server that is away for a moment costs nothing yet; the duration says when it does.
    }
  }

  /// Changes the lease if it is ours still; gives whether it is.
  ///
  /// A server that has not answered in a third of the lease's time is asked anew rather than waited for.
  private func write(_ spec: JSON) async throws -> Bool {
    let (client, reference, identity, limit) = (client, reference, holder.identity, duration / 3)
    return try await withThrowingTaskGroup(of: Bool.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        let found = try await client.find(Lease.resource, reference.name, in: reference.namespace)
        guard let found, found["spec", "holderIdentity"]?.string == identity else { return false }
        let patch: JSON = [
          "metadata": ["resourceVersion": JSON(found.resourceVersion)], "spec": spec,
        ]
        _ = try await client.patch(
          Lease.resource, reference.name, in: reference.namespace, patch, as: .merge)
        return true
      }
      group.addTask {
        try await Task.sleep(for: limit)
        throw KubeError(.timedOut, "lease \"\(reference.name)\": no answer within \(limit.brief)")
      }
      return try await group.next() ?? false
    }
  }

  // MARK: The object

  private static var now: String { Timestamp.now().rfc3339(fractionDigits: 6) }

  /// Whether the lease could be written: not if somebody else was faster.
  private static func write(
    _ holder: Holder, _ process: ProcessOwner, _ duration: Duration, over found: KubeObject?,
    _ reference: ObjectReference, _ client: KubeClient
  ) async throws -> Bool {
    let spec: JSON = [
      "holderIdentity": .string(holder.identity),
      "leaseDurationSeconds": .int(duration.components.seconds),
      "acquireTime": .string(now), "renewTime": .string(now),
      "leaseTransitions": .int((found?["spec", "leaseTransitions"]?.int ?? -1) + 1),
    ]
    var annotations = process.annotations
    for (key, value) in holder.notes.sorted(by: { $0.key < $1.key }) {
      annotations = annotations.merging([prefix + key: .string(value)])
    }
    do {
      guard let found else {
        let object: JSON = [
          "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
          "metadata": ["name": .string(reference.name), "annotations": annotations],
          "spec": spec,
        ]
        _ = try await client.create(resource, object, in: reference.namespace)
        return true
      }
      let patch: JSON = [
        "metadata": [
          "resourceVersion": JSON(found.resourceVersion), "annotations": annotations,
        ], "spec": spec,
      ]
      _ = try await client.patch(
        resource, reference.name, in: reference.namespace, patch, as: .merge)
      return true
    } catch let error as KubeError where error.code == .conflict {
      return false
    } catch let error as KubeError where error.code == .notFound && found != nil {
      // It was deleted meanwhile. Where there was none to begin with, its namespace is what is missing.
      return false
    }
  }

  private static func named(_ found: KubeObject?, _ identity: String) -> Holder {
    var notes: [String: String] = [:]
    for (key, value) in found?["metadata", "annotations"]?.object ?? [:]
    where key.hasPrefix(prefix) {
      notes[String(key.dropFirst(prefix.count))] = value.string
    }
    return Holder(identity: identity, notes: notes)
  }
}
