internal import JSON
internal import Text

/// How data is printed.
public enum OutputFormat: String, CaseIterable, Sendable {
  /// Aligned columns, for people.
  case table
  /// For programs: an array of objects, or an object.
  case json
  /// RFC 4180 with a header; a null is an empty field, an empty text is `""`.
  case csv
  /// A table for tickets and documents.
  case markdown
}

/// One value of a table.
public enum Cell: Hashable, Sendable {
  case null
  case text(String)
  /// Digits as they came, so that no precision is lost on the way.
  case number(String)
  case bool(Bool)
  /// JSON text, which stays JSON in JSON.
  case json(String)

  /// A text, or null.
  public init(_ text: String?) { self = text.map(Cell.text) ?? .null }

  /// An integer, or null.
  public init(_ value: (some BinaryInteger)?) {
    self = value.map { .number(String($0)) } ?? .null
  }

  /// What a person reads; nil for null.
  public var text: String? {
    switch self {
    case .null: nil
    case .text(let text), .number(let text), .json(let text): text
    case .bool(let flag): flag ? "true" : "false"
    }
  }

  /// What a program reads.
  var jsonText: String {
    switch self {
    case .null: "null"
    case .text(let text): JSON.string(text).text()
    case .number(let digits): Cell.isJSONNumber(digits) ? digits : JSON.string(digits).text()
    case .bool(let flag): flag ? "true" : "false"
    case .json(let text): text
    }
  }

  /// `NaN` and `Infinity` are numbers to PostgreSQL and not to JSON.
  private static func isJSONNumber(_ digits: String) -> Bool {
    guard let first = digits.utf8.first(where: { $0 != UInt8(ascii: "-") }) else { return false }
    return (0x30...0x39).contains(first)
  }
}

/// Rows under named columns, ready to be printed in any format.
public struct RowSet: Sendable {
  /// A column of a table.
  public struct Column: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The heading, and the key in JSON.
    public var name: String
    /// Whether its values are numbers, which stand at the right.
    public var isNumeric: Bool

    /// Names a column.
    public init(_ name: String, isNumeric: Bool = false) {
      self.name = name
      self.isNumeric = isNumeric
    }

    /// Names a column of texts.
    public init(stringLiteral name: String) { self.init(name) }
  }

  /// The columns, in order.
  public var columns: [Column]
  /// The rows: each has as many cells as there are columns.
  public var rows: [[Cell]]
  /// What stands for null in a table for people.
  public var nullText = ""
  /// Whether a table shows values of several lines as such, each line but the last with a `+` at
  /// its end; otherwise a newline is spelt `\n`, and a row is a line.
  public var showsLines = false

  /// Creates a table.
  public init(_ columns: [Column], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The whole as text that ends in a newline.
  ///
  /// - Parameter width: the terminal's columns; tables are never wider when it is given.
  public func text(as format: OutputFormat, width: Int? = nil) -> String {
    switch format {
    case .table: Table(self, width: width).text
    case .json: jsonText
    case .csv: lines([columns.map(\.name).map(Cell.text)] + rows, CSV.line)
    case .markdown: markdownText
    }
  }

  private func lines(_ rows: [[Cell]], _ line: ([Cell]) -> String) -> String {
    rows.reduce(into: "") { $0 += line($1) + "\n" }
  }

  private var jsonText: String {
    if rows.isEmpty { return "[]\n" }
    let keys = JSONKeys(columns.map(\.name))
    return "[\n" + rows.map { "  " + keys.object($0) }.joined(separator: ",\n") + "\n]\n"
  }

  private var markdownText: String {
    let rule = "|" + columns.map { $0.isNumeric ? " ---: |" : " --- |" }.joined() + "\n"
    return Markdown.line(columns.map(\.name).map(Cell.text)) + "\n" + rule
      + lines(rows, Markdown.line)
  }
}

/// The keys of a row's object: columns of one name are told apart, so that no value is lost.
struct JSONKeys {
  private let keys: [String]

  init(_ names: [String]) {
    var counts: [String: Int] = [:]
    keys = names.map { name in
      counts[name, default: 0] += 1
      let count = counts[name, default: 1]
      return JSON.string(count == 1 ? name : "\(name)_\(count)").text()
    }
  }

  func object(_ row: [Cell]) -> String {
    "{" + zip(keys, row).map { "\($0): \($1.jsonText)" }.joined(separator: ", ") + "}"
  }
}

enum CSV {
  static func line(_ row: [Cell]) -> String { row.map(field).joined(separator: ",") }

  private static func field(_ cell: Cell) -> String {
    guard let text = cell.text else { return "" }
    let needsQuotes =
      text.isEmpty
      || text.utf8.contains {
        [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D].contains($0)
      }
    guard needsQuotes else { return text }
    return "\"" + text.replacing(text: "\"", with: "\"\"") + "\""
  }
}

enum Markdown {
  static func line(_ row: [Cell]) -> String { "|" + row.map { " \(field($0)) |" }.joined() }

  private static func field(_ cell: Cell) -> String {
    var result = ""
    for character in cell.text ?? "" {
      switch character {
      case "|": result += "\\|"
      case "\\": result += "\\\\"
      case "<": result += "&lt;"
      case "\n", "\r\n": result += "<br>"
      default: result.append(character)
      }
    }
    return result
  }
}
