internal import ArgumentParser
internal import LogOps
internal import Patterns
internal import Quantities

/// Which records are wanted.
struct LogFilterOptions: ParsableArguments {
  @Option(
    name: [.customShort("i"), .long],
    help: ArgumentHelp(
      "Only records in which one of these is found (PCRE2). Repeatable.", valueName: "regex"))
  var include: [String] = []

  @Option(
    name: [.customShort("e"), .long],
    help: ArgumentHelp("No records in which one of these is found. Repeatable.", valueName: "regex")
  )
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only these levels: warn+ (and worse), error, info,error. A record without one counts as info.",
      valueName: "levels"),
    completion: .list(["trace+", "debug+", "info+", "notice+", "warn+", "error+", "fatal"]))
  var level: String?

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only records whose fields are so: 'status>=500 and path~^/api'. Repeatable.",
      valueName: "condition"))
  var conditions: [String] = []

  @Option(
    help: ArgumentHelp("From so long ago, or from an RFC 3339 time.", valueName: "5m|time"))
  var since: String?

  @Option(help: ArgumentHelp("From an RFC 3339 time.", valueName: "time"))
  var sinceTime: String?

  @Option(
    help: ArgumentHelp("Before so long ago, or before an RFC 3339 time.", valueName: "5m|time"))
  var until: String?

  @Option(
    name: .customShort("A"), defaultAsFlag: AfterOrEverywhere.everywhere(target: nil),
    help: ArgumentHelp(
      "With a number: show so many records behind each wanted one, too. Without: pods of all "
        + "namespaces.", valueName: "n"))
  var everywhere: AfterOrEverywhere?

  @Option(help: ArgumentHelp("What -A with a number says.", valueName: "n"))
  var afterContext: Int?

  @Option(
    name: [.customShort("B"), .long],
    help: ArgumentHelp("Show so many records before each wanted one, too.", valueName: "n"))
  var beforeContext: Int?

  @Option(
    name: [.customShort("C"), .customLong("around")],
    help: ArgumentHelp("Show so many records on either side, too.", valueName: "n"))
  var around: Int?

  private var after: Int? { everywhere?.after ?? afterContext }

  /// Whether records around the wanted ones are shown.
  var hasContext: Bool { (after ?? 0) + (beforeContext ?? 0) + (around ?? 0) > 0 }

  /// Whether records are wanted from a time on.
  var hasStart: Bool { since != nil || sinceTime != nil }

  func validate() throws {
    for (name, value) in [
      ("-A", after), ("-B", beforeContext), ("-C", around),
    ] {
      if let value, !(0...100_000).contains(value) {
        throw ValidationError("\(name) is \(value); it must be between 0 and 100000")
      }
    }
    if since != nil, sinceTime != nil {
      throw ValidationError("give --since or --since-time, not both")
    }
  }

  /// The filter that the options describe.
  func filter(now: LogTime) throws -> RecordFilter {
    var filter = RecordFilter()
    filter.include = try include.map { try Pattern($0) }
    filter.exclude = try exclude.map { try Pattern($0) }
    filter.conditions = try conditions.map { try Condition(parsing: $0) }
    if let level {
      guard let choice = LevelChoice(level) else {
        throw ValidationError(
          "--level is \"\(level)\"; it must be like warn+, error or info,error")
      }
      filter.levels = choice
    }
    filter.since = try since.map { try moment($0, option: "--since", now: now) }
    if let sinceTime { filter.since = try moment(sinceTime, option: "--since-time", now: now) }
    filter.until = try until.map { try moment($0, option: "--until", now: now) }
    filter.before = beforeContext ?? around ?? 0
    filter.after = after ?? around ?? 0
    return filter
  }

  private func moment(_ text: String, option: String, now: LogTime) throws -> LogTime {
    if let time = Timestamp(parsing: text) { return LogTime(time) }
    if option != "--since-time", let ago = Duration(parsing: text) { return now - ago }
    throw ValidationError(
      "\(option) is \"\(text)\"; it must be "
        + (option == "--since-time"
          ? "a time like 2026-11-29T08:00:00Z"
          : "like 90s, 2h30m or 2026-11-29T08:00:00Z"))
  }
}

/// What -A means: as grep's, with a number, how many records behind; as kubectl's, without, all
/// namespaces. A word that follows it and is no number is a target.
enum AfterOrEverywhere: ExpressibleByArgument {
  case after(Int)
  case everywhere(target: String?)

  init?(argument: String) {
    self = Int(argument).map { .after($0) } ?? .everywhere(target: argument)
  }

  var after: Int? { if case .after(let count) = self { count } else { nil } }

  var isEverywhere: Bool { after == nil }

  var target: String? { if case .everywhere(let target) = self { target } else { nil } }

  /// Nothing that help could show.
  var defaultValueDescription: String { "all namespaces" }
}
