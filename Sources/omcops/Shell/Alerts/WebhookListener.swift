internal import KubeExec
internal import Text

/// Takes what Alertmanager's webhooks send, as far as a test needs it: every request is answered with
/// 200, and one is waited for.
struct WebhookListener: Sendable {
  let listener: LocalListener

  /// No notification of one test alert is greater.
  private static let greatestRequest = 1 << 20

  /// Comes back when a request holds the text. Alertmanager sends one at a time to a receiver, and
  /// again what was not answered: one connection after the other is enough.
  func wait(for text: String) async throws {
    while true {
      let connection = try await listener.accept()
      do {
        if try await serve(connection, text) { return }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        // Who breaks a connection off comes again.
        continue
      }
    }
  }

  /// Reads one request, answers it, and says whether the text was in it.
  private func serve(_ connection: LocalSocket, _ text: String) async throws -> Bool {
    var bytes: [UInt8] = []
    while bytes.count < WebhookListener.greatestRequest, !WebhookListener.isWhole(bytes) {
      let more = try await connection.read(upTo: 65_536)
      if more.isEmpty { break }
      bytes += more
    }
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    try await connection.write(Array(answer.utf8)[...])
    return String(decoding: bytes, as: UTF8.self).contains(text: text)
  }

  /// Whether the body is as long as the head says.
  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(ofText: "\r\n\r\n") else { return false }
    let head = text[..<end.lowerBound].lowercased()
    guard let field = head.firstRange(ofText: "content-length:") else {
      return !head.contains(text: "chunked") || text.hasSuffix("0\r\n\r\n")
    }
    let digits = head[field.upperBound...].drop { $0 == " " }.prefix(while: \.isNumber)
    return text[end.upperBound...].utf8.count >= Int(digits) ?? 0
  }
}
