internal import JSON

// What swift-argument-parser uses of FoundationEssentials: an error that describes itself, and an
// encoder for `--experimental-dump-help`. The release build puts this module in the place of
// FoundationEssentials, which is three of the binary's megabytes.

/// An error that has words for people.
public protocol LocalizedError: Error {
  /// What happened.
  var errorDescription: String? { get }
}

extension LocalizedError {
  /// Nothing is said.
  public var errorDescription: String? { nil }
}

/// Bytes.
public struct Data: Sendable {
  let bytes: [UInt8]
}

extension String {
  /// How text stands in bytes.
  public enum Encoding: Sendable {
    case utf8
  }

  /// The text that bytes are; nil where they are none.
  public init?(data: Data, encoding: Encoding) {
    self.init(validating: data.bytes, as: UTF8.self)
  }
}

/// Writes values as JSON.
public final class JSONEncoder {
  /// How the text is laid out.
  public struct OutputFormatting: OptionSet, Sendable {
    /// The options as bits.
    public let rawValue: UInt
    /// A set of options.
    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// On lines of their own, indented.
    public static let prettyPrinted = OutputFormatting(rawValue: 1)
    /// The members of objects in the order of their names.
    public static let sortedKeys = OutputFormatting(rawValue: 2)
  }

  /// How the text is laid out.
  public var outputFormatting: OutputFormatting = []

  /// Writes on one line.
  public init() {}

  /// The value as JSON text. Throws what the value's own encoding throws.
  public func encode<Value: Encodable>(_ value: Value) throws -> Data {
    let node = Node()
    try value.encode(to: NodeEncoder(node: node, codingPath: []))
    let text = node.json.text(
      outputFormatting.contains(.prettyPrinted) ? .pretty : .compact,
      sortedKeys: outputFormatting.contains(.sortedKeys))
    return Data(bytes: Array(text.utf8))
  }
}
