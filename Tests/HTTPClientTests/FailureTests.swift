import HTTPClient
import ProgramRunner
import Testing

@Suite(.timeLimit(.minutes(1))) struct FailureTests {
  private let client = HTTPClient()

  private func failure(_ request: HTTPRequest) async -> HTTPError? {
    await #expect(throws: HTTPError.self) { try await client.send(request) }
  }

  private func get(_ url: String) -> HTTPRequest { HTTPRequest(.get, url, retry: .none) }

  @Test func aRefusedConnectionNamesTheServerAndNoSecret() async throws {
    let port = try Loopback.freePort()
    let error = await failure(
      HTTPRequest(
        .get, "http://user:hunter2@127.0.0.1:\(port)/?token=hunter2",
        headers: ["Authorization": "Bearer hunter2"], retry: .none))
    #expect(error?.kind == .connect)
    #expect(error?.message == "cannot connect to 127.0.0.1:\(port): connection refused")
  }

  @Test func aNameWithoutAddressIsSaidSo() async throws {
    let error = await failure(get("http://nowhere.invalid/"))
    #expect(error?.kind == .resolve)
    #expect(error?.message == "cannot connect to nowhere.invalid:80: its name has no address")
  }

  @Test func aResetInTheMiddleTellsHowFarItCame() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345")
      peer.reset()
    }
    let error = await failure(get(server.url()))
    #expect(error?.kind == .reset)
    #expect(
      error?.message.hasPrefix("the connection to 127.0.0.1:\(server.port) broke after ") == true)
  }

  @Test(arguments: [
    "Content-Length: 100\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\n64\r\n12345",
    "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
  ])
  func anEndBeforeTheEndIsAnErrorAfterWhatCame(start: String) async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\n" + start)
    }
    let keeper = Keeper()
    let error = await #expect(throws: HTTPError.self) {
      try await client.stream(get(server.url()), into: keeper)
    }
    #expect(error?.kind == .reset)
    #expect(keeper.text == "12345")
  }

  @Test func noAnswerAtAllIsSaidSo() async throws {
    let server = try ScriptedServer { peer in _ = try peer.request() }
    let error = await failure(get(server.url()))
    #expect(error?.kind == .reset)
    #expect(
      error?.message == "127.0.0.1:\(server.port) closed the connection without an answer")
  }

  @Test(arguments: ["SSH-2.0-OpenSSH_9\r\n", "HTTP/1.1 20 OK\r\n\r\n", "\0\u{1B}[31m\r\n\r\n"])
  func whatIsNotHTTPIsSaidSoWithoutHarm(banner: String) async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write(banner)
    }
    let error = await failure(get(server.url()))
    #expect(error?.kind == .malformed)
    #expect(error?.message.contains("\u{1B}") == false)
  }

  @Test func aHeadWithoutEndIsNotTaken() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\n")
      while true { try peer.write("X: \(String(repeating: "x", count: 1000))\r\n") }
    }
    let error = await failure(get(server.url()))
    #expect(error?.kind == .malformed)
  }

  @Test func aServerThatSaysNothingIsGivenUp() async throws {
    let server = try ScriptedServer { peer in peer.waitForEnd() }
    var request = get(server.url())
    request.timeout = .milliseconds(50)
    let error = await failure(request)
    #expect(error?.kind == .timeout)
  }

  @Test func aServerThatDoesNotGreetIsGivenUp() async throws {
    let server = try ScriptedServer { peer in peer.waitForEnd() }
    let client = HTTPClient(HTTPConfiguration(connectTimeout: .milliseconds(50)))
    let error = await #expect(throws: HTTPError.self) {
      try await client.send(get("https://127.0.0.1:\(server.port)/"))
    }
    #expect(error?.kind == .connect)
    #expect(
      error?.message == "cannot connect to 127.0.0.1:\(server.port): it did not answer in time")
  }

  @Test func cancellingEndsTheTransferOnTheWireToo() async throws {
    let events = Record<String>()
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\n\r\nline\n")
      events.add("sent")
      peer.waitForEnd()
      events.add("gone")
    }
    let url = server.url()
    let task = Task { try await client.stream(get(url), into: Keeper()) }
    try await waitUntil("the answer") { events.all == ["sent"] }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    try await waitUntil("the end") { events.all == ["sent", "gone"] }
  }

  @Test func whoIsCancelledBeforehandSendsNothing() async throws {
    let server = try ScriptedServer { _ in }
    let url = server.url()
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await client.send(get(url))
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(server.connections == 0)
  }

  @Test func aClientThatIsLetGoFinishesWhatItBegan() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.answer("200 OK")
    }
    for _ in 0..<50 {
      let answer = try await HTTPClient().send(get(server.url()))
      #expect(answer.status == 200)
    }
  }
}
