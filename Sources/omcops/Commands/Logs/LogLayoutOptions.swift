public import ArgumentParser
public import LogOps
internal import Patterns
internal import Terminal

extension RecordStyle.Format: ExpressibleByArgument {}

extension ZoneOffset: ExpressibleByArgument {
  /// Reads `+02:00`.
  public init?(argument: String) { self.init(argument) }
}

/// How records are printed.
struct LogLayoutOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print: text; raw, the record's own bytes; json, an object a line.",
      valueName: "format"))
  var output = RecordStyle.Format.text

  @Flag(
    inversion: .prefixedNo,
    help: "Lay JSON and logfmt records out for people; the default on a terminal.")
  var pretty: Bool?

  @Option(
    name: [.customShort("H"), .long],
    help: ArgumentHelp("Make this stand out on a terminal. Repeatable.", valueName: "regex"))
  var highlight: [String] = []

  @Option(
    help: ArgumentHelp(
      "A layout of your own, such as '{clock} {pod} {level} {message} {.http.status}'.",
      valueName: "template"))
  var template: String?

  @Flag(inversion: .prefixedNo, help: "The source before each record; the default with several.")
  var prefix: Bool?

  @Flag(help: "The time before each record.")
  var timestamps = false

  @Option(
    help: ArgumentHelp(
      "The zone of printed times, and of those in records that have none.", valueName: "+hh:mm"))
  var zone: ZoneOffset?

  @Flag(help: "Print secrets as they are.")
  var showSecrets = false

  func validate() throws {
    if template != nil, output != .text {
      throw ValidationError("--template is a layout of its own: leave --output out")
    }
  }

  /// The style that the options describe.
  func style(
    _ context: Context, sources: Int, noColor: Bool, toFiles: Bool = false
  ) throws -> RecordStyle {
    var style = RecordStyle()
    style.format = output
    style.isTerminal = context.output.isTerminal && !toFiles
    style.isColoured =
      output == .text && !toFiles
      && Style(for: context.output, environment: context.environment, disabled: noColor).isColoured
    style.isPretty = output == .text && template == nil && (pretty ?? style.isTerminal)
    style.hasPrefix = prefix ?? (sources > 1)
    style.hasTime = timestamps
    style.template = try template.map { try RecordTemplate(parsing: $0) }
    style.hidesSecrets = !showSecrets
    style.highlights = try highlight.map { try Pattern($0) }
    style.zone = zone?.seconds ?? 0
    return style
  }
}
