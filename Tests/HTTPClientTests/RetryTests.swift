import Testing

@testable import HTTPClient

@Suite struct RetryTests {
  private func pause(
    _ status: Int, _ method: HTTPMethod = .get, attempt: Int = 1, after: String? = nil
  ) -> Duration? {
    var headers = HTTPHeaders()
    if let after { headers.add("Retry-After", after) }
    return HTTPRetry(attempts: 3, delay: .seconds(1), maximumDelay: .seconds(30)).pause(
      after: attempt, method: method,
      head: HTTPHead(status: status, version: .http2, headers: headers), now: 784_111_777,
      lot: { $0.upperBound })
  }

  @Test func onlyWhatTheServerDidNotDoIsDoneAgain() {
    #expect(pause(200) == nil)
    #expect(pause(404) == nil)
    #expect(pause(500) == nil)
    #expect(pause(500, after: "1") == .seconds(2))
    #expect(pause(503) == .seconds(1))
    #expect(pause(503, .post) == nil)
    #expect(pause(429, .post) == .seconds(1))
  }

  @Test func pausesDoubleAndAttemptsEnd() {
    #expect(pause(503, attempt: 2) == .seconds(2))
    #expect(pause(503, attempt: 3) == nil)
  }

  @Test func theServersWishIsTheLeastAndAnUnreasonableOneIsFinal() {
    #expect(pause(429, after: "5") == .seconds(6))
    #expect(pause(429, after: "31") == nil)
    #expect(pause(429, after: "Sun, 06 Nov 1994 08:49:47 GMT") == .seconds(11))
    #expect(pause(429, after: "Sun, 06 Nov 1994 08:49:07 GMT") == .seconds(1))
    #expect(pause(429, after: "soon") == .seconds(1))
  }

  @Test func errorsAreRepeatedWhereThatIsSafe() {
    let retry = HTTPRetry(attempts: 2, delay: .seconds(1), maximumDelay: .seconds(30))
    func pause(_ kind: HTTPError.Kind, _ method: HTTPMethod) -> Duration? {
      retry.pause(
        after: 1, method: method, error: HTTPError(kind, "x"), lot: { $0.upperBound })
    }
    #expect(pause(.connect, .post) == .seconds(1))
    #expect(pause(.reset, .get) == .seconds(1))
    #expect(pause(.reset, .post) == nil)
    #expect(
      HTTPRetry.idempotent.pause(
        after: 1, method: .patch, error: HTTPError(.reset, "x"), lot: { $0.upperBound })
        == .milliseconds(250))
    #expect(pause(.tls, .get) == nil)
    #expect(pause(.timeout, .get) == nil)
    #expect(
      HTTPRetry.none.pause(
        after: 1, method: .get, error: HTTPError(.connect, "x"), lot: { $0.upperBound }) == nil)
  }
}
