/// The first lines that the cluster has of a container.
struct LogHead: Equatable {
  /// So many bytes of it are looked at.
  static let size = 4096

  var time: LogTime
  /// What the lines say, without their stamps; the last one may be cut.
  var texts: [String]
  /// Whether the last one is cut.
  var isCut: Bool

  /// Reads the beginning of a log; nil where it has no line with a stamp.
  init?(_ bytes: [UInt8]) {
    let parsed = bytes.withUnsafeBytes { bytes -> (LogTime, [String], Bool)? in
      var (first, texts): (LogTime?, [String]) = (nil, [])
      var rest = bytes
      var isCut = false
      while !rest.isEmpty, !isCut {
        let line = rest.firstLine
        isCut = line.count == rest.count
        guard let (time, start) = StampedLine.stamp(of: line) else {
          if first != nil { break }
          // The end of a line whose beginning was rotated away.
          rest = rest.part(min(line.count + 1, rest.count)..<rest.count)
          continue
        }
        first = first ?? time
        texts.append(line.part(start..<line.count).text)
        rest = rest.part(min(line.count + 1, rest.count)..<rest.count)
      }
      return first.map { ($0, texts, isCut) }
    }
    guard let (time, texts, isCut) = parsed else { return nil }
    self.time = time
    self.texts = texts
    self.isCut = isCut
  }
}

/// Where what was kept ends and what the cluster has begins, where their stamps are not the same: what
/// the lines say tells it.
enum HistorySeam: Equatable {
  /// The cluster's first line is the one at this place.
  case at(Int)
  /// It is nowhere among them.
  case unknown
  /// It may be several of them.
  case ambiguous

  /// Looks for the cluster's first lines among those that were kept.
  init(_ kept: [KeptLine], _ head: LogHead) {
    var found: [Int] = []
    for start in kept.indices where HistorySeam.agrees(kept[start...], head) {
      found.append(start)
      if found.count > 1 { break }
    }
    switch found.count {
    case 0: self = .unknown
    case 1: self = .at(found[0])
    default: self = .ambiguous
    }
  }

  /// Whether these lines begin as the cluster's do. The newest may not have been collected yet.
  private static func agrees(_ kept: ArraySlice<KeptLine>, _ head: LogHead) -> Bool {
    for (index, (line, text)) in zip(kept, head.texts).enumerated() {
      let isLast = index == head.texts.count - 1
      guard isLast && head.isCut ? line.text.hasPrefix(text) : line.text == text else {
        return false
      }
    }
    return true
  }
}
