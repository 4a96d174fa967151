import Testing

@testable import HTTPClient

@Suite struct FrameTests {
  @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 100_001])
  func aClientsFrameIsMaskedAndHasTheShortestLength(count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bytes = Frame(opcode: .binary, payload: payload).encoded(mask: 0x0102_0304)
    let width = count < 126 ? 0 : count < 65_536 ? 2 : 8
    #expect(bytes.count == 2 + width + 4 + count)
    #expect(bytes[0] == 0x82)
    #expect(bytes[1] == 0x80 | UInt8(width == 0 ? count : width == 2 ? 126 : 127))
    #expect(bytes[2..<(2 + width)].reduce(0) { $0 << 8 | Int($1) } == (width == 0 ? 0 : count))
    let key: [UInt8] = [1, 2, 3, 4]
    #expect(Array(bytes[(2 + width)..<(6 + width)]) == key)
    let unmasked = bytes[(6 + width)...].enumerated().map { $0.element ^ key[$0.offset % 4] }
    #expect(unmasked == payload)
  }

  @Test(arguments: 1...9)
  func framesComeOutHoweverTheBytesAreCut(piece: Int) throws {
    var decoder = FrameDecoder(maximumPayload: 1000)
    let long = [UInt8](repeating: 0x61, count: 300)
    let bytes: [UInt8] = [0x82, 2, 9, 8, 0x89, 0, 0x81, 126, 1, 44] + long
    var frames: [Frame] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      decoder.append(Array(bytes[start..<min(start + piece, bytes.count)]))
      while let frame = try decoder.next() { frames.append(frame) }
    }
    #expect(
      frames == [
        Frame(opcode: .binary, payload: [9, 8]), Frame(opcode: .ping, payload: []),
        Frame(opcode: .text, payload: long),
      ])
    #expect(!decoder.isInside)
  }

  @Test(arguments: [
    ([0xC2, 0], "a reserved bit is set"),
    ([0x83, 0], "unknown opcode 3"),
    ([0x82, 0x81, 1, 2, 3, 4, 5], "a server's frame is masked"),
    ([0x09, 0], "a control frame is fragmented or longer than 125 bytes"),
    ([0x89, 126, 0, 126], "a control frame is fragmented or longer than 125 bytes"),
    ([0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0], "a message is greater than 1000 bytes"),
    ([0x82, 126, 3, 233], "a message is greater than 1000 bytes"),
    ([0x80, 0], "a message goes on that did not begin"),
    ([0x01, 1, 0x61, 0x81, 1, 0x61], "a message began within another"),
    ([0x81, 1, 0xFF], "a text is not UTF-8"),
    ([0x88, 1, 3], "half a closing code"),
    ([0x88, 2, 0x03, 0xED], "1005 is no closing code"),
    ([0x88, 3, 0x03, 0xE8, 0xFF], "a closing reason is not UTF-8"),
  ])
  func whatTheProtocolForbidsIsNamed(bytes: [UInt8], reason: String) {
    var assembler = MessageAssembler(maximumMessage: 1000)
    assembler.append(bytes)
    let violation = #expect(throws: FrameViolation.self) {
      while try assembler.next() != nil {}
    }
    #expect(violation?.reason == reason)
  }

  @Test func aMessageInFragmentsIsOneAndControlFramesMayComeBetween() throws {
    var assembler = MessageAssembler(maximumMessage: 10)
    // The two bytes of one character come in two fragments.
    assembler.append([0x01, 1, 0xC3, 0x89, 1, 0x70, 0x00, 0, 0x80, 1, 0xA4])
    #expect(try assembler.next() == .ping([0x70]))
    #expect(try assembler.next() == .message(.text("ä")))
    #expect(try assembler.next() == nil)
    assembler.append([0x02, 6, 1, 2, 3, 4, 5, 6, 0x80, 5, 7, 8, 9, 10, 11])
    #expect(throws: FrameViolation.self) { try assembler.next() }
  }

  @Test func theAcceptValueIsThatOfTheStandardsExample() {
    #expect(
      WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }
}
