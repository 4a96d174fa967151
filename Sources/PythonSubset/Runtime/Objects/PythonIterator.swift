/// An iterator: what `iter()` gives.
open class PythonIterator: PythonObject {
  /// The next item; nil at the end, and from then on.
  open func next(_ python: Interpreter) throws -> Value? { nil }

  open override func iterator(_ python: Interpreter) throws -> PythonIterator? { self }

  open override var pythonClass: PythonClass { .iteratorType }

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__next__":
      return .function("__next__") { [self] call in
        guard let value = try next(call.python) else {
          throw PythonError(.stopIteration, arguments: [])
        }
        return value
      }
    case "__iter__": return .function("__iter__") { [self] _ in .object(self) }
    default: return try super.attribute(name, python)
    }
  }
}

/// An iterator whose items a closure gives, under the name that `type()` shows.
public final class ClosureIterator: PythonIterator {
  private let name: String
  private var source: Source?

  /// Holds the closure, so that it can be handed over when the iterator goes.
  private final class Source {
    let next: (Interpreter) throws -> Value?

    init(_ next: @escaping (Interpreter) throws -> Value?) { self.next = next }
  }

  /// Creates an iterator; after the closure gave nil it is not called again.
  public init(_ name: String, _ next: @escaping (Interpreter) throws -> Value?) {
    self.name = name
    source = Source(next)
  }

  /// Creates an iterator over items that are there.
  public convenience init(_ name: String, over items: [Value]) {
    var position = 0
    self.init(name) { _ in
      guard position < items.count else { return nil }
      position += 1
      return items[position - 1]
    }
  }

  deinit { Disposal.take(holder: &source) }

  public override var typeName: String { name }

  public override func next(_ python: Interpreter) throws -> Value? {
    guard let source else { return nil }
    // Iterators over iterators nest as deep as a script likes.
    if let value = try python.nested({ try source.next(python) }) { return value }
    self.source = nil
    return nil
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "<\(name) object at \(address)>"
  }
}

/// `range`.
public final class PythonRange: PythonObject {
  /// The first item.
  public let start: Int
  /// The bound that is not reached.
  public let stop: Int
  /// The distance, not zero.
  public let step: Int

  init(_ start: Int, _ stop: Int, _ step: Int) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  /// The number of items.
  public var count: Int {
    guard step > 0 ? start < stop : start > stop else { return 0 }
    let (high, low) = step > 0 ? (stop, start) : (start, stop)
    let distance = UInt(bitPattern: high &- low)
    return Int(clamping: (distance - 1) / step.magnitude + 1)
  }

  func value(at index: Int) -> Int { start &+ index &* step }

  public override var pythonClass: PythonClass { .range }

  public override func length(_ python: Interpreter) throws -> Int? { count }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    var (position, count) = (0, count)
    return ClosureIterator("range_iterator") { [self] _ in
      guard position < count else {
        count = 0
        return nil
      }
      position += 1
      return .int(value(at: position - 1))
    }
  }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    guard let number = item.int else { return nil }
    guard step > 0 ? number >= start && number < stop : number <= start && number > stop else {
      return false
    }
    return UInt(bitPattern: number &- start) % step.magnitude == 0
      || UInt(bitPattern: start &- number) % step.magnitude == 0
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    if let slice = key.object(as: PythonSlice.self) {
      let (first, last, by) = try slice.indices(length: count, python)
      return .object(PythonRange(value(at: first), value(at: last), step &* by))
    }
    let index = try python.index(key)
    let position = index < 0 ? index + count : index
    guard position >= 0, position < count else {
      throw PythonError(.indexError, "range object index out of range")
    }
    return .int(value(at: position))
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "start": .int(start)
    case "stop": .int(stop)
    case "step": .int(step)
    default: try super.attribute(name, python)
    }
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual, let other = other.object(as: PythonRange.self) else {
      return nil
    }
    let same =
      count == other.count
      && (count == 0 || (start == other.start && (count == 1 || step == other.step)))
    return .bool(same == (op == .equal))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    count == 0 ? 0 : start &* 31 &+ count &* 17 &+ (count == 1 ? 0 : step)
  }

  public override func representation(_ python: Interpreter) throws -> String {
    step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
  }
}

/// `slice`: what stands between the brackets of `a[1:2]`.
public final class PythonSlice: PythonObject {
  /// The three parts, `None` where they were left out.
  public let start: Value, stop: Value, step: Value

  /// Creates a slice.
  public init(_ start: Value, _ stop: Value, _ step: Value) {
    self.start = start
    self.stop = stop
    self.step = step
  }

  public override var pythonClass: PythonClass { .slice }

  /// The start, stop and step for a sequence of a length, brought into its bounds.
  public func indices(
    length: Int, _ python: Interpreter
  ) throws -> (start: Int, stop: Int, step: Int) {
    func part(_ value: Value) throws -> Int? {
      if value.isNone { return nil }
      guard let number = try python.clampedIndex(value) else {
        throw PythonError(
          .typeError, "slice indices must be integers or None or have an __index__ method")
      }
      return number
    }
    let by = try part(step) ?? 1
    if by == 0 { throw PythonError(.valueError, "slice step cannot be zero") }
    let (lower, upper) = by > 0 ? (0, length) : (-1, length - 1)
    func bounded(_ number: Int) -> Int {
      let number = number < 0 ? number + length : number
      return min(max(number, lower), upper)
    }
    let first = try part(start).map(bounded) ?? (by > 0 ? lower : upper)
    let last = try part(stop).map(bounded) ?? (by > 0 ? upper : lower)
    return (first, last, by)
  }

  /// The positions that the slice takes from a sequence of a length.
  func positions(length: Int, _ python: Interpreter) throws -> [Int] {
    let (first, last, by) = try indices(length: length, python)
    let places = Array(stride(from: first, to: last, by: min(max(by, -length - 1), length + 1)))
    try python.charge(places.count * 16)
    return places
  }

  public override class var ownMethods: [String] { ["indices"] }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "start": start
    case "stop": stop
    case "step": step
    case "indices":
      .function("indices", "length, /") { [self] call in
        let (first, last, by) = try indices(length: try call.int(0), call.python)
        return .tuple([.int(first), .int(last), .int(by)])
      }
    default: try super.attribute(name, python)
    }
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: PythonSlice.self) else { return nil }
    return try python.compare(
      op, .tuple([start, stop, step]), .tuple([other.start, other.stop, other.step]))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    throw PythonError(.typeError, "unhashable type: 'slice'")
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "slice(\(try python.repr(start)), \(try python.repr(stop)), \(try python.repr(step)))"
  }
}
