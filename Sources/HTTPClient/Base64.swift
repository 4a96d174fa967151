/// Base64 with the standard alphabet and padding (RFC 4648, 4).
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// The text of some bytes, in one line.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    var (bits, count): (UInt32, Int) = (0, 0)
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        result.append(alphabet[Int(bits >> UInt32(count) & 63)])
      }
    }
    if count > 0 { result.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    while result.count % 4 != 0 { result.append(0x3D) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes of a text; blanks and line ends in it do not count. Nil if it is not base64.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count / 4 * 3)
    var (bits, count, letters, padding): (UInt32, Int, Int, Int) = (0, 0, 0, 0)
    for letter in text.utf8 {
      switch letter {
      case 0x20, 0x09, 0x0A, 0x0D: continue
      case 0x3D: padding += 1
      default:
        let value = values[Int(letter)]
        guard value < 64, padding == 0 else { return nil }
        bits = (bits << 6 | UInt32(value)) & 0xFFFF
        letters += 1
        count += 6
        if count >= 8 {
          count -= 8
          result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
      }
    }
    guard (letters + padding) % 4 == 0, padding <= 2 else { return nil }
    // The bits that are left over have to be zero, else two texts would mean one thing.
    return bits & (1 << UInt32(count) - 1) == 0 ? result : nil
  }
}
