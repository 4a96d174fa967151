/// Why a WebSocket was closed (RFC 6455, 7.4).
public struct WebSocketClosing: Sendable, Hashable {
  /// The code, as 1000 for a normal end; nil if the peer gave none.
  public let code: UInt16?
  /// The peer's words, or an empty text.
  public let reason: String

  /// A reason; at most 123 bytes of UTF-8 can be sent.
  public init(code: UInt16?, reason: String = "") {
    self.code = code
    self.reason = reason
  }

  /// The payload of a close frame.
  init(payload: [UInt8]) throws(FrameViolation) {
    if payload.isEmpty {
      self.init(code: nil)
      return
    }
    guard payload.count >= 2 else {
      throw FrameViolation(code: FrameViolation.protocolError, reason: "half a closing code")
    }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    guard (1000...4999).contains(code), ![1004, 1005, 1006, 1015].contains(code) else {
      throw FrameViolation(
        code: FrameViolation.protocolError, reason: "\(code) is no closing code")
    }
    guard let reason = String(validating: payload[2...], as: UTF8.self) else {
      throw FrameViolation(code: FrameViolation.notUTF8, reason: "a closing reason is not UTF-8")
    }
    self.init(code: code, reason: reason)
  }

  var payload: [UInt8] {
    guard let code else { return [] }
    var text = reason
    while text.utf8.count > 123 { text.removeLast() }
    return [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(text.utf8)
  }
}

/// A message of a WebSocket.
public enum WebSocketMessage: Sendable, Hashable {
  /// Text.
  case text(String)
  /// Bytes.
  case binary([UInt8])
}

/// Puts messages together out of frames.
struct MessageAssembler {
  enum Event: Equatable {
    case message(WebSocketMessage)
    case ping([UInt8])
    case pong
    case close(WebSocketClosing)
  }

  private let maximumMessage: Int
  private var decoder: FrameDecoder
  private var opcode: Frame.Opcode?
  private var parts: [UInt8] = []

  init(maximumMessage: Int) {
    self.maximumMessage = maximumMessage
    decoder = FrameDecoder(maximumPayload: maximumMessage)
  }

  /// Adds bytes that the server sent.
  mutating func append(_ bytes: [UInt8]) { decoder.append(bytes) }

  /// Whether a message has begun that is not whole.
  var isInside: Bool { opcode != nil || decoder.isInside }

  /// The next thing that the bytes say, or nil if more of them are needed.
  mutating func next() throws(FrameViolation) -> Event? {
    while let frame = try decoder.next() {
      switch frame.opcode {
      case .ping: return .ping(frame.payload)
      case .pong: return .pong
      case .close: return .close(try WebSocketClosing(payload: frame.payload))
      case .text, .binary:
        guard opcode == nil else { throw violation("a message began within another") }
        if frame.isFinal { return .message(try message(frame.opcode, frame.payload)) }
        (opcode, parts) = (frame.opcode, frame.payload)
      case .continuation:
        guard let opcode else { throw violation("a message goes on that did not begin") }
        guard parts.count + frame.payload.count <= maximumMessage else {
          throw FrameViolation(
            code: FrameViolation.tooLarge,
            reason: "a message is greater than \(maximumMessage) bytes")
        }
        parts += frame.payload
        if frame.isFinal {
          defer { (self.opcode, parts) = (nil, []) }
          return .message(try message(opcode, parts))
        }
      }
    }
    return nil
  }

  private func message(
    _ opcode: Frame.Opcode, _ payload: [UInt8]
  ) throws(FrameViolation) -> WebSocketMessage {
    if opcode == .binary { return .binary(payload) }
    guard let text = String(validating: payload, as: UTF8.self) else {
      throw FrameViolation(code: FrameViolation.notUTF8, reason: "a text is not UTF-8")
    }
    return .text(text)
  }

  private func violation(_ reason: String) -> FrameViolation {
    FrameViolation(code: FrameViolation.protocolError, reason: reason)
  }
}
