/// The colours of sources and levels (SGR codes).
enum Colours {
  /// One for each source, by its name: the same in every run.
  static func code(of name: String) -> String {
    let codes = ["36", "35", "34", "33", "32", "96", "95", "94", "93", "92", "36;1", "35;1"]
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return codes[Int(hash % UInt64(codes.count))]
  }

  static func code(of level: Level) -> String {
    switch level {
    case .trace, .debug: "2"
    case .info: "32"
    case .notice: "36"
    case .warn: "33"
    case .error: "31"
    case .fatal: "31;1"
    }
  }

  static func start(_ code: String) -> [UInt8] { Array("\u{1B}[\(code)m".utf8) }
  static let end = Array("\u{1B}[0m".utf8)
}
