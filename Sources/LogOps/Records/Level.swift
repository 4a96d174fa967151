/// How severe a record is, whatever its program calls that.
public enum Level: Int, Sendable, CaseIterable, Comparable {
  case trace, debug, info, notice, warn, error, fatal

  /// As it is typed and printed.
  public var name: String { "\(self)" }

  /// Orders by severity.
  public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }

  /// Reads what programs write, in any case: `WARNING`, `err`, `crit`, `E`.
  init?(word: Bytes) {
    guard word.count <= 13, let first = word.first else { return nil }
    func any(_ names: StaticString...) -> Bool {
      names.contains { word.count == $0.utf8CodeUnitCount && word.hasAnyCase($0) }
    }
    switch first.lowercased {
    case UInt8(ascii: "t") where any("trace", "trc", "t"): self = .trace
    case UInt8(ascii: "v") where any("verbose", "v"): self = .trace
    case UInt8(ascii: "s") where any("silly"): self = .trace
    case UInt8(ascii: "s") where any("severe"): self = .error
    case UInt8(ascii: "f") where any("fine", "finer", "finest"): self = .debug
    case UInt8(ascii: "d") where any("debug", "dbg", "d", "debug1", "debug2", "debug3"):
      self = .debug
    case UInt8(ascii: "i") where any("info", "information", "inf", "i", "informational"):
      self = .info
    case UInt8(ascii: "l") where any("log"): self = .info
    case UInt8(ascii: "n") where any("notice", "note"): self = .notice
    case UInt8(ascii: "w") where any("warn", "warning", "wrn", "w"): self = .warn
    case UInt8(ascii: "e") where any("error", "err", "e"): self = .error
    case UInt8(ascii: "e") where any("emerg", "emergency"): self = .fatal
    case UInt8(ascii: "f") where any("fatal", "ftl", "f"): self = .fatal
    case UInt8(ascii: "c") where any("critical", "crit"): self = .fatal
    case UInt8(ascii: "a") where any("alert"): self = .fatal
    case UInt8(ascii: "p") where any("panic"): self = .fatal
    case UInt8(ascii: "d") where any("dpanic"): self = .fatal
    default: return nil
    }
  }

  /// Reads a number as pino and bunyan have it: 10 trace, 20 debug, ... 60 fatal.
  init?(number: Int) {
    switch number {
    case 10..<20: self = .trace
    case 20..<30: self = .debug
    case 30..<40: self = .info
    case 40..<50: self = .warn
    case 50..<60: self = .error
    case 60..<70: self = .fatal
    default: return nil
    }
  }

  /// Reads the severity in a syslog priority (RFC 5424): 0 emergency ... 7 debug.
  init(syslogPriority priority: Int) {
    switch priority & 7 {
    case 0...2: self = .fatal
    case 3: self = .error
    case 4: self = .warn
    case 5: self = .notice
    case 6: self = .info
    default: self = .debug
    }
  }
}

/// Which levels are wanted.
public struct LevelChoice: Sendable, Hashable {
  private var mask: UInt8 = 0

  /// Reads `warn+` (that and everything more severe), `error`, `info,error`; nil for anything else.
  public init?(_ text: String) {
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isOpen = part.hasSuffix("+")
      let name = Array((isOpen ? part.dropLast() : part).utf8)
      guard let level = name.withUnsafeBytes({ Level(word: $0) }) else { return nil }
      for other in Level.allCases where other == level || (isOpen && other > level) {
        mask |= 1 << UInt8(other.rawValue)
      }
    }
    if mask == 0 { return nil }
  }

  /// Whether a level is among them; a record whose level nothing tells counts as `info`.
  func contains(_ level: Level?) -> Bool { mask & (1 << UInt8((level ?? .info).rawValue)) != 0 }
}
