internal import Diagnostics
internal import PythonSubset
internal import Text

/// A template in Mako's language, as far as templates of revision files use it: `${expression}` with
/// filters, `%` lines of Python, `<% code %>`, comments.
///
/// It becomes a Python function, as in Mako, and that is run.
struct MakoTemplate {
  private let file: String
  private let source: String
  private let names: [String]

  /// Reads a template.
  ///
  /// - Parameter names: the values that it will be given.
  /// - Throws: `ProjectError` for a tag that is not among those above, with its line.
  init(parsing text: String, file: String, names: [String]) throws(ProjectError) {
    var writer = MakoWriter(text, file: file)
    try writer.run()
    self.file = file
    self.names = names
    let parameters = (["_write"] + names).joined(separator: ", ")
    source = """
      \(writer.moduleCode)def comma(value):
          return "" if value is None else value if isinstance(value, str) else ", ".join(value)
      def render(\(parameters)):
          pass
      \(writer.code)
      """
  }

  /// Fills it with values, in the order of the names.
  ///
  /// - Throws: `ProjectError` when its Python does not run.
  func render(_ values: [Value]) throws -> String {
    var output = ""
    do {
      let python = Interpreter()
      let module = try python.run(try Module.parse(Array(source.utf8), file: file), as: "template")
      let write = Value.function("write", "value") { call in
        output += try call.python.str(call["value"])
        return .null
      }
      _ = try python.call(try python.member("render", of: module), [write] + values)
    } catch let error as SyntaxFailure {
      throw ProjectError("\(file): the template's Python is not valid: \(error.reason)")
    } catch {
      let reason = (error as? any Failure)?.message ?? "\(error)"
      throw ProjectError("\(file): the template cannot be filled: \(reason)", status: .refused)
    }
    return output
  }
}

/// Turns a template's text into the lines of a Python function.
private struct MakoWriter {
  private let file: String
  private var rest: Substring
  private var line = 1
  private var depth = 1
  private var pending = ""
  private(set) var code = ""
  private(set) var moduleCode = ""

  init(_ text: String, file: String) {
    self.file = file
    rest = Substring(String(text.unicodeScalars.filter { $0 != "\r" }.map(Character.init)))
  }

  mutating func run() throws(ProjectError) {
    var isLineStart = true
    while !rest.isEmpty {
      if isLineStart, try takeLine() { continue }
      isLineStart = false
      if rest.hasPrefix("${") {
        try expression()
      } else if rest.hasPrefix("<%") || rest.hasPrefix("</%") {
        try tag()
      } else if rest.hasPrefix("\\\n") {
        advance(2)
        isLineStart = true
      } else {
        isLineStart = rest.first == "\n"
        pending.append(rest.first ?? " ")
        advance(1)
      }
    }
    flush()
    if depth != 1 { throw wrong("a % line has no end") }
  }

  private mutating func advance(_ count: Int) {
    let taken = rest.prefix(count)
    line += taken.count { $0 == "\n" }
    rest = rest.dropFirst(count)
  }

  /// A line that is a comment or Python; false for text.
  private mutating func takeLine() throws(ProjectError) -> Bool {
    let whole = rest.prefix { $0 != "\n" }
    let words = whole.drop { $0 == " " || $0 == "\t" }
    if words.hasPrefix("##") {
      advance(whole.count + 1)
      return true
    }
    guard words.hasPrefix("%"), !words.hasPrefix("%%") else {
      if words.hasPrefix("%%") {
        pending += whole.prefix(whole.count - words.count)
        advance(whole.count - words.count + 1)
      }
      return false
    }
    flush()
    let statement = String(words.dropFirst()).stripped
    let keyword = statement.prefix { $0.isLetter }
    switch keyword {
    case "endif", "endfor", "endwhile", "endtry", "endwith": depth -= 1
    case "else", "elif", "except", "finally":
      depth -= 1
      emit(statement)
      depth += 1
      emit("pass")
    default:
      emit(statement)
      depth += 1
      emit("pass")
    }
    if depth < 1 { throw wrong("% \(statement) ends nothing") }
    advance(whole.count + 1)
    return true
  }

  /// `${value | filter, filter}`.
  private mutating func expression() throws(ProjectError) {
    flush()
    let (body, filters) = try parts()
    var value = body.stripped
    for filter in filters {
      switch filter {
      case "n", "": break
      case "str", "unicode": value = "str(\(value))"
      case "trim": value = "str(\(value)).strip()"
      case "h", "x", "u", "entity":
        throw wrong("the filter \(filter) of the template is not supported")
      default: value = "\(filter)(\(value))"
      }
    }
    emit("_write(\(value))")
  }

  /// The expression up to its brace, and the filters behind its last bar.
  private mutating func parts() throws(ProjectError) -> (body: String, filters: [String]) {
    advance(2)
    var body = ""
    var bar: Int?
    var braces = 0
    var quote: Character?
    while let character = rest.first {
      advance(1)
      if let open = quote {
        body.append(character)
        if character == "\\", let next = rest.first {
          body.append(next)
          advance(1)
        } else if character == open {
          quote = nil
        }
        continue
      }
      switch character {
      case "'", "\"": quote = character
      case "{", "(", "[": braces += 1
      case "}" where braces == 0:
        guard let bar else { return (body, []) }
        let filters = body.dropFirst(bar + 1).split(separator: ",")
        return (String(body.prefix(bar)), filters.map { String($0).stripped })
      case "}", ")", "]": braces -= 1
      case "|" where braces == 0: bar = body.count
      default: break
      }
      body.append(character)
    }
    throw wrong("${ has no }")
  }

  private mutating func tag() throws(ProjectError) {
    if rest.hasPrefix("<%doc>") {
      guard let end = rest.firstRange(ofText: "</%doc>") else { throw wrong("<%doc> has no end") }
      return advance(rest.distance(from: rest.startIndex, to: end.upperBound))
    }
    let isModule = rest.hasPrefix("<%!")
    let next = rest.dropFirst(2).first
    guard isModule || next == " " || next == "\n" || next == "\t" else {
      let name = rest.prefix { $0 != ">" && $0 != " " && $0 != "\n" }
      throw wrong("the tag \(name)> of the template is not supported")
    }
    guard let end = rest.firstRange(ofText: "%>") else { throw wrong("<% has no %>") }
    flush()
    let block = rest[..<end.lowerBound].dropFirst(isModule ? 3 : 2)
    let lines = block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let margin =
      lines.filter { !$0.stripped.isEmpty }
      .map { $0.prefix { $0 == " " || $0 == "\t" }.count }.min() ?? 0
    for text in lines where !text.stripped.isEmpty {
      let statement = String(text.dropFirst(margin))
      if isModule { moduleCode += statement + "\n" } else { emit(statement) }
    }
    advance(rest.distance(from: rest.startIndex, to: end.upperBound))
  }

  private mutating func emit(_ statement: String) {
    code += String(repeating: "    ", count: depth) + statement + "\n"
  }

  private mutating func flush() {
    if pending.isEmpty { return }
    emit("_write(\"\(pending.escapedForQuotes)\")")
    pending = ""
  }

  private func wrong(_ message: String) -> ProjectError {
    ProjectError(
      "\(SourceLocation(file: file, line: line, column: 1)): \(message)", status: .refused)
  }
}
