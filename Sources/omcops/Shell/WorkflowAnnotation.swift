/// A line that a GitHub workflow shows beside the code: a workflow command.
///
/// Its text cannot hold percent signs and line ends as they are.
struct WorkflowAnnotation {
  /// `error`, `warning` or `notice`.
  var level: String
  var title: String
  var file: String?
  var line: Int?
  var column: Int?
  var text: String

  /// The line, without its end.
  var command: String {
    var properties: [String] = []
    if let file { properties.append("file=\(WorkflowAnnotation.escaped(file, property: true))") }
    if let line { properties.append("line=\(line)") }
    if let column { properties.append("col=\(column)") }
    properties.append("title=\(WorkflowAnnotation.escaped(title, property: true))")
    return "::\(level) \(properties.joined(separator: ","))::\(WorkflowAnnotation.escaped(text))"
  }

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
