/// One frame of the WebSocket protocol (RFC 6455, 5.2).
struct Frame: Equatable {
  enum Opcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
  }

  var isFinal = true
  var opcode: Opcode
  var payload: [UInt8]

  /// The frame as a client sends it: masked with a key that nobody can guess, so that no proxy on the
  /// way takes the payload for something else.
  func encoded(mask key: UInt32 = .random(in: .min ... .max)) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(14 + payload.count)
    bytes.append((isFinal ? 0x80 : 0) | opcode.rawValue)
    switch payload.count {
    case 0..<126: bytes.append(0x80 | UInt8(payload.count))
    case 126..<65_536:
      bytes.append(0x80 | 126)
      Frame.append(UInt64(payload.count), 2, to: &bytes)
    default:
      bytes.append(0x80 | 127)
      Frame.append(UInt64(payload.count), 8, to: &bytes)
    }
    Frame.append(UInt64(key), 4, to: &bytes)
    let start = bytes.count
    bytes.append(contentsOf: payload)
    bytes.withUnsafeMutableBytes {
      Frame.mask(UnsafeMutableRawBufferPointer(rebasing: $0[start...]), key)
    }
    return bytes
  }

  private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
    for place in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(place * 8)))
    }
  }

  /// Byte i is XORed with byte i mod 4 of the key; eight at a time.
  private static func mask(_ bytes: UnsafeMutableRawBufferPointer, _ key: UInt32) {
    let word = UInt64(key.bigEndian) << 32 | UInt64(key.bigEndian)
    var place = 0
    while place + 8 <= bytes.count {
      let masked = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) ^ word
      bytes.storeBytes(of: masked, toByteOffset: place, as: UInt64.self)
      place += 8
    }
    while place < bytes.count {
      bytes[place] ^= UInt8(truncatingIfNeeded: word >> UInt64(place % 8 * 8))
      place += 1
    }
  }
}

/// What a peer did that the protocol does not allow, with the code to close with (RFC 6455, 7.4.1).
struct FrameViolation: Error, Equatable {
  static let protocolError: UInt16 = 1002
  static let notUTF8: UInt16 = 1007
  static let tooLarge: UInt16 = 1009

  let code: UInt16
  let reason: String
}

/// Takes frames out of the bytes that a server sends.
struct FrameDecoder {
  /// The greatest payload that is taken in.
  let maximumPayload: Int
  private var bytes: [UInt8] = []
  private var start = 0

  init(maximumPayload: Int) { self.maximumPayload = maximumPayload }

  /// Adds bytes.
  mutating func append(_ more: [UInt8]) {
    if start == bytes.count {
      bytes = more
    } else {
      bytes.removeFirst(start)
      bytes += more
    }
    start = 0
  }

  /// Whether a frame has begun that is not whole.
  var isInside: Bool { start < bytes.count }

  /// The next whole frame.
  mutating func next() throws(FrameViolation) -> Frame? {
    guard bytes.count - start >= 2 else { return nil }
    let (first, second) = (bytes[start], bytes[start + 1])
    guard first & 0x70 == 0 else { throw violation("a reserved bit is set") }
    guard let opcode = Frame.Opcode(rawValue: first & 0x0F) else {
      throw violation("unknown opcode \(first & 0x0F)")
    }
    guard second & 0x80 == 0 else { throw violation("a server's frame is masked") }
    let isFinal = first & 0x80 != 0
    if opcode.isControl, !isFinal || second > 125 {
      throw violation("a control frame is fragmented or longer than 125 bytes")
    }
    let width = second == 127 ? 8 : second == 126 ? 2 : 0
    guard bytes.count - start >= 2 + width else { return nil }
    var length = UInt64(second)
    if width > 0 {
      length = bytes[(start + 2)..<(start + 2 + width)].reduce(0) { $0 << 8 | UInt64($1) }
    }
    // Before anything of it is kept.
    guard length <= UInt64(maximumPayload) else {
      throw FrameViolation(
        code: FrameViolation.tooLarge, reason: "a message is greater than \(maximumPayload) bytes")
    }
    let (begin, end) = (start + 2 + width, start + 2 + width + Int(length))
    guard bytes.count >= end else { return nil }
    start = end
    return Frame(isFinal: isFinal, opcode: opcode, payload: Array(bytes[begin..<end]))
  }

  private func violation(_ reason: String) -> FrameViolation {
    FrameViolation(code: FrameViolation.protocolError, reason: reason)
  }
}
