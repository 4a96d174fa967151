/// How many records there were over time, in at most 60 steps that grow with the span.
public struct Histogram: Sendable {
  /// One step.
  public struct Step: Sendable {
    /// All records.
    public var records = 0
    /// Errors among them.
    public var errors = 0
  }

  private static let maximumSteps = 60

  /// The length of a step.
  public private(set) var width = Duration.seconds(1)
  private var steps: [Int64: Step] = [:]
  private var range: (first: Int64, last: Int64)?

  mutating func add(_ time: LogTime?, isBad: Bool) {
    guard let time else { return }
    var index = LogTime.floored(time.seconds, width.components.seconds)
    while let range,
      max(range.last, index) - min(range.first, index) >= Int64(Histogram.maximumSteps)
    {
      widen()
      index = LogTime.floored(time.seconds, width.components.seconds)
    }
    range = (min(range?.first ?? index, index), max(range?.last ?? index, index))
    steps[index, default: Step()].records += 1
    if isBad { steps[index]?.errors += 1 }
  }

  private mutating func widen() {
    // Round lengths, so that steps begin where clocks do.
    let lengths: [Int64] = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400]
    let old = width.components.seconds
    let new = lengths.first { $0 > old && $0.isMultiple(of: old) } ?? old * 2
    width = .seconds(new)
    var merged: [Int64: Step] = [:]
    for (index, step) in steps {
      let place = LogTime.floored(index * old, new)
      merged[place, default: Step()].records += step.records
      merged[place]?.errors += step.errors
    }
    steps = merged
    range = range.map {
      (LogTime.floored($0.first * old, new), LogTime.floored($0.last * old, new))
    }
  }

  /// Where the first step begins; nil where there is none.
  public var start: LogTime? {
    range.map { LogTime(nanoseconds: $0.first * width.nanoseconds) }
  }

  /// Every step from the first to the last.
  public var all: [Step] {
    guard let range else { return [] }
    return (range.first...range.last).map { steps[$0] ?? Step() }
  }

  /// A row of blocks, one for each step, as high as the number is beside the greatest.
  public static func blocks(_ numbers: [Int]) -> String {
    let marks = Array("▁▂▃▄▅▆▇█")
    guard let greatest = numbers.max(), greatest > 0 else {
      return String(repeating: " ", count: numbers.count)
    }
    return String(
      numbers.map { $0 == 0 ? " " : marks[min(7, ($0 * 8 - 1) / greatest)] })
  }
}

extension LogTime {
  /// The quotient, rounded down.
  static func floored(_ a: Int64, _ b: Int64) -> Int64 {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
