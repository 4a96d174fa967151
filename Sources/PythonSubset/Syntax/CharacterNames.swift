/// Characters by their Unicode names, for `\N{...}`.
enum CharacterNames {
  /// The character of that name or alias; case does not matter.
  static func scalar(named name: String) -> Unicode.Scalar? {
    let wanted = name.uppercased()
    if let ideograph = unified(wanted) { return ideograph }
    guard let value = table[wanted.utf8.reduce(into: FNV()) { $0.add($1) }.hash],
      let scalar = Unicode.Scalar(value), names(of: scalar).contains(wanted)
    else { return nil }
    return scalar
  }

  /// `CJK UNIFIED IDEOGRAPH-4E00`, which the table leaves out.
  private static func unified(_ name: String) -> Unicode.Scalar? {
    let prefix = "CJK UNIFIED IDEOGRAPH-"
    guard name.hasPrefix(prefix), let value = UInt32(name.dropFirst(prefix.count), radix: 16),
      let scalar = Unicode.Scalar(value), scalar.properties.name == name
    else { return nil }
    return scalar
  }

  private static func names(of scalar: Unicode.Scalar) -> [String] {
    let properties = scalar.properties
    return [properties.name, properties.nameAlias].compactMap(\.self)
  }

  /// Names are kept as hashes; a hit is checked against the character's own name.
  private static let table: [UInt64: UInt32] = {
    var table: [UInt64: UInt32] = [:]
    table.reserveCapacity(60_000)
    for range in [0x20...0x33FF, 0x4DC0...0x4DFF, 0xA000...0xFFFF, 0x10000...0x1FFFF]
      as [ClosedRange<UInt32>]
    {
      for value in range {
        guard let scalar = Unicode.Scalar(value) else { continue }
        for name in names(of: scalar) {
          table[name.utf8.reduce(into: FNV()) { $0.add($1) }.hash] = value
        }
      }
    }
    for value in 0xE0000...0xE01EF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for name in names(of: scalar) {
        table[name.utf8.reduce(into: FNV()) { $0.add($1) }.hash] = value
      }
    }
    return table
  }()

  /// The 64-bit hash of Fowler, Noll and Vo (1a).
  private struct FNV {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    mutating func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }
}
