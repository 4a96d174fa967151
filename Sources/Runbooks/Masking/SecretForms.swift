internal import JSON

/// The spellings in which a secret turns up in the output of tools.
enum SecretForms {
  /// Every form of a secret, the raw one first.
  ///
  /// Of a text with several lines each longer line is a secret of its own, because tools print
  /// keys and certificates line by line with an indent.
  static func all(of secret: String) -> [[UInt8]] {
    var text = secret[...]
    while text.last?.isNewline == true { text.removeLast() }
    guard !text.isEmpty else { return [] }
    var forms = forms(of: String(text))
    let lines = text.split(whereSeparator: \.isNewline)
    if lines.count > 1 {
      for line in lines where line.utf8.count >= 8 { forms += self.forms(of: String(line)) }
    }
    return forms
  }

  private static func forms(of text: String) -> [[UInt8]] {
    let raw = Array(text.utf8)
    var forms = [raw]
    forms += base64(raw)
    forms += percentEncoded(raw)
    forms.append(Array(JSON.string(text).text().utf8.dropFirst().dropLast()))
    forms += shellQuoted(text)
    return forms
  }

  /// The characters of base64 that the secret alone decides, for each of the three places at
  /// which it can stand in a longer text, in both alphabets.
  private static func base64(_ raw: [UInt8]) -> [[UInt8]] {
    var forms: [[UInt8]] = []
    for offset in 0..<3 {
      let padded = [UInt8](repeating: 0, count: offset) + raw + [0, 0]
      let first = (offset * 8 + 5) / 6
      let end = (offset + raw.count) * 8 / 6
      guard end - first >= 4 else { continue }
      let sextets = (first..<end).map { sextet($0, of: padded) }
      forms.append(sextets.map { standardAlphabet[$0] })
      forms.append(sextets.map { urlAlphabet[$0] })
    }
    return forms
  }

  private static func sextet(_ index: Int, of bytes: [UInt8]) -> Int {
    let bit = index * 6
    let pair = UInt16(bytes[bit / 8]) << 8 | UInt16(bytes[bit / 8 + 1])
    return Int(pair >> (10 - UInt16(bit % 8)) & 63)
  }

  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
  private static let standardAlphabet = letters + Array("+/".utf8)
  private static let urlAlphabet = letters + Array("-_".utf8)

  /// Encoders differ in what they leave alone, in the case of the digits and in the blank.
  private static func percentEncoded(_ raw: [UInt8]) -> [[UInt8]] {
    var forms: [[UInt8]] = []
    for unreserved in ["-._~", "-._~!*'()", "-._*", "-._~!$&'()*+,;=:", "-._~/"] {
      for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
        let digits = Array(digits.utf8)
        let form = raw.flatMap { byte -> [UInt8] in
          if letters.contains(byte) || unreserved.utf8.contains(byte) { return [byte] }
          return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        forms.append(form)
        if raw.contains(0x20) { forms.append(replacing("%20", with: "+", in: form)) }
      }
    }
    return forms
  }

  private static func replacing(_ old: String, with new: String, in bytes: [UInt8]) -> [UInt8] {
    let old = Array(old.utf8)
    var result: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      if rest.starts(with: old) {
        result += new.utf8
        rest = rest.dropFirst(old.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }

  /// Inside of single quotes, inside of double quotes, and with backslashes, as `printf %q` does.
  private static func shellQuoted(_ text: String) -> [[UInt8]] {
    let singleQuoted = text.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined()
    let singleQuotedOtherwise =
      text.unicodeScalars.map { $0 == "'" ? "'\"'\"'" : String($0) }.joined()
    let doubleQuoted =
      text.unicodeScalars.map { "\"\\$`".unicodeScalars.contains($0) ? "\\\($0)" : String($0) }
      .joined()
    let plain = Set("%+-./:=@_".unicodeScalars)
    let escaped =
      text.unicodeScalars.map { scalar in
        let isPlain =
          !scalar.isASCII || scalar.properties.isAlphabetic || plain.contains(scalar)
          || ("0"..."9").contains(scalar)
        return isPlain ? String(scalar) : "\\\(scalar)"
      }.joined()
    return [singleQuoted, singleQuotedOtherwise, doubleQuoted, escaped].map { Array($0.utf8) }
  }
}
