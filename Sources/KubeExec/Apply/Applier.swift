internal import JSON

/// Brings objects into a cluster by server-side apply: first all of them as a dry run, so that
/// nothing is changed when one of them cannot be.
public struct Applier: Sendable {
  private let client: KubeClient
  /// The namespace of objects that name none.
  private let namespace: String
  /// Whether fields that others own are taken from them.
  private let isForced: Bool

  /// Changes nothing yet.
  public init(_ client: KubeClient, namespace: String, isForced: Bool) {
    self.client = client
    self.namespace = namespace
    self.isForced = isForced
  }

  /// What would become of one object.
  public struct Step: Sendable {
    /// What is done.
    public enum Action: String, Sendable {
      case create
      case change
      case none
    }

    /// Which object.
    public var reference: ObjectReference
    /// What is done.
    public var action: Action
    /// The fields that become different.
    public var changes: [FieldChange]
    let manifest: Manifest
  }

  /// Asks the server what would become of each object, namespaces first.
  ///
  /// - Throws: one `KubeError` that names every object that cannot be applied, and why.
  public func plan(_ manifests: [Manifest]) async throws -> [Step] {
    let ordered =
      manifests.filter { $0.object.kind == "Namespace" }
      + manifests.filter { $0.object.kind != "Namespace" }
    let newNamespaces = Set(
      manifests.filter { $0.object.kind == "Namespace" }.map(\.object.name))
    var steps: [Step] = []
    var failures: [KubeError] = []
    for manifest in ordered {
      do {
        steps.append(try await step(manifest, newNamespaces))
      } catch var error as KubeError {
        if error.code == .unreachable || error.code == .unauthorized { throw error }
        if error.code == .conflict { error = conflict(error, manifest) }
        error.message = "\(manifest.place): \(error.message)"
        failures.append(error)
      }
    }
    guard let first = failures.first else { return steps }
    throw KubeError(
      first.code, first.message, hint: first.hint,
      details: first.details + failures.dropFirst().flatMap { [$0.message] + $0.details },
      answer: first.answer)
  }

  /// Applies what `plan` gave, one object after the other.
  ///
  /// - Parameter done: gets each object after it was applied.
  public func run(_ steps: [Step], _ done: (Step, KubeObject) -> Void) async throws {
    for step in steps {
      do {
        let (object, _) = try await client.apply(
          step.reference.resource, step.manifest.object, in: step.reference.namespace,
          isForced: isForced)
        done(step, object)
      } catch let error as KubeError where error.code == .conflict {
        throw conflict(error, step.manifest)
      }
    }
  }

  private func step(_ manifest: Manifest, _ newNamespaces: Set<String>) async throws -> Step {
    var object = manifest.object
    guard let resource = try await client.resource(of: object) else {
      throw KubeError(
        .invalidRequest,
        "the server of \(client.access.source) has no kind \(object.kind) in \(object.apiVersion)",
        hint: "apply its CustomResourceDefinition first, and wait for its condition Established")
    }
    let place = object.namespace ?? (resource.isNamespaced ? namespace : nil)
    let reference = ObjectReference(resource, object.name, in: place)
    object.json = object.json.removing("metadata", "managedFields")
    var prepared = manifest
    prepared.object = object
    let live = try await client.find(resource, object.name, in: reference.namespace)
    let result: KubeObject
    do {
      result = try await client.apply(
        resource, object, in: reference.namespace, isForced: isForced, isDryRun: true
      ).object
    } catch let error as KubeError
      where error.code == .notFound && place.map(newNamespaces.contains) == true
    {
      // The namespace comes first, with this very apply; until then nobody can try the object.
      result = object
    }
    let changes = FieldChange.between(live, result)
    let action: Step.Action = live == nil ? .create : changes.isEmpty ? .none : .change
    return Step(reference: reference, action: action, changes: changes, manifest: prepared)
  }

  /// Names who owns the fields that would be taken.
  private func conflict(_ error: KubeError, _ manifest: Manifest) -> KubeError {
    let object = manifest.object
    let causes = error.answer?.causes ?? []
    guard !causes.isEmpty else { return error }
    return KubeError(
      .refused,
      "\(object.kind.lowercased()) \"\(object.name)\" has fields that others own",
      hint: "take them with --force-conflicts, or leave them out of the manifest",
      details: causes.map { "\($0.field ?? "?"): \($0.message)" }, answer: error.answer)
  }
}
