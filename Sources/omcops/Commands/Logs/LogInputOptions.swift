internal import ArgumentParser

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
    help: "Go on at the end of a file: it may grow, or another may take its name.")
  var follow = false

  @Option(
    help: ArgumentHelp(
      "Only the last records of each source, before any filter; -1 means all.", valueName: "n"))
  var tail: Int?

  /// How many records of each source's end; nil for all.
  func tailLength() throws -> Int? {
    guard let tail, tail != -1 else { return nil }
    guard tail >= 0 else { throw ValidationError("--tail is \(tail); it must be 0 or more, or -1") }
    return tail
  }
}
