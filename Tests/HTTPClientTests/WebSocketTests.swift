import HTTPClient
import ProgramRunner
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
  private let client = HTTPClient()

  // Against another's server.

  @Test func messagesOfAllSizesComeBack() async throws {
    try await RealServers.webSocket { url in
      let socket = try await WebSocket.connect(
        client, HTTPRequest(.get, url), subprotocols: ["first", "second"])
      #expect(socket.subprotocol == "second")
      try await socket.send(text: "ä text")
      #expect(try await socket.receive() == .text("ä text"))
      for size in [0, 1, 125, 126, 65_535, 65_536, 1_000_000] {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await socket.send(bytes)
        #expect(try await socket.receive() == .binary(bytes))
      }
      await socket.close(WebSocketClosing(code: 1000, reason: "done"))
      #expect(socket.closing == WebSocketClosing(code: 1000, reason: "done"))
      await #expect(throws: HTTPError.self) { try await socket.send([1]) }
    }
  }

  @Test func bothDirectionsFlowAtOnceAndPingsAreAnsweredMeanwhile() async throws {
    try await RealServers.webSocket { url in
      let socket = try await WebSocket.connect(client, HTTPRequest(.get, url))
      let piece = [UInt8](repeating: 42, count: 32 << 10)
      async let sending: Void = {
        for _ in 0..<1000 { try await socket.send(piece) }
      }()
      for _ in 0..<1000 { #expect(try await socket.receive() == .binary(piece)) }
      try await sending
      await socket.close()
    }
  }

  @Test func theServersClosingIsTold() async throws {
    try await RealServers.webSocket { url in
      let socket = try await WebSocket.connect(client, HTTPRequest(.get, url))
      try await socket.send(text: "close 4001 over there")
      #expect(try await socket.receive() == nil)
      #expect(socket.closing == WebSocketClosing(code: 4001, reason: "over there"))
      #expect(try await socket.receive() == nil)
    }
  }

  @Test func aTaskThatIsCancelledLeavesTheSocketAsItIs() async throws {
    try await RealServers.webSocket { url in
      let socket = try await WebSocket.connect(client, HTTPRequest(.get, url))
      let task = Task { try await socket.receive() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      try await socket.send([9])
      #expect(try await socket.receive() == .binary([9]))
      await socket.close()
    }
  }

  // Against a server that does as the test says.

  private func connect(
    _ options: WebSocketOptions = WebSocketOptions(),
    _ script: @escaping @Sendable (Peer) throws -> Void
  ) async throws -> (WebSocket, ScriptedServer) {
    let server = try ScriptedServer { peer in
      let key = try peer.request().field("Sec-WebSocket-Key").first ?? ""
      try peer.write(ServerHandshake.agreement(to: key))
      try script(peer)
    }
    return (
      try await WebSocket.connect(client, HTTPRequest(.get, server.url()), options: options), server
    )
  }

  @Test func whatComesWithTheHandshakeIsNotLost() async throws {
    let server = try ScriptedServer { peer in
      let key = try peer.request().field("Sec-WebSocket-Key").first ?? ""
      try peer.write(ServerHandshake.agreement(to: key) + "\u{01}\u{01}a")
      try peer.write([0x80, 1, 0x62])
      peer.waitForEnd()
    }
    let socket = try await WebSocket.connect(client, HTTPRequest(.get, server.url()))
    #expect(try await socket.receive() == .text("ab"))
  }

  @Test func aPingIsAnsweredWithItsOwnPayload() async throws {
    let answers = Record<[UInt8]>()
    let (socket, _) = try await connect { peer in
      try peer.write([0x89, 2, 7, 8])
      let head = try peer.bytes(6)
      let payload = try peer.bytes(2)
      answers.add([head[0], head[1] & 0x7F] + zip(payload, head[2...]).map { $0 ^ $1 })
      try peer.write([0x88, 0])
      peer.waitForEnd()
    }
    #expect(try await socket.receive() == nil)
    #expect(socket.closing == WebSocketClosing(code: nil))
    #expect(answers.all == [[0x8A, 2, 7, 8]])
  }

  @Test(arguments: [
    ([0x82, 0x81, 0, 0, 0, 0, 1], HTTPError.Kind.malformed, UInt16(1002)),
    ([0x81, 1, 0xFF], .malformed, 1007),
    ([0x82, 126, 3, 233], .tooLarge, 1009),
  ])
  func aServerThatBreaksTheProtocolIsToldSo(
    bytes: [UInt8], kind: HTTPError.Kind, code: UInt16
  ) async throws {
    let codes = Record<UInt16>()
    let (socket, _) = try await connect(WebSocketOptions(maximumMessage: 1000)) { peer in
      try peer.write(bytes)
      let head = try peer.bytes(8)
      codes.add(UInt16(head[6] ^ head[2]) << 8 | UInt16(head[7] ^ head[3]))
      peer.waitForEnd()
    }
    let error = await #expect(throws: HTTPError.self) { try await socket.receive() }
    #expect(error?.kind == kind)
    try await waitUntil("the code") { codes.all == [code] }
  }

  @Test(arguments: [[], [0x82, 5, 1]])
  func anEndWithoutClosingIsAnError(bytes: [UInt8]) async throws {
    let (socket, server) = try await connect { peer in try peer.write(bytes) }
    let error = await #expect(throws: HTTPError.self) { try await socket.receive() }
    #expect(error?.kind == (bytes.isEmpty ? .unclosed : .reset))
    #expect(
      error?.message == "the WebSocket to 127.0.0.1:\(server.port) ended without being closed"
        + (bytes.isEmpty ? "" : ", within a message"))
  }

  @Test func aServerWithoutSignOfLifeIsGivenUpAfterPings() async throws {
    let options = WebSocketOptions(
      pingInterval: .milliseconds(20), silence: .milliseconds(100))
    let pings = Record<UInt8>()
    let (socket, _) = try await connect(options) { peer in
      while true { pings.add(try peer.bytes(6)[0]) }
    }
    let error = await #expect(throws: HTTPError.self) { try await socket.receive() }
    #expect(error?.kind == .timeout)
    try await waitUntil("a ping") { !pings.all.isEmpty }
    #expect(pings.all.allSatisfy { $0 == 0x89 })
  }

  @Test func aServerThatDoesNotReadHoldsTheSenderBack() async throws {
    let (socket, _) = try await connect { peer in
      peer.waitWithoutReading()
    }
    let sent = Record<Void>()
    let task = Task {
      while true {
        try await socket.send([UInt8](repeating: 0, count: 1 << 20))
        sent.add(())
      }
    }
    var before = -1
    try await waitUntil("the sender to stand still") {
      defer { before = sent.all.count }
      try await Task.sleep(for: .milliseconds(100))
      return before == sent.all.count
    }
    #expect(sent.all.count < 64)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    socket.disconnect()
    await #expect(throws: HTTPError.self) { try await socket.send([1]) }
  }

  @Test func aRefusalIsGivenWithItsAnswer() async throws {
    for body in [
      "Content-Length: 4\r\n\r\nno, ", "Transfer-Encoding: chunked\r\n\r\n4\r\nno, \r\n0\r\n\r\n",
      "\r\nno, ",
    ] {
      let server = try ScriptedServer { peer in
        _ = try peer.request()
        try peer.write("HTTP/1.1 403 Forbidden\r\nWarning: w\r\n" + body)
        if !body.hasPrefix("\r\n") { peer.waitForEnd() }
      }
      let error = await #expect(throws: HTTPError.self) {
        try await WebSocket.connect(client, HTTPRequest(.get, server.url()))
      }
      #expect(error?.kind == .notUpgraded)
      #expect(error?.response?.status == 403)
      #expect(error?.response?.headers["Warning"] == "w")
      #expect(error?.response?.body == Array("no, ".utf8))
    }
  }

  @Test(arguments: [
    ("Upgrade: h2c", "it changed to another protocol"),
    ("Sec-WebSocket-Accept: x", "its answer is not one to this request"),
    ("Sec-WebSocket-Extensions: x", "it uses an extension that nobody asked for"),
    ("Sec-WebSocket-Protocol: \u{1B}x", "it chose \"?x\", which nobody asked for"),
  ])
  func anAgreementToSomethingElseIsNone(field: String, reason: String) async throws {
    let server = try ScriptedServer { peer in
      let key = try peer.request().field("Sec-WebSocket-Key").first ?? ""
      try peer.write(ServerHandshake.agreement(to: key, field: field))
    }
    let error = await #expect(throws: HTTPError.self) {
      try await WebSocket.connect(client, HTTPRequest(.get, server.url()), subprotocols: ["p"])
    }
    #expect(error?.kind == .malformed)
    #expect(error?.message.hasSuffix(reason) == true)
  }

  @Test func aHandshakeWithoutAnswerEnds() async throws {
    let server = try ScriptedServer { peer in peer.waitForEnd() }
    let error = await #expect(throws: HTTPError.self) {
      try await client.upgrade(HTTPRequest(.get, server.url(), timeout: .milliseconds(50)))
    }
    #expect(error?.kind == .timeout)
    let url = server.url()
    let task = Task { try await client.upgrade(HTTPRequest(.get, url)) }
    try await waitUntil("the connection") { server.connections == 2 }
    task.cancel()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }
}
