/// A line that a GitHub workflow shows beside the code: a workflow command.
public struct WorkflowAnnotation: Sendable {
  private let level: String
  private let title: String
  private let file: String?
  private let line: Int?
  private let column: Int?
  private let text: String

  /// Creates one.
  ///
  /// - Parameters:
  ///   - level: `error`, `warning` or `notice`.
  ///   - file: the path as seen from the repository's folder.
  public init(
    level: String, title: String, file: String? = nil, line: Int? = nil, column: Int? = nil,
    text: String
  ) {
    self.level = level
    self.title = title
    self.file = file
    self.line = line
    self.column = column
    self.text = text
  }

  /// The line, without its end.
  public var command: String {
    var properties: [String] = []
    if let file { properties.append("file=\(WorkflowAnnotation.escaped(file, property: true))") }
    if let line { properties.append("line=\(line)") }
    if let column { properties.append("col=\(column)") }
    properties.append("title=\(WorkflowAnnotation.escaped(title, property: true))")
    return "::\(level) \(properties.joined(separator: ","))::\(WorkflowAnnotation.escaped(text))"
  }

  /// Percent signs and line ends cannot stand in a command, nor in a property what ends it.
  private static func escaped(_ text: String, property: Bool = false) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where property: result += "%3A"
      case "," where property: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
