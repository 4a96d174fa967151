internal import Digest

/// The opening handshake (RFC 6455, 4).
struct WebSocketHandshake {
  private let key: String
  private let protocols: [String]

  init(protocols: [String]) {
    self.protocols = protocols
    key = Base64.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
  }

  /// The request with the fields that ask for the change.
  func request(_ base: HTTPRequest) -> HTTPRequest {
    var request = base
    request.method = .get
    request.headers.set("Connection", "Upgrade")
    request.headers.set("Upgrade", "websocket")
    request.headers.set("Sec-WebSocket-Version", "13")
    request.headers.set("Sec-WebSocket-Key", key)
    if !protocols.isEmpty {
      request.headers.set("Sec-WebSocket-Protocol", protocols.joined(separator: ", "))
    }
    return request
  }

  /// What a server answers that has read the key.
  static func accept(_ key: String) -> String {
    Base64.encode(
      MessageDigest.sha1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
  }

  /// The protocol that the server chose; nil if it chose none.
  ///
  /// - Throws: `HTTPError` of kind `malformed` if it agreed to something else.
  func check(_ head: HTTPHead, from endpoint: String) throws -> String? {
    func refuse(_ reason: String) -> HTTPError {
      HTTPError(.malformed, "\(endpoint) did not open a WebSocket: \(reason)")
    }
    guard head.headers.has("websocket", in: "Upgrade"),
      head.headers.has("upgrade", in: "Connection")
    else { throw refuse("it changed to another protocol") }
    guard head.headers["Sec-WebSocket-Accept"] == WebSocketHandshake.accept(key) else {
      throw refuse("its answer is not one to this request")
    }
    guard head.headers["Sec-WebSocket-Extensions"] == nil else {
      throw refuse("it uses an extension that nobody asked for")
    }
    guard let chosen = head.headers["Sec-WebSocket-Protocol"] else { return nil }
    guard protocols.contains(chosen) else {
      throw refuse("it chose \"\(chosen[...].escapedForErrors)\", which nobody asked for")
    }
    return chosen
  }
}
