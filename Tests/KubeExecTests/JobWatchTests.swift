import ClusterStandIn
import JSON
import KubeExec
import Testing

@Suite struct JobWatchTests {
  private static func job(_ version: Int, _ status: String) -> String {
    """
    {"metadata":{"name":"j","namespace":"n","uid":"u","resourceVersion":"\(version)"},\
    "status":{\(status)}}
    """
  }

  /// Watches a Job that is changed and at once deleted, with this for its last status.
  private func end(_ status: String) async throws -> JobReport {
    let answer = { @Sendable (request: FakeAPI.Request) -> FakeAPI.Answer in
      let isJob = request.path.hasSuffix("/jobs")
      if request.query["watch"] == "true" {
        let last = Self.job(9, status)
        let lines = """
          {"type":"MODIFIED","object":\(last)}
          {"type":"DELETED","object":\(last)}

          """
        return FakeAPI.Answer(body: isJob ? lines : "")
      }
      let items = isJob ? Self.job(5, "\"active\":1") : ""
      return FakeAPI.Answer(body: "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[\(items)]}")
    }
    return try await withClient(answer) { client, _ in
      let job = KubeObject(try JSON(parsing: Self.job(5, "")))
      return try await JobWatch(client, job, in: "n").run { _ in }
    }
  }

  @Test("a Job that is removed as soon as it is over has ended as it did")
  func removed() async throws {
    let complete = try await end("\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\"}]")
    #expect(complete.failure == nil)
    let failed = try await end(
      "\"conditions\":[{\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"Because\"}]")
    #expect(failed.failure == "Because")
  }

  @Test("one that is removed before is not over")
  func deleted() async throws {
    let error = await #expect(throws: KubeError.self) { try await end("\"active\":1") }
    #expect(error?.code == .hopeless)
  }
}
