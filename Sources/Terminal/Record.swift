public import JSON
internal import OrderedCollections

/// One thing with named parts, ready to be printed in any format.
public struct Record: Sendable {
  /// A part: its key, its value for programs, and its text for people.
  public struct Field: Sendable {
    var key: String
    var value: JSON
    var text: String
  }

  private var fields: [Field] = []

  /// Starts without fields.
  public init() {}

  /// Adds a field; without a text people read the value.
  public mutating func add(_ key: String, _ value: JSON, text: String? = nil) {
    fields.append(Field(key: key, value: value, text: text ?? Record.readable(value)))
  }

  /// The object that programs read.
  public var json: JSON {
    .object(OrderedDictionary(fields.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
  }

  /// The whole as text that ends in a newline.
  public func text(as format: OutputFormat, width: Int? = nil) -> String {
    switch format {
    case .table: alignedText
    case .json: json.text(.pretty) + "\n"
    case .csv, .markdown:
      RowSet(
        ["name", "value"],
        rows: fields.map { [.text($0.key), .text($0.text)] }
      ).text(as: format)
    }
  }

  private var alignedText: String {
    let width = fields.map(\.key.displayWidth).max() ?? 0
    return fields.reduce(into: "") { text, field in
      text += field.key.padded(to: width) + "  " + field.text.harmless + "\n"
    }
  }

  private static func readable(_ value: JSON) -> String {
    switch value {
    case .null: "-"
    case .string(let text): text
    case .bool(let flag): flag ? "yes" : "no"
    default: value.text()
    }
  }
}
