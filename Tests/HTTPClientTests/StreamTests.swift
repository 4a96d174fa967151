import Digest
import HTTPClient
import ProgramRunner
import Testing

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
  @Test func aLargeBodyComesWholeAndInOrder() async throws {
    try await TestFolder.with { folder in
      let line = String(repeating: "0123456789abcdef", count: 64)
      let text = (0..<1000).map { "\($0) \(line)\n" }.joined()
      try TestFolder.write(text, to: folder.appending("big"))
      let certificates = try await TestCertificates.shared.value
      try await RealServers.nghttpd(files: folder, identity: certificates.server) { url in
        let client = HTTPClient(
          HTTPConfiguration(tls: HTTPTLS(authorities: try certificates.authorityPEM())))
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<4 {
            group.addTask {
              let keeper = Keeper()
              let head = try await client.stream(HTTPRequest(.get, "\(url)/big"), into: keeper)
              #expect(head.version == .http2)
              #expect(keeper.head == head)
              #expect(keeper.bytes == Array(text.utf8))
            }
          }
          try await group.waitForAll()
        }
        let missing = try await client.send(HTTPRequest(.get, "\(url)/nothing"))
        #expect(missing.status == 404)
        let upload = Array(text.utf8)
        let echo = try await client.send(HTTPRequest(.put, "\(url)/x", body: .bytes(upload)))
        #expect(echo.body == upload)
      }
    }
  }

  @Test(arguments: Refuser.Moment.allCases)
  func whatTheSinkThrowsIsWhatTheCallerGets(moment: Refuser.Moment) async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.answer("200 OK", [], "body")
    }
    await #expect(throws: Refuser.Refused(moment: moment)) {
      try await HTTPClient().stream(HTTPRequest(.get, server.url()), into: Refuser(at: moment))
    }
  }

  /// Opens so many streams that do not end, asks how many connections there are, and ends them.
  private func hold(
    _ count: Int, _ client: HTTPClient, _ url: String, connections: ClosedRange<Int>
  ) async throws {
    let keepers = (0..<count).map { _ in Keeper() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for keeper in keepers {
        group.addTask {
          // The first learns from the server how many streams there may be.
          if keeper !== keepers[0] {
            try await waitUntil("the first stream") { !keepers[0].bytes.isEmpty }
          }
          try await client.stream(HTTPRequest(.get, "\(url)/hold", timeout: nil), into: keeper)
        }
      }
      try await waitUntil("all streams") { keepers.allSatisfy { $0.text == "line\n" } }
      let answer = try await client.send(HTTPRequest(.get, "\(url)/connections"))
      let made = Int(String(decoding: answer.body, as: UTF8.self)) ?? 0
      #expect(connections.contains(made), "\(made) connections")
      group.cancelAll()
    }
  }

  private func client(
    maximumHostConnections: Int? = nil, streamsPerConnection: Int = 90
  ) async throws -> HTTPClient {
    HTTPClient(
      HTTPConfiguration(
        tls: HTTPTLS(authorities: try await TestCertificates.shared.value.authorityPEM()),
        maximumHostConnections: maximumHostConnections,
        streamsPerConnection: streamsPerConnection, pauseWithinAnswer: .seconds(1)))
  }

  @Test func hundredsOfStreamsShareAFewConnections() async throws {
    try await RealServers.http2(streams: 100) { url in
      try await hold(250, client(), url, connections: 3...6)
    }
  }

  @Test func aServerWithFewStreamsStarvesNobody() async throws {
    try await RealServers.http2(streams: 10) { url in
      try await hold(15, client(), url, connections: 2...3)
    }
  }

  @Test func aServerWhoseLimitIsKnownIsNotAskedForMore() async throws {
    try await RealServers.http2(streams: 10) { url in
      try await hold(40, client(streamsPerConnection: 8), url, connections: 4...6)
    }
  }

  @Test func aLimitThatIsRaisedLetsThoseGoThatWait() async throws {
    try await RealServers.http2(streams: 10) { url in
      let client = try await client(maximumHostConnections: 1)
      let keepers = (0..<15).map { _ in Keeper() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for keeper in keepers {
          group.addTask {
            if keeper !== keepers[0] {
              try await waitUntil("the first stream") { !keepers[0].bytes.isEmpty }
            }
            try await client.stream(HTTPRequest(.get, "\(url)/hold", timeout: nil), into: keeper)
          }
        }
        try await waitUntil("ten") { keepers.count { !$0.bytes.isEmpty } == 10 }
        client.setMaximumHostConnections(2)
        try await waitUntil("all") { keepers.count { !$0.bytes.isEmpty } == 15 }
        group.cancelAll()
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func everyAnswerEndsThoughManyEndTogether() async throws {
    try await RealServers.http2(streams: 100) { url in
      let client = try await client(maximumHostConnections: 1)
      for _ in 0..<10 {
        try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<30 {
            group.addTask {
              try await client.send(HTTPRequest(.get, "\(url)/together", timeout: nil)).body.count
            }
          }
          for try await count in group { #expect(count == 80_000) }
        }
      }
    }
  }

  @Test func streamsOverHTTP1HaveAConnectionEach() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\n\r\nline\n")
      peer.waitForEnd()
    }
    let client = HTTPClient()
    let keepers = (0..<20).map { _ in Keeper() }
    let url = server.url()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for keeper in keepers {
        group.addTask {
          try await client.stream(HTTPRequest(.get, url, timeout: nil), into: keeper)
        }
      }
      try await waitUntil("all") { keepers.allSatisfy { $0.text == "line\n" } }
      group.cancelAll()
    }
    #expect(server.connections == 20)
  }

  @Test func aConnectionThatGivesNothingAnyMoreIsLeftForAnotherOne() async throws {
    try await RealServers.http2(streams: 10) { url in
      let half = try await client()
      let keeper = Keeper()
      async let held = half.stream(HTTPRequest(.get, "\(url)/hold", timeout: nil), into: keeper)
      try await waitUntil("the line") { keeper.text == "line\n" }
      for path in ["freeze", "connections"] {
        let request = HTTPRequest(.get, "\(url)/\(path)", timeout: .milliseconds(200))
        let error = await #expect(throws: HTTPError.self) { try await half.send(request) }
        #expect(error?.kind == .timeout)
      }
      half.endStreams(because: "it gives nothing any more")
      do {
        _ = try await held
        Issue.record("the stream went on")
      } catch let error as HTTPError {
        #expect(error.kind == .reset)
        #expect(error.message == "it gives nothing any more")
      }
      let answer = try await client().send(HTTPRequest(.get, "\(url)/connections"))
      #expect(answer.body == Array("2".utf8))
    }
  }

  @Test func aStreamThatIsResetIsAnErrorAndTheConnectionGoesOn() async throws {
    try await RealServers.http2(streams: 10) { url in
      let client = try await client()
      let keeper = Keeper()
      let error = await #expect(throws: HTTPError.self) {
        try await client.stream(HTTPRequest(.get, "\(url)/reset"), into: keeper)
      }
      #expect(error?.kind == .reset)
      #expect(keeper.text == "line\n")
      let answer = try await client.send(HTTPRequest(.get, "\(url)/connections"))
      #expect(answer.body == Array("1".utf8))
      #expect(answer.headers.all("Warning") == ["299 - \"old\""])
    }
  }

  @Test func afterAGoodbyeTheNextRequestHasANewConnection() async throws {
    try await RealServers.http2(streams: 10) { url in
      let client = try await client()
      for _ in 0..<3 {
        let answer = try await client.send(HTTPRequest(.get, "\(url)/goaway"))
        #expect(answer.body == Array("line\n".utf8))
      }
    }
  }

  @Test func aSourceIsReadWhileItIsSent() async throws {
    try await RealServers.http2(streams: 10) { url in
      let pieces = (0..<200).map { "piece \($0)\n" }
      let answer = try await client().send(
        HTTPRequest(.post, "\(url)/echo", body: .source(Pieces(pieces), length: nil)))
      #expect(String(decoding: answer.body, as: UTF8.self) == pieces.joined())
    }
  }
}
