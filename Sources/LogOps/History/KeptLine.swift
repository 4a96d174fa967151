/// A line that was kept, as the cluster would have given it.
struct KeptLine {
  /// The stamp of the container runtime, as far as the one who kept it knows that.
  var time: LogTime
  var text: Substring
  /// Whether the line goes on with the next one of its container.
  var isPart = false
  /// Whether the stamp stands in the line itself: its collector took what the runtime wrote as it is.
  var isRuntime = false

  /// A line of a Loki; where it is what the runtime wrote (`STAMP stdout F TEXT`), what that says.
  init(_ line: LokiLine) {
    time = line.time
    text = line.text[...]
    if text.hasSuffix("\n") { text = text.dropLast() }
    guard let (stamp, rest, isPart) = KeptLine.runtime(String(text)) else { return }
    time = stamp
    text = rest
    self.isPart = isPart
    isRuntime = true
  }

  private static func runtime(_ text: String) -> (LogTime, Substring, isPart: Bool)? {
    var text = text
    return text.withUTF8 { bytes -> (LogTime, Int, Bool)? in
      let bytes = Bytes(bytes)
      guard let (stamp, place) = StampedLine.stamp(of: bytes),
        bytes.has("stdout ", at: place) || bytes.has("stderr ", at: place),
        bytes.has("F ", at: place + 7) || bytes.has("P ", at: place + 7)
      else { return nil }
      return (stamp, place + 9, bytes.has("P", at: place + 7))
    }.map { ($0.0, text[text.utf8.index(text.startIndex, offsetBy: $0.1)...], $0.2) }
  }

  /// Appends it as the cluster gives it: each line behind its stamp, but for what continues one.
  func append(to bytes: inout [UInt8], continuing: Bool) {
    let stamp = continuing ? nil : Array(time.stamp.utf8)
    for (index, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if index > 0 { bytes.append(0x0A) }
      if let stamp {
        bytes += stamp
        bytes.append(0x20)
      }
      bytes += part.utf8
    }
    if !isPart { bytes.append(0x0A) }
  }
}

/// Makes lines that were kept into what the cluster would have given of one container.
struct KeptText {
  private var continues = false
  private(set) var bytes: [UInt8] = []

  mutating func append(_ line: KeptLine) {
    line.append(to: &bytes, continuing: continues)
    continues = line.isPart
  }

  /// Gives what has come since the last time.
  mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }
}

extension LogTime {
  /// As the kubelet writes it, in UTC: `2026-01-02T03:04:05.000137000Z`.
  var stamp: String {
    let second = LogTime(nanoseconds: seconds * 1_000_000_000).timestamp.rfc3339(fractionDigits: 0)
    let fraction = String(1_000_000_000 + nanoseconds - seconds * 1_000_000_000)
    return "\(second.dropLast()).\(fraction.dropFirst())Z"
  }
}
