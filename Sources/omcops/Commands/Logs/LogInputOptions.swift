internal import ArgumentParser
internal import Quantities

/// Where logs are read from, and how much of them.
struct LogInputOptions: ParsableArguments {
  @Option(
    name: [.long],
    help: ArgumentHelp(
      "Read a file, plain or compressed with gzip, zstd or LZ4; - is standard input. Repeatable.",
      valueName: "file"), completion: .file())
  var file: [String] = []

  @Flag(
    name: [.customShort("f"), .long],
    help: "Go on: logs grow, pods come and restart, another file takes the name.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      "Only the last lines of each container, or records of each file, before any filter; -1 means all.",
      valueName: "n"))
  var tail: Int?

  @Option(
    defaultAsFlag: LogOrder(window: .zero),
    help: ArgumentHelp(
      "Put the records of all sources in the order of their times; --sort=500ms waits so long for one "
        + "that is late.", valueName: "window"))
  var sort: LogOrder?

  @Flag(help: "Print what the records come to, instead of them: counts, rate, repeated errors.")
  var summary = false

  /// How many records of each source's end; nil for all.
  func tailLength() throws -> Int? {
    guard let tail, tail != -1 else { return nil }
    guard tail >= 0 else { throw ValidationError("--tail is \(tail); it must be 0 or more, or -1") }
    return tail
  }
}

/// How far behind its place a record may come.
struct LogOrder: ExpressibleByArgument {
  var window: Duration

  init(window: Duration) { self.window = window }

  /// As help shows it.
  var defaultValueDescription: String { window.canonical }

  init?(argument: String) {
    guard let window = Duration(parsing: argument), window <= .seconds(3600) else { return nil }
    self.window = window
  }
}
