internal import ArgumentParser
internal import LogOps
internal import Patterns
internal import Quantities

/// What ends reading, and what logs must say.
struct LogWatchOptions: ParsableArguments {
  @Option(help: ArgumentHelp("End after so many records were shown.", valueName: "n"))
  var head: Int?

  @Option(
    help: ArgumentHelp(
      "End well when this is found in any record, shown or not; 3 if it never is.",
      valueName: "regex"))
  var untilMatch: String?

  @Option(
    help: ArgumentHelp(
      "End with 3 as soon as this is found in any record, shown or not. Repeatable.",
      valueName: "regex"))
  var failOn: [String] = []

  @Option(
    help: ArgumentHelp(
      "This must be found in time, as in 'server is ready within 60s'; else 3. Repeatable.",
      valueName: "regex within 60s"))
  var expect: [String] = []

  @Option(
    help: ArgumentHelp(
      "End after so long: with 3 where something is still waited for, else well.",
      valueName: "60s"))
  var timeout: String?

  func validate() throws {
    if let head, head < 0 { throw ValidationError("--head is \(head); it must be 0 or more") }
    if let timeout, Duration(parsing: timeout) == nil {
      throw ValidationError("--timeout is \"\(timeout)\"; it must be like 90s or 5m")
    }
  }

  /// The watch that the options describe.
  func watch() throws -> Watch {
    var watch = Watch()
    watch.head = head
    watch.until = try untilMatch.map { try Pattern($0) }
    watch.failOn = try failOn.map { try Pattern($0) }
    watch.expectations = try expect.map { try Expectation(parsing: $0) }
    watch.timeout = timeout.flatMap { Duration(parsing: $0) }
    return watch
  }
}
