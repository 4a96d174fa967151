/// The rules of a time zone, as a TZif file (RFC 8536) has them.
struct ZoneFile {
  /// An offset from UTC with its abbreviation.
  struct Period {
    var offset: Int
    var isDaylight: Bool
    var name: String
  }

  private(set) var moments: [Int] = []
  private(set) var periods: [Period] = []
  /// Whether the moments at the end come again in every cycle.
  private var repeats = false
  private var first = Period(offset: 0, isDaylight: false, name: "UTC")
  /// Seconds of the Gregorian calendar's cycle of 400 years, in which the rules repeat.
  private static let cycle = 146_097 * 86_400
  private static let lastYear = 2437

  /// UTC itself, for which no file is needed.
  static let utc = ZoneFile()

  private init() {}

  /// Reads a file; nil where it is none.
  init?(_ bytes: [UInt8]) {
    guard let old = Header(bytes, at: 0) else { return nil }
    var header = old
    var width = 4
    if old.version >= 2 {
      guard let new = Header(bytes, at: old.end(4)) else { return nil }
      header = new
      width = 8
    }
    guard header.end(width) <= bytes.count, header.types > 0 else { return nil }
    let kinds = header.kinds(bytes, width)
    guard kinds.count == header.types else { return nil }
    first = kinds.first { !$0.isDaylight } ?? kinds[0]
    for index in 0..<header.times {
      let place = header.start + index * width
      moments.append(Header.signed(bytes, place, width))
      let kind = Int(bytes[header.start + header.times * width + index])
      guard kind < kinds.count else { return nil }
      periods.append(kinds[kind])
    }
    let footer = bytes[header.end(width)...].dropFirst().prefix { $0 != UInt8(ascii: "\n") }
    if width == 8, let rule = ZoneRule(String(decoding: footer, as: UTF8.self)) { extend(rule) }
  }

  private mutating func extend(_ rule: ZoneRule) {
    guard rule.daylight != nil else {
      if moments.isEmpty { first = rule.standard }
      return
    }
    repeats = true
    let last = moments.last ?? -1 << 40
    let year = Moment(microseconds: (last + 62_135_683_200) * 1_000_000)?.year ?? 1900
    for year in max(year, 1900)...Self.lastYear {
      for (moment, period) in rule.transitions(in: year) where moment > last {
        moments.append(moment)
        periods.append(period)
      }
    }
  }

  /// A second far ahead, moved back to where the rules are written out.
  private func reduced(_ second: Int) -> Int {
    guard repeats, let last = moments.last, second > last else { return second }
    return second - (second - last + Self.cycle - 1) / Self.cycle * Self.cycle
  }

  private func period(before index: Int) -> Period { index > 0 ? periods[index - 1] : first }

  /// What holds at a second of UTC, and whether the local time then comes the second time.
  func period(atUTC second: Int) -> (Period, isRepeated: Bool) {
    let second = reduced(second)
    let index = moments.firstIndex { $0 > second } ?? moments.count
    let current = period(before: index)
    guard index > 0 else { return (current, false) }
    let shift = period(before: index - 1).offset - current.offset
    return (current, shift > second - moments[index - 1])
  }

  /// What holds at a local time, the first or, with `fold`, the second where it comes twice.
  func period(atLocal second: Int, fold: Bool) -> Period {
    let second = reduced(second)
    let index = moments.indices.first { index in
      let (before, after) = (period(before: index).offset, periods[index].offset)
      return moments[index] + (fold ? min(before, after) : max(before, after)) > second
    }
    return period(before: index ?? moments.count)
  }

  /// How much of the offset is daylight saving at a local time.
  func daylight(atLocal second: Int, fold: Bool) -> Int {
    let current = period(atLocal: second, fold: fold)
    guard current.isDaylight else { return 0 }
    let standard = periods.last { !$0.isDaylight && $0.offset < current.offset } ?? first
    return standard.offset < current.offset ? current.offset - standard.offset : 3600
  }
}

/// The counts at the beginning of a TZif block.
private struct Header {
  let version: Int
  let times: Int
  let types: Int
  private let characters: Int
  private let leaps: Int
  private let standards: Int
  private let universals: Int
  let start: Int

  init?(_ bytes: [UInt8], at place: Int) {
    guard place + 44 <= bytes.count, Array(bytes[place..<place + 4]) == Array("TZif".utf8) else {
      return nil
    }
    version = bytes[place + 4] == 0 ? 1 : Int(bytes[place + 4]) - 48
    let counts = (0..<6).map { Header.signed(bytes, place + 20 + 4 * $0, 4) }
    guard counts.allSatisfy({ (0..<1 << 20).contains($0) }) else { return nil }
    (universals, standards, leaps) = (counts[0], counts[1], counts[2])
    (times, types, characters) = (counts[3], counts[4], counts[5])
    start = place + 44
  }

  func end(_ width: Int) -> Int {
    start + times * (width + 1) + types * 6 + characters + leaps * (width + 4) + standards
      + universals
  }

  func kinds(_ bytes: [UInt8], _ width: Int) -> [ZoneFile.Period] {
    let place = start + times * (width + 1)
    let text = bytes[(place + types * 6)..<(place + types * 6 + characters)]
    return (0..<types).compactMap { index in
      let entry = place + index * 6
      let begin = Int(bytes[entry + 5])
      guard begin <= characters else { return nil }
      return ZoneFile.Period(
        offset: Header.signed(bytes, entry, 4), isDaylight: bytes[entry + 4] != 0,
        name: String(decoding: text.dropFirst(begin).prefix { $0 != 0 }, as: UTF8.self))
    }
  }

  static func signed(_ bytes: [UInt8], _ place: Int, _ width: Int) -> Int {
    let value = bytes[place..<place + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return width == 4
      ? Int(Int32(bitPattern: UInt32(truncatingIfNeeded: value))) : Int(Int64(bitPattern: value))
  }
}
