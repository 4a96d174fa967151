extension KubeClient {
  /// Makes a Job.
  ///
  /// - Returns: the Job as the server has it, with its name and selector.
  public func create(
    job: KubeObject, in namespace: String, isDryRun: Bool = false
  ) async throws -> KubeObject {
    guard let resource = try await resource(of: job) else {
      throw KubeError(
        .invalidRequest, "the server of \(access.source) has no Job in \(job.apiVersion)")
    }
    do {
      return try await create(resource, job.json, in: namespace, isDryRun: isDryRun)
    } catch var error as KubeError where error.answer?.reason == "AlreadyExists" {
      error.message = "there is a job \"\(job.name)\" already"
      error.hint = "give this one another name with --name, or delete the old one"
      throw error
    }
  }
}
