/// The arguments of a call, as written: by position, then by keyword.
public struct Arguments {
  /// Those without a name.
  public var positional: [Value]
  /// Those with a name, in order.
  public var keywords: [(name: String, value: Value)]

  /// Creates arguments.
  public init(_ positional: [Value] = [], keywords: [(name: String, value: Value)] = []) {
    self.positional = positional
    self.keywords = keywords
  }

  /// The arguments with one more before the others: the receiver of a method.
  public func prefixed(by receiver: Value) -> Arguments {
    Arguments([receiver] + positional, keywords: keywords)
  }

  /// The keyword argument of a name.
  public subscript(keyword: String) -> Value? {
    keywords.first { $0.name == keyword }?.value
  }

  /// Whether there are none.
  public var isEmpty: Bool { positional.isEmpty && keywords.isEmpty }
}
