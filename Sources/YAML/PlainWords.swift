internal import Text

/// Says what libyaml found in the words of somebody who writes YAML, not of somebody who parses it.
enum PlainWords {
  static func explain(
    _ problem: String, while context: String, line: String
  ) -> (message: String, hint: String?) {
    let inFlow = context.contains(text: "flow")
    if inFlow, line.contains(text: "${{") {
      return (
        "\(inFlowMessage(problem)) inside { } or [ ]",
        "Inside { } and [ ] an expression needs quotes: \"${{ ... }}\"."
      )
    }
    switch problem {
    case "mapping values are not allowed in this context":
      return (
        "a colon and a space stand where no key can be",
        "Put text that holds a colon and a space in quotes, or correct the indentation."
      )
    case "could not find expected ':'":
      return ("a key without its colon", "Every key is followed by a colon and a space.")
    case "did not find expected key", "did not find expected '-' indicator":
      return (
        "the indentation does not fit the lines above",
        "The entries of one mapping or list all begin in the same column."
      )
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      return (inFlowMessage(problem), nil)
    case "found character that cannot start any token":
      return (
        "a value cannot begin with this character",
        "Put text that begins with @, ` or % in quotes; indent with spaces, never with tabs."
      )
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return ("a tab is used as indentation", "Indent with spaces.")
    case "found unexpected end of stream":
      return (
        "the file ends inside \(context.contains(text: "quoted") ? "a quoted text" : "a value")",
        nil
      )
    case "found unknown escape character":
      return (
        "an unknown escape in a text in double quotes",
        "Write \\\\ for a backslash, or use single quotes."
      )
    case "block sequence entries are not allowed in this context":
      return ("a list entry stands where none can be", "Correct the indentation of the dash.")
    case "did not find expected node content": return ("a value is missing", nil)
    case "control characters are not allowed":
      return ("a control character, which YAML forbids", nil)
    default: return (context.isEmpty ? problem : "\(problem), \(context)", nil)
    }
  }

  private static func inFlowMessage(_ problem: String) -> String {
    problem.contains("]") ? "a comma or \"]\" is missing" : "a comma or \"}\" is missing"
  }
}
