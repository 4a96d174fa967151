@_spi(_Unicode) internal import Swift

/// Unicode's normal forms (annex 15).
enum Normalization {
  /// NFC, or NFKC where `isCompatible`.
  static func compose(_ text: String, isCompatible: Bool) -> String {
    var result = ""
    for scalar in (isCompatible ? mapped(text) : text)._nfc {
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  /// NFD, or NFKD where `isCompatible`.
  static func decompose(_ text: String, isCompatible: Bool) -> String {
    var result = ""
    for scalar in (isCompatible ? mapped(text) : text)._nfd {
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  private static func mapped(_ text: String) -> String {
    var result = ""
    // A precomposed character may decompose into one that has a compatibility mapping.
    for scalar in text._nfd {
      if let mapping = mappings[scalar.value] {
        result.unicodeScalars.append(contentsOf: mapping)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static let mappings: [UInt32: [Unicode.Scalar]] = {
    var table: [UInt32: [Unicode.Scalar]] = [:]
    for entry in CompatibilityMappings.text.utf8.split(whereSeparator: { $0 == 32 || $0 == 10 }) {
      let sides = entry.split(separator: UInt8(ascii: "="))
      let keys = sides[0].split(separator: UInt8(ascii: "+")).map(number)
      let values = sides[1].split(separator: UInt8(ascii: ",")).map(number)
      for step in 0..<(keys.count > 1 ? keys[1] : 1) {
        table[keys[0] + step] = values.compactMap { Unicode.Scalar($0 + step) }
      }
    }
    return table
  }()

  private static func number(_ digits: Substring.UTF8View.SubSequence) -> UInt32 {
    UInt32(Substring(digits), radix: 16) ?? 0
  }
}
