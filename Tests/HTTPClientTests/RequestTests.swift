import HTTPClient
import ProgramRunner
import Testing

@Suite(.timeLimit(.minutes(1))) struct RequestTests {
  private let client = HTTPClient()
  private let quick = HTTPRetry(
    attempts: 4, delay: .milliseconds(1), maximumDelay: .seconds(1))

  @Test func aRequestHasItsFieldsAndNoOthers() async throws {
    let seen = Record<Peer.Request>()
    let server = try ScriptedServer { peer in
      seen.add(try peer.request())
      try peer.answer("299 Odd", ["Warning: 299 - \"a\"", "warning:299 - \"b\""], "body")
    }
    let answer = try await client.send(
      HTTPRequest(
        .post, "http://user:p%40ss@127.0.0.1:\(server.port)/a/../b?q=%20#f",
        headers: ["X-Two": "1", "x-two": "2", "X-Empty": ""], body: .bytes(Array("{}".utf8))))
    #expect(answer.status == 299)
    #expect(answer.head.version == .http1_1)
    #expect(answer.headers.all("Warning") == ["299 - \"a\"", "299 - \"b\""])
    #expect(answer.body == Array("body".utf8))
    let request = try #require(seen.all.first)
    #expect(request.head.hasPrefix("POST /a/../b?q=%20 HTTP/1.1\r\n"))
    #expect(request.field("X-Two") == ["1", "2"])
    #expect(request.field("X-Empty") == [""])
    #expect(request.field("Authorization") == ["Basic \(Base64.encode("user:p@ss".utf8))"])
    #expect(request.field("User-Agent") == ["omcops"])
    #expect(request.field("Content-Type") == [])
    #expect(request.field("Expect") == [])
    #expect(request.body == "{}")
  }

  @Test(arguments: [HTTPMethod.post, .put, .patch, .delete, .get, .head])
  func everyMethodIsSentAsItIsNamed(method: HTTPMethod) async throws {
    let seen = Record<Peer.Request>()
    let server = try ScriptedServer { peer in
      seen.add(try peer.request())
      try peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
      if method != .head { try peer.write("ok") }
    }
    let answer = try await client.send(HTTPRequest(method, server.url()))
    #expect(answer.body.count == (method == .head ? 0 : 2))
    #expect(seen.all.first?.head.hasPrefix("\(method) / HTTP/1.1\r\n") == true)
    let length = [HTTPMethod.post, .put, .patch].contains(method) ? ["0"] : []
    #expect(seen.all.first?.field("Content-Length") == length)
  }

  @Test func aDeletionMayHaveABody() async throws {
    let server = try ScriptedServer { peer in
      let request = try peer.request()
      try peer.answer("200 OK", [], request.body)
    }
    let answer = try await client.send(
      HTTPRequest(.delete, server.url(), body: .bytes(Array("{\"a\":1}".utf8))))
    #expect(answer.body == Array("{\"a\":1}".utf8))
  }

  @Test func aBodyOfUnknownLengthGoesInChunks() async throws {
    let server = try ScriptedServer { peer in
      let request = try peer.request()
      try peer.answer("200 OK", [], request.field("Transfer-Encoding").joined() + request.body)
    }
    let source = Pieces(["one", "twotwo"])
    let answer = try await client.send(
      HTTPRequest(.put, server.url(), body: .source(source, length: nil)))
    #expect(
      String(decoding: answer.body, as: UTF8.self) == "chunked3\r\none\r\n6\r\ntwotwo\r\n0\r\n\r\n")
  }

  @Test(arguments: ["X\r\nEvil", "X:", "", "X Y", "Ä"])
  func aFieldThatCouldBecomeAnotherIsRefused(name: String) async throws {
    await expectRefusal(of: [name: "secret"])
  }

  @Test func aValueThatCouldBecomeAFieldIsRefusedWithoutBeingShown() async throws {
    await expectRefusal(of: ["X": "secret\r\nEvil: 1"])
    await expectRefusal(of: ["X": "secret\0"])
  }

  private func expectRefusal(of headers: HTTPHeaders) async {
    let error = await #expect(throws: HTTPError.self) {
      try await client.send(HTTPRequest(.get, "http://127.0.0.1:1/", headers: headers))
    }
    #expect(error?.kind == .invalidRequest)
    #expect(error?.message.contains("secret") == false)
    #expect(error?.message.contains("\n") == false)
  }

  @Test func anInterimAnswerIsNotTheAnswerAndARedirectIs() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      try peer.answer("307 Temporary Redirect", ["Location: http://127.0.0.1:1/"], "there")
    }
    let answer = try await client.send(HTTPRequest(.get, server.url()))
    #expect(answer.status == 307)
    #expect(answer.headers["Link"] == nil)
    #expect(answer.headers["location"] == "http://127.0.0.1:1/")
  }

  @Test(arguments: [
    "Content-Length: 1001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1F4\r\n", "\r\n",
  ])
  func aBodyThatIsTooLargeIsNotTaken(start: String) async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.write("HTTP/1.1 200 OK\r\n" + start)
      let zeros = String(repeating: "0", count: 500)
      let end = start.contains("chunked") ? "\r\n1F4\r\n" : ""
      while true { try peer.write(zeros + end) }
    }
    let error = await #expect(throws: HTTPError.self) {
      try await client.send(HTTPRequest(.get, server.url(), maximumBody: 1000))
    }
    #expect(error?.kind == .tooLarge)
  }

  @Test func aPackedBodyIsUnpackedAndItsLimitIsThatOfTheUnpacked() async throws {
    // 100,000 zeros, by gzip -9.
    let packed = try #require(
      Base64.decode(
        "H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA"
      ))
    let server = try ScriptedServer { peer in
      let accepts = try peer.request().field("Accept-Encoding")
      try peer.write(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-Accepts: \(accepts)\r\n"
          + "Content-Length: \(packed.count)\r\n\r\n")
      try peer.write(packed)
    }
    var request = HTTPRequest(.get, server.url(), maximumBody: 100_000, acceptsCompression: true)
    let answer = try await client.send(request)
    #expect(answer.body == [UInt8](repeating: 0, count: 100_000))
    #expect(answer.headers["X-Accepts"] == "[\"gzip\"]")
    request.maximumBody = 99_999
    let error = await #expect(throws: HTTPError.self) { try await client.send(request) }
    #expect(error?.kind == .tooLarge)
  }

  // Retries

  @Test func whatIsOverloadedIsAskedAgain() async throws {
    let seen = Record<Peer.Request>()
    let server = try ScriptedServer { peer in
      while true {
        seen.add(try peer.request())
        switch seen.all.count {
        case 1: try peer.answer("429 Too Many Requests", ["Retry-After: 0"])
        case 2: try peer.answer("503 Service Unavailable")
        default: try peer.answer("200 OK", [], "done")
        }
      }
    }
    let answer = try await client.send(HTTPRequest(.get, server.url(), retry: quick))
    #expect(answer.body == Array("done".utf8))
    #expect(seen.all.count == 3)
    #expect(server.connections == 1)
  }

  @Test func whatMayHaveBeenDoneIsNotDoneTwice() async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.answer("503 Service Unavailable", [], "busy")
    }
    let answer = try await client.send(
      HTTPRequest(.post, server.url(), body: .bytes([1]), retry: quick))
    #expect(answer.status == 503)
    #expect(answer.body == Array("busy".utf8))
    #expect(server.connections == 1)
  }

  @Test(arguments: [true, false])
  func aBodyIsSentAgainOnlyIfItCanBeReadAgain(isRewindable: Bool) async throws {
    let bodies = Record<String>()
    let server = try ScriptedServer { peer in
      bodies.add(try peer.request().body)
      try peer.answer("429 Too Many Requests", ["Connection: close"])
    }
    let source = Pieces(["abc"], isRewindable: isRewindable)
    let answer = try await client.send(
      HTTPRequest(.post, server.url(), body: .source(source, length: 3), retry: quick))
    #expect(answer.status == 429)
    #expect(bodies.all == Array(repeating: "abc", count: isRewindable ? 4 : 1))
  }

  @Test(arguments: [410, 404, 500])
  func otherAnswersAreFinal(status: Int) async throws {
    let server = try ScriptedServer { peer in
      _ = try peer.request()
      try peer.answer("\(status) X", ["Connection: close"])
    }
    let answer = try await client.send(HTTPRequest(.get, server.url(), retry: quick))
    #expect(answer.status == status)
    #expect(server.connections == 1)
  }

  /// Many times: a reset that comes between connecting and sending is rare, and libcurl keeps the
  /// connection that ended so.
  @Test func aServerThatComesBackIsReached() async throws {
    for _ in 0..<100 {
      let client = HTTPClient()
      let count = Record<Void>()
      let server = try ScriptedServer { peer in
        count.add(())
        if count.all.count < 3 { return peer.reset() }
        _ = try peer.request()
        try peer.answer("200 OK")
      }
      let answer = try await client.send(HTTPRequest(.get, server.url(), retry: quick))
      #expect(answer.status == 200)
    }
  }
}
