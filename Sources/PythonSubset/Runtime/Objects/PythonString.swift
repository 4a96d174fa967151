/// A Python `str`: a sequence of code points, compared and ordered by them.
///
/// Swift's `String` compares by canonical equivalence and counts graphemes, Python by scalars; the
/// text is stored as a Swift string, and every operation goes over its UTF-8 (whose order is that
/// of the code points). An index is found in constant time: by the byte where the text is ASCII,
/// by the array of scalars otherwise. Lone surrogates, which no Swift string can hold, are refused
/// where they would arise.
public final class PythonString: Sendable {
  /// The text.
  public let string: String
  /// The scalars where the text is not ASCII.
  private let scalars: [Unicode.Scalar]?

  /// Creates a string.
  public init(_ string: String) {
    var string = string
    string.makeContiguousUTF8()
    let isASCII = string.utf8.allSatisfy { $0 < 0x80 }
    self.string = string
    scalars = isASCII ? nil : Array(string.unicodeScalars)
  }

  /// Creates a string of scalars.
  public convenience init(scalars: some Sequence<Unicode.Scalar>) {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    self.init(String(text))
  }

  /// Whether every code point is below 128.
  public var isASCII: Bool { scalars == nil }

  /// The number of code points: `len()`.
  public var count: Int { scalars?.count ?? string.utf8.count }

  /// Whether it has no characters.
  public var isEmpty: Bool { string.isEmpty }

  /// The code point at an index in `0..<count`.
  public subscript(index: Int) -> Unicode.Scalar {
    if let scalars { return scalars[index] }
    let utf8 = string.utf8
    return Unicode.Scalar(utf8[utf8.index(utf8.startIndex, offsetBy: index)])
  }

  /// The code points of a range within `0..<count`.
  public subscript(range: Range<Int>) -> PythonString {
    if range == 0..<count { return self }
    if let scalars { return PythonString(scalars: scalars[range]) }
    let utf8 = string.utf8
    let lower = utf8.index(utf8.startIndex, offsetBy: range.lowerBound)
    return PythonString(String(string[lower..<utf8.index(lower, offsetBy: range.count)]))
  }

  /// All code points.
  public var unicodeScalars: [Unicode.Scalar] { scalars ?? Array(string.unicodeScalars) }
}

extension PythonString: Hashable, Comparable {
  /// Whether the code points are the same.
  public static func == (a: PythonString, b: PythonString) -> Bool {
    a === b || sameScalars(a.string, b.string)
  }

  /// Whether `a` comes before `b` by code points.
  public static func < (a: PythonString, b: PythonString) -> Bool {
    a.string.utf8.lexicographicallyPrecedes(b.string.utf8)
  }

  /// Feeds the UTF-8 to a hasher.
  public func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Whether two Swift strings have the same code points.
  static func sameScalars(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }
}
