internal import JSON

extension KubeClient {
  /// Whether a CronJob (or a Job, since 1.24) starts nothing more; as it is now.
  public func isSuspended(_ object: ObjectReference) async throws -> Bool {
    try await get(object.resource, object.name, in: object.namespace)["spec", "suspend"]?.bool
      ?? false
  }

  /// Lets a CronJob start Jobs, or not. Those that run already go on.
  ///
  /// One field of the object's wishes is patched: nobody else's change is lost by it.
  public func suspend(
    _ object: ObjectReference, _ isSuspended: Bool, isDryRun: Bool = false
  ) async throws {
    _ = try await patch(
      object.resource, object.name, in: object.namespace,
      ["spec": ["suspend": .bool(isSuspended)]], as: .merge, isDryRun: isDryRun)
  }
}
