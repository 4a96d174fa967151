internal import Quantities

/// The command of a suite, and how a part of its tests is asked for.
public struct CommandProgram: Sendable {
  /// Which tests are meant by the files that were changed.
  public enum Changes: Hashable, Sendable {
    /// Since the last commit.
    case uncommitted
    /// Since this branch left that one.
    case since(String)
  }

  /// What kind it is of.
  public var runner: CommandRunner
  /// The program and its first arguments; empty for the runner's own.
  public var command: [String]
  /// What comes behind the runner's options.
  public var arguments: [String]
  /// The files of results, seen from the suite's folder, with `*`, `?` and `**`.
  public var results: [String]
  /// Which tests are meant, as the runner's own option takes it.
  public var expression: String?
  /// Whether only tests are meant that changed files may have an effect on.
  public var changes: Changes?

  /// Names a command.
  public init(
    _ runner: CommandRunner, command: [String] = [], arguments: [String] = [],
    results: [String] = []
  ) {
    self.runner = runner
    self.command = command
    self.arguments = arguments
    self.results = results
  }

  /// Whether each shard has files of results of its own.
  public var hasResultsByShard: Bool {
    results.contains { Placeholders.names(in: $0).contains("shard") }
  }

  /// Whether tests are few enough to be named on a command line.
  public static func fits(_ tests: some Collection<String>) -> Bool { CommandFilter.fits(tests) }

  /// One run of the command.
  struct Invocation: Sendable {
    var words: [String]
    var environment: [String: String] = [:]
    /// Where its results are looked for; empty for standard output.
    var results: [String] = []
  }

  /// - Parameters:
  ///   - part: which tests it shall run.
  ///   - folder: where the suite is run.
  ///   - place: an empty folder of our own for the results of this run.
  func invocation(
    of part: CommandPart, _ options: RunOptions, in folder: String, results place: String
  ) throws -> Invocation {
    let file = place + "/results.xml"
    let values = [
      "shard": String(part.shard), "shards": String(part.shards), "results": file,
      "seed": String(options.seed ?? 0),
    ]
    let first = command.isEmpty ? try runner.ownCommand(in: folder) ?? [] : command
    var run = Invocation(words: first + choice(part, options))
    switch runner {
    case .swift:
      run.words += ["--xunit-output", file]
      // Only so it tells of XCTest's tests at all; one at a time, as without it, they have one database.
      if !arguments.contains("--parallel") { run.words.append("--parallel") }
      if !arguments.contains("--num-workers") { run.words += ["--num-workers", "1"] }
      // It always writes both, unless it was told to leave one out.
      let all = command + arguments
      let isHalf = all.contains("--disable-xctest") || all.contains("--disable-swift-testing")
      run.results =
        isHalf ? [place + "/results*.xml"] : [file, place + "/results-swift-testing.xml"]
    case .vitest:
      run.words += [
        "--reporter=default", "--reporter=junit", "--outputFile.junit=\(file)",
      ]
      run.results = [file]
    case .playwright:
      run.words += ["--reporter=list,junit"]
      run.environment = [
        "PLAYWRIGHT_JUNIT_OUTPUT_NAME": file, "PLAYWRIGHT_JUNIT_OUTPUT_FILE": file,
        "PLAYWRIGHT_JUNIT_STRIP_ANSI": "1", "PLAYWRIGHT_JUNIT_INCLUDE_RETRIES": "1",
        "PLAYWRIGHT_HTML_OPEN": "never",
      ]
      run.results = [file]
    case .junit:
      run.results = results.isEmpty ? [file] : results.map { Placeholders.fill($0, values) }
    case .tap: break
    }
    run.words = run.words.map { Placeholders.fill($0, values) }
    run.words += arguments.map { Placeholders.fill($0, values) }
    return run
  }

