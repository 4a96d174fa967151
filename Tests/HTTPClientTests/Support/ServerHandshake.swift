@testable import HTTPClient

/// A server's side of the opening handshake of a WebSocket.
enum ServerHandshake {
  /// The head of its answer; `field` takes the place of the one of that name, or is one more.
  static func agreement(to key: String, field: String? = nil) -> String {
    var fields = [
      "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Accept: \(WebSocketHandshake.accept(key))",
    ]
    if let field, let name = field.split(separator: ":").first {
      fields.removeAll { $0.hasPrefix("\(name):") }
      fields.append(field)
    }
    return (["HTTP/1.1 101 Switching Protocols"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
  }
}
