internal import Glibc

/// What the standard modules take from the outside world, so that whoever runs a script decides
/// about it and tests can say what it is.
public struct ScriptSurroundings {
  /// `os.environ`.
  public var environment: [String: String]
  /// `sys.argv`.
  public var arguments: [String]
  /// The time now, in microseconds since 1970 in UTC.
  public var now: () -> Int
  /// Microseconds of a clock that never goes back.
  public var monotonic: () -> Int
  /// The local time's offset from UTC in seconds, and its name, at a time in seconds since 1970.
  public var localOffset: (Int) -> (seconds: Int, name: String)
  /// That many bytes that nobody can guess.
  public var randomBytes: (Int) -> [UInt8]
  /// `time.sleep`: waits that many microseconds.
  public var sleep: (Int) throws -> Void
  /// The compiled file of a time zone, by its name; nil where the system has none.
  public var zoneFile: (String) -> [UInt8]?
  /// What `logging` and `warnings` write, a line at a time.
  public var log: (String) -> Void

  /// ScriptSurroundings without environment variables and output, at the real time.
  public init(environment: [String: String] = [:], log: @escaping (String) -> Void = { _ in }) {
    self.environment = environment
    self.log = log
    arguments = [""]
    now = { SystemClock.microseconds(CLOCK_REALTIME) }
    monotonic = { SystemClock.microseconds(CLOCK_MONOTONIC) }
    localOffset = SystemClock.localOffset
    randomBytes = { count in
      var generator = SystemRandomNumberGenerator()
      return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    zoneFile = SystemClock.zoneFile
    sleep = { microseconds in
      var rest = timespec(
        tv_sec: microseconds / 1_000_000, tv_nsec: microseconds % 1_000_000 * 1000)
      var left = timespec()
      while nanosleep(&rest, &left) != 0, errno == EINTR { rest = left }
    }
  }
}

private enum SystemClock {
  static func microseconds(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }

  static func zoneFile(_ name: String) -> [UInt8]? {
    let file = open("/usr/share/zoneinfo/\(name)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(file, &bytes, bytes.count)
    return count > 0 ? Array(bytes.prefix(count)) : nil
  }

  static func localOffset(_ seconds: Int) -> (seconds: Int, name: String) {
    var time = time_t(seconds)
    var parts = tm()
    guard localtime_r(&time, &parts) != nil else { return (0, "UTC") }
    return (parts.tm_gmtoff, parts.tm_zone.map { String(cString: $0) } ?? "UTC")
  }
}
