import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
  private func client(_ proxies: HTTPProxies, _ tls: HTTPTLS = HTTPTLS()) -> HTTPClient {
    HTTPClient(HTTPConfiguration(tls: tls, proxies: proxies))
  }

  @Test func requestsGoThroughTheProxyAndExceptionsDoNot() async throws {
    try await RealServers.tinyproxy { proxy in
      let server = try ScriptedServer { peer in
        let via = try peer.request().field("Via")
        try peer.answer("200 OK", ["X-Via: \(via.count)"])
      }
      var proxies = HTTPProxies(all: "http://\(proxy)")
      let through = try await client(proxies).send(HTTPRequest(.get, server.url()))
      #expect(through.headers["X-Via"] == "1")
      proxies.exceptions = ["127.0.0.0/8"]
      let past = try await client(proxies).send(HTTPRequest(.get, server.url()))
      #expect(past.headers["X-Via"] == "0")
    }
  }

  @Test func tlsGoesThroughATunnelWithThePasswordForTheProxyAlone() async throws {
    let certificates = try await TestCertificates.shared.value
    let tls = HTTPTLS(authorities: try certificates.authorityPEM())
    try await RealServers.tinyproxy(user: "me", password: "hunter2") { proxy in
      try await TestFolder.with { folder in
        try await RealServers.nghttpd(files: folder, identity: certificates.server) { url in
          let request = HTTPRequest(.get, url, retry: .none)
          let answer = try await client(HTTPProxies(all: "http://me:hunter2@\(proxy)"), tls)
            .send(request)
          #expect(answer.head.version == .http2)
          let error = await #expect(throws: HTTPError.self) {
            try await client(HTTPProxies(all: "http://me:hunter3@\(proxy)"), tls).send(request)
          }
          #expect(error?.kind == .proxy)
          #expect(error?.message.contains("through the proxy \(proxy): ") == true)
          #expect(error?.message.contains("hunter") == false)
        }
      }
    }
  }

  @Test func aRefusedTunnelIsTheProxysDoing() async throws {
    try await RealServers.tinyproxy(connectPorts: [1]) { proxy in
      let error = await #expect(throws: HTTPError.self) {
        try await client(HTTPProxies(all: "http://\(proxy)")).send(
          HTTPRequest(.get, "https://127.0.0.1:2/", retry: .none))
      }
      #expect(error?.kind == .proxy)
      #expect(
        error?.message
          == "cannot connect to 127.0.0.1:2 through the proxy \(proxy): it answered 403")
    }
  }

  @Test func aProxyThatIsNotThereIsNamed() async throws {
    let port = try Loopback.freePort()
    let error = await #expect(throws: HTTPError.self) {
      try await client(HTTPProxies(all: "http://u:hunter2@127.0.0.1:\(port)")).send(
        HTTPRequest(.get, "http://127.0.0.1:2/", retry: .none))
    }
    #expect(error?.kind == .proxy)
    #expect(
      error?.message
        == "cannot connect to 127.0.0.1:2 through the proxy 127.0.0.1:\(port): connection refused")
  }

  @Test func webSocketsGoThroughATunnel() async throws {
    try await RealServers.webSocket { url in
      try await RealServers.tinyproxy { proxy in
        let socket = try await WebSocket.connect(
          client(HTTPProxies(all: "http://\(proxy)")), HTTPRequest(.get, url))
        try await socket.send([1, 2, 3])
        #expect(try await socket.receive() == .binary([1, 2, 3]))
        await socket.close()
        #expect(socket.closing?.code == 1000)
      }
    }
  }
}
