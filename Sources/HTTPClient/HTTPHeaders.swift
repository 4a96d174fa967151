/// Header fields in the order of the message; a name may come more than once, and its case does not
/// matter.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// One field.
  public struct Field: Sendable, Hashable {
    /// The name as it was written.
    public let name: String
    /// The value without the blanks around it.
    public let value: String
  }

  /// The fields in their order.
  public private(set) var fields: [Field] = []

  /// No fields.
  public init() {}

  /// The fields of a literal in its order; a name may come more than once.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// Adds a field behind the others, also when there is one of that name.
  public mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Puts one field in the place of all of that name.
  public mutating func set(_ name: String, _ value: String) {
    fields.removeAll { HTTPHeaders.isSame($0.name, name) }
    add(name, value)
  }

  /// The first value of that name.
  public subscript(name: String) -> String? {
    fields.first { HTTPHeaders.isSame($0.name, name) }?.value
  }

  /// All values of that name in their order, as of `Warning`.
  public func all(_ name: String) -> [String] {
    fields.filter { HTTPHeaders.isSame($0.name, name) }.map(\.value)
  }

  /// Whether one of the comma-separated words of the fields of that name is `token`; case does not
  /// matter.
  func has(_ token: String, in name: String) -> Bool {
    all(name).contains { value in
      value.split(separator: ",").contains {
        HTTPHeaders.isSame(String($0.trimmingBlanks), token)
      }
    }
  }

  static func isSame(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8) { lower($0) == lower($1) }
  }

  private static func lower(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}

extension StringProtocol {
  /// Without the blanks, tabs and line ends around it.
  var trimmingBlanks: SubSequence {
    var rest = self[...]
    while let first = rest.first, first.isWhitespace { rest.removeFirst() }
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest
  }
}
