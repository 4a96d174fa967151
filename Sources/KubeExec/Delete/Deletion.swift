/// Deletes objects and waits until they are gone.
public struct Deletion: Sendable {
  /// What becomes of that which an object owns.
  public enum Propagation: String, Sendable, CaseIterable {
    /// It goes after the object.
    case background = "Background"
    /// It goes before the object.
    case foreground = "Foreground"
    /// It stays.
    case orphan = "Orphan"
  }

  private let client: KubeClient
  private let propagation: Propagation
  private let gracePeriodSeconds: Int?

  /// Deletes nothing yet.
  ///
  /// - Parameter gracePeriodSeconds: how long pods have to end; nil: as long as they say themselves.
  public init(_ client: KubeClient, propagation: Propagation, gracePeriodSeconds: Int? = nil) {
    self.client = client
    self.propagation = propagation
    self.gracePeriodSeconds = gracePeriodSeconds
  }

  /// An object that shall go.
  public struct Step: Sendable {
    /// Which.
    public var reference: ObjectReference
    /// What tells it from another of that name.
    public var uid: String
    /// What will keep it for a while; nil where nothing is known to.
    public var held: String?
  }

  /// Reads the objects and asks the server whether each may be deleted: a dry run.
  ///
  /// - Parameter isMissingFine: whether an object that is not there is left out, and no error.
  /// - Throws: one `KubeError` that names every object that cannot be deleted, and why.
  public func plan(
    _ objects: [ObjectReference], isMissingFine: Bool
  ) async throws -> [Step] {
    var steps: [Step] = []
    var failures: [KubeError] = []
    for object in objects {
      do {
        let found = try await client.get(object.resource, object.name, in: object.namespace)
        try await delete(object, found.uid, isDryRun: true)
        steps.append(Step(reference: object, uid: found.uid, held: found.held))
      } catch let error as KubeError where error.code == .notFound && isMissingFine {
        continue
      } catch let error as KubeError {
        if error.code == .unreachable || error.code == .unauthorized { throw error }
        failures.append(error)
      }
    }
    guard let first = failures.first else { return steps }
    throw KubeError(
      first.code, first.message, hint: first.hint,
      details: first.details + failures.dropFirst().map(\.message), answer: first.answer)
  }

  /// Begins to delete what `plan` gave, each only if it is still the same.
  public func run(_ steps: [Step]) async throws {
    for step in steps {
      do {
        try await delete(step.reference, step.uid, isDryRun: false)
      } catch let error as KubeError where error.code == .notFound {
        // Gone meanwhile, which is what is wanted.
      }
    }
  }

  /// Waits until the objects are gone.
  ///
  /// - Parameters:
  ///   - timeout: nil for as long as it takes.
  ///   - finished: gets each object that is gone.
  /// - Returns: what is still there when the time is over, and what keeps it.
  public func wait(
    _ steps: [Step], timeout: Duration?,
    _ finished: @escaping @Sendable (ObjectReference) -> Void = { _ in }
  ) async throws -> [(reference: ObjectReference, reason: String)] {
    var waiting = Waiting(client, for: .deleted)
    waiting.uids = Dictionary(steps.map { ($0.reference, $0.uid) }, uniquingKeysWith: { $1 })
    let outcomes = try await waiting.run(steps.map(\.reference), timeout: timeout) { object, end in
      if case .met = end { finished(object) }
    }
    var left: [(reference: ObjectReference, reason: String)] = []
    for (step, outcome) in zip(steps, outcomes) {
      switch outcome {
      case .met: continue
      case .timedOut(let reason): left.append((step.reference, reason))
      case .failed(let error): throw error
      }
    }
    return left
  }

  private func delete(
    _ object: ObjectReference, _ uid: String, isDryRun: Bool
  ) async throws {
    try await client.delete(
      object.resource, object.name, in: object.namespace, uid: uid,
      gracePeriodSeconds: gracePeriodSeconds, propagation: propagation.rawValue,
      isDryRun: isDryRun)
  }
}