  /// The runner's options for what was wished for.
  private func choice(_ part: CommandPart, _ options: RunOptions) -> [String] {
    var words: [String] = []
    if let tests = part.tests {
      words += CommandFilter.words(for: tests, runner)
    } else if let expression {
      switch runner {
      case .swift: words += ["--filter", expression]
      case .vitest: words += ["-t", expression]
      case .playwright: words += ["--grep", expression]
      case .junit, .tap: break
      }
    }
    let hasShards = part.shards > 1
    switch runner {
    case .vitest:
      // A shard that nothing falls to is none the worse.
      if hasShards { words += ["--shard=\(part.shard)/\(part.shards)", "--passWithNoTests"] }
      if options.failFast { words.append("--bail=1") }
      // Tried again by vitest itself it would not tell which test passed at its second try only; what it
      // left out at a failure would not be tried at all.
      if options.retries > 0 { words += ["--retry=0"] + (options.failFast ? [] : ["--bail=0"]) }
      if let timeout = options.timeout {
        words.append("--testTimeout=\(timeout.wholeMilliseconds)")
      }
      if let seed = options.seed {
        words += ["--sequence.shuffle.tests=true", "--sequence.seed=\(seed)"]
      }
      switch changes {
      case .uncommitted: words.append("--changed=HEAD")
      case .since(let branch): words.append("--changed=\(branch)")
      case nil: break
      }
    case .playwright:
      if hasShards { words += ["--shard=\(part.shard)/\(part.shards)", "--pass-with-no-tests"] }
      if options.failFast { words.append("--max-failures=1") }
      if options.retries > 0 {
        words += ["--retries=0"] + (options.failFast ? [] : ["--max-failures=0"])
      }
      if let timeout = options.timeout { words.append("--timeout=\(timeout.wholeMilliseconds)") }
      switch changes {
      case .uncommitted: words.append("--only-changed")
      case .since(let branch): words.append("--only-changed=\(branch)")
      case nil: break
      }
    case .swift, .junit, .tap: break
    }
    return words
  }
}

/// What one run of a command has to do.
struct CommandPart: Hashable, Sendable {
  /// From 1.
  var shard = 1
  var shards = 1
  /// Which repetition it belongs to, from 1.
  var round = 1
  /// Which try it is of its tests, from 1.
  var attempt = 1
  /// The ids of the tests that are meant; nil is all.
  var tests: [String]?

  /// For people.
  var words: String {
    attempt > 1 ? "try \(attempt)" : shards > 1 ? "shard \(shard) of \(shards)" : "the command"
  }

  /// For names of folders and marks.
  var name: String { "shard-\(shard)-round-\(round)-try-\(attempt)" }
}

/// Names tests to their runner by the ids that its results gave them.
enum CommandFilter {
  /// What a command line is thought to bear: Linux takes 128 KiB for one argument.
  static let limit = 100_000

  /// Nothing where the runner cannot be told.
  static func words(for tests: [String], _ runner: CommandRunner) -> [String] {
    let names = tests.map { split($0) }
    var seen: Set<String> = []
    let patterns = names.map { expression($0, runner) }.filter { seen.insert($0).inserted }
    let pattern = patterns.joined(separator: "|")
    switch runner {
    case .swift: return ["--filter", pattern]
    case .vitest: return files(names) + ["-t", pattern]
    case .playwright: return files(names).map(escaped) + ["--grep", pattern]
    case .junit, .tap: return []
    }
  }

  /// Whether they fit into a command line.
  static func fits(_ tests: some Collection<String>) -> Bool {
    tests.reduce(0) { $0 + 2 * $1.utf8.count } < limit
  }

  private static func files(_ names: [(group: String, name: String)]) -> [String] {
    Set(names.map(\.group)).sorted()
  }

  /// `class::name`, the number left out that a second test of that name has.
  private static func split(_ id: String) -> (group: String, name: String) {
    var id = id[...]
    if let space = id.lastIndex(of: " "), id[space...].dropFirst().first == "#",
      Int(id[space...].dropFirst(2)) != nil
    {
      id = id[..<space]
    }
    var place = id.startIndex
    while place < id.endIndex {
      if id[place...].hasPrefix("::") {
        return (String(id[..<place]), String(id[place...].dropFirst(2)))
      }
      place = id.index(after: place)
    }
    return ("", String(id))
  }

  /// A regular expression that matches the test as its runner spells it: Swift with a slash, and behind it
  /// the place of the test; vitest and Playwright with blanks between a group and its tests.
  private static func expression(
    _ test: (group: String, name: String), _ runner: CommandRunner
  ) -> String {
    switch runner {
    case .swift: "^\(escaped(test.group))[./]\(escaped(test.name))(/|$)"
    case .vitest: "^\(escaped(spaced(test.name, ">")))$"
    case .playwright: "\(escaped(spaced(test.name, "›")))$"
    case .junit, .tap: ""
    }
  }

  private static func spaced(_ name: String, _ sign: Character) -> String {
    name.split(separator: " ").filter { $0 != String(sign) }.joined(separator: " ")
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      if "\\^$.|?*+()[]{}/".contains(character) { result.append("\\") }
      result.append(character)
    }
  }
}

extension Duration {
  fileprivate var wholeMilliseconds: Int64 { Int64((seconds * 1000).rounded(.up)) }
}
