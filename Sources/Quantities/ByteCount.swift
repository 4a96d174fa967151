/// A number of bytes: read and printed in one way everywhere.
public struct ByteCount: Hashable, Comparable, Sendable {
  /// The number of bytes.
  public var bytes: Int64

  /// Creates a count of bytes.
  public init(_ bytes: Int64) { self.bytes = bytes }

  /// Reads `512`, `64KiB`, `1.5GiB`, `2GB` (decimal units are powers of 1000, binary ones of 1024);
  /// nil for anything else.
  public init?(parsing text: String) {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    guard let value = Double(number), value.isFinite else { return nil }
    let scale: Double
    switch unit.lowercased() {
    case "", "b": scale = 1
    case "kb": scale = 1e3
    case "mb": scale = 1e6
    case "gb": scale = 1e9
    case "tb": scale = 1e12
    case "kib", "k": scale = 1024
    case "mib", "m": scale = 1_048_576
    case "gib", "g": scale = 1_073_741_824
    case "tib", "t": scale = 1_099_511_627_776
    default: return nil
    }
    guard value * scale < 9e18 else { return nil }
    bytes = Int64(value * scale)
  }

  /// For people: `87 B`, `3.4 KiB`, `1.2 GiB`.
  public var readable: String {
    var value = Double(bytes)
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var unit = 0
    while abs(value) >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(bytes) B" }
    let tenths = Int64((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10)) \(units[unit])"
  }

  /// Orders by size.
  public static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }
}
