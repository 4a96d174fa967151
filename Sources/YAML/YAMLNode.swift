public import Diagnostics

/// One value of a YAML document and the place where it stands.
///
/// Scalars are resolved by the core schema of YAML 1.2: only `true` and `false` are booleans, so
/// that `on`, `yes` and `no` stay the words that they are.
public struct YAMLNode: Sendable {
  /// What stands there.
  public indirect enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping(YAMLMapping)
  }

  /// What stands there.
  public var content: Content
  /// The first character of the value.
  public var location: SourceLocation

  /// Creates a node.
  public init(_ content: Content, at location: SourceLocation) {
    self.content = content
    self.location = location
  }

  /// The scalar; nil for sequences and mappings.
  public var scalar: YAMLScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
  /// The elements of a sequence; nil for anything else.
  public var sequence: [YAMLNode]? {
    if case .sequence(let items) = content { items } else { nil }
  }
  /// The mapping; nil for anything else.
  public var mapping: YAMLMapping? {
    if case .mapping(let mapping) = content { mapping } else { nil }
  }
  /// The text of a scalar that is a string, and not a number, a boolean or null.
  public var string: String? {
    if let scalar, scalar.value == .string { scalar.text } else { nil }
  }
  /// Whether nothing stands there, or the word `null`.
  public var isNull: Bool { scalar?.value == .null }

  /// What the value is, as a person would call it: `a list`, `the number 5`.
  public var kind: String {
    switch content {
    case .sequence: return "a list"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: return scalar.text.isEmpty ? "empty" : "null"
      case .bool(let flag): return "the boolean \(flag)"
      case .int, .double: return "the number \(scalar.text)"
      case .string: return "text"
      }
    }
  }
}

/// A scalar: its text, how it was written, and what that means.
public struct YAMLScalar: Sendable {
  /// How a scalar is written.
  public enum Style: Sendable {
    /// Without quotes; only these can be something else than text.
    case plain
    /// In single quotes.
    case singleQuoted
    /// In double quotes, with escapes.
    case doubleQuoted
    /// After `|`: line breaks stay.
    case literal
    /// After `>`: line breaks become spaces.
    case folded
  }

  /// What a scalar means by the core schema.
  public enum Value: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string
  }

  /// The text with quotes, escapes and folds resolved.
  public var text: String
  /// How it is written.
  public var style: Style
  /// What it means.
  public var value: Value
  let source: YAMLSource
  let start: SourceLocation

  /// The place in the file of the character at `offset` Unicode scalars into the text, through
  /// quotes, escapes and folds.
  public func location(at offset: Int) -> SourceLocation {
    ScalarAlignment(self, in: source).location(at: offset)
  }
}

/// A mapping in the order of the file; its keys are texts and each stands there once.
public struct YAMLMapping: Sendable {
  /// One key and its value.
  public struct Entry: Sendable {
    /// The key.
    public var key: String
    /// Where the key stands.
    public var location: SourceLocation
    /// The value.
    public var value: YAMLNode
  }

  /// Keys and values in the order of the file.
  public var entries: [Entry]

  /// The value of a key.
  public subscript(key: String) -> YAMLNode? { entry(key)?.value }

  /// A key with its place and its value.
  public func entry(_ key: String) -> Entry? { entries.first { $0.key == key } }
}
