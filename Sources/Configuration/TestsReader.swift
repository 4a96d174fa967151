internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import YAML

/// Reads what `omcops.yaml` says about suites of tests.
struct TestsReader {
  let texts: TextSourceReader

  var problems: YAMLProblems { texts.problems }

  func read(
    _ entries: [YAMLMapping.Entry]
  ) -> OrderedDictionary<String, TestSuiteConfiguration> {
    var suites: OrderedDictionary<String, TestSuiteConfiguration> = [:]
    for entry in entries {
      if entry.key.isEmpty || entry.key.hasPrefix("-") || reserved.contains(entry.key) {
        problems.report(
          "\"\(entry.key)\" cannot be the name of a suite", at: entry.location,
          hint: reserved.contains(entry.key) ? "`omcops test \(entry.key)` is a command." : nil)
      }
      let subject = "suite \"\(entry.key)\""
      guard let reader = MappingReader(entry.value, as: subject, problems: problems) else {
        continue
      }
      suites[entry.key] = suite(reader, entry)
    }
    return suites
  }

  private func suite(
    _ reader: MappingReader, _ entry: YAMLMapping.Entry
  ) -> TestSuiteConfiguration {
    var suite = TestSuiteConfiguration(
      name: Located(entry.key, at: entry.location),
      folder: texts.path("folder", reader) ?? Located(texts.folder, at: entry.location))
    let runners = TestSuiteConfiguration.Runner.allCases.map(\.rawValue)
    if let word = reader.choice("runner", of: runners, required: true),
      let runner = TestSuiteConfiguration.Runner(rawValue: word)
    {
      suite.runner = runner
    }
    suite.arguments = list("arguments", reader)
    suite.python = texts.program("python", reader)
    for variable in reader.entries("environment") ?? [] {
      checkVariable(variable)
      suite.environment[variable.key] = texts.text(
        variable.value, named: variable.key, allowsNumber: true)
    }
    suite.environmentFile = texts.path("environment-file", reader)
    suite.valuesOf = reader.word("values-of")
    if let database = reader.mapping("database", as: "the database of \(entry.key)") {
      suite.database = self.database(database)
    }
    suite.setup = reader.mapping("setup", as: "the setup of \(entry.key)").map(setup)
    suite.timeout = duration("timeout", reader)
    suite.retries = count("retries", reader, from: 0)
    suite.workers = workers(reader)
    suite.command = list("command", reader)
    suite.results = list("results", reader)
    suite.shards = count("shards", reader, from: 1)
    suite.runTimeout = duration("run-timeout", reader)
    suite.coverage = reader.bool("coverage") ?? false
    suite.services = services(reader, of: suite)
    suite.place = TestWhereReader(problems: problems).read(reader, suite: entry.key)
    reader.finish()
    checkCluster(suite)
    SuiteCheck(problems: problems, reader: reader, suite: suite).run()
    return suite
  }

  /// Values of a cluster need an environment that has one.
  private func checkCluster(_ suite: TestSuiteConfiguration) {
    guard suite.valuesOf == nil else { return }
    let all =
      Array(suite.environment.values) + [suite.database.url].compactMap(\.self)
      + suite.services.flatMap { Array($0.environment.values) }
    guard let value = all.first(where: { $0.value.isInCluster }) else { return }
    problems.report(
      "suite \"\(suite.name.value)\" has a value from-kubernetes, but no values-of",
      at: value.location, hint: "Name the environment whose cluster has it: values-of: staging.")
  }

  private func database(_ reader: MappingReader) -> TestDatabaseConfiguration {
    var database = TestDatabaseConfiguration()
    let kinds = TestDatabaseConfiguration.Kind.allCases.map(\.rawValue)
    if let word = reader.choice("kind", of: kinds, required: true),
      let kind = TestDatabaseConfiguration.Kind(rawValue: word)
    {
      database.kind = kind
    }
    database.url = texts.text("url", reader)
    database.isOnPort = reader.bool("network") ?? false
    if reader.has("network"), database.kind != .ephemeral {
      problems.report(
        "a database of kind \(database.kind.rawValue) has no use for \"network\"",
        at: reader.location(of: "network"))
    }
    if database.kind == .url, !reader.has("url") {
      problems.report("a database of kind url needs \"url\"", at: reader.location)
    } else if database.kind != .url, let url = database.url {
      problems.report(
        "a database of kind \(database.kind.rawValue) has no use for a url", at: url.location,
        hint: "Say kind: url.")
    }
    database.migrate = texts.path("migrate", reader)
    database.seed = texts.path("seed", reader)
    database.seedCommand = list("seed-command", reader)
    for entry in reader.entries("variables") ?? [] {
      checkVariable(entry)
      guard let part = part(entry) else { continue }
      database.variables[entry.key] = Located(part, at: entry.value.location)
    }
    reader.finish()
    if database.kind == .none {
      for key in ["migrate", "seed", "seed-command", "variables"] where reader.has(key) {
        problems.report(
          "\"\(key)\" has no use without a database", at: reader.location(of: key),
          hint: "Say kind: ephemeral.")
      }
    }
    return database
  }

  private func part(_ entry: YAMLMapping.Entry) -> AddressText? {
    let parts = AddressText.parts
    guard let text = entry.value.string else {
      problems.report(
        "\"\(entry.key)\" must be a part of the address, but is \(entry.value.kind)",
        at: entry.value.location)
      return nil
    }
    do {
      return try AddressText(parsing: text)
    } catch {
      problems.report(
        "\"\(error.word)\" is no part of an address"
          + Suggestion.phrase(for: error.word, among: parts),
        at: entry.value.location,
        hint: "It can be \(parts.joined(separator: ", ")), or url+DRIVER as url+asyncpg; in braces "
          + "within a text, as {host}:{port}.")
      return nil
    }
  }

  private func setup(_ reader: MappingReader) -> TestSetupConfiguration {
    var setup = TestSetupConfiguration()
    setup.requirements = texts.path("requirements", reader)
    setup.project = texts.path("project", reader)
    setup.extras = list("extras", reader)
    reader.finish()
    if let project = setup.project, setup.requirements != nil {
      problems.report(
        "setup has requirements and a project; only one can be meant", at: project.location)
    } else if !reader.has("requirements"), !reader.has("project") {
      problems.report("setup has neither requirements nor a project", at: reader.location)
    }
    if let extra = setup.extras.first, setup.project == nil {
      problems.report("extras are those of a project", at: extra.location)
    }
    return setup
  }

  private func workers(_ reader: MappingReader) -> Located<Int>? {
    if reader.node("workers")?.string == "auto" { return nil }
    return count("workers", reader, from: 1)
  }

  func count(_ key: String, _ reader: MappingReader, from least: Int64) -> Located<Int>? {
    guard let number = reader.int(key) else { return nil }
    let place = reader.node(key)?.location ?? reader.location(of: key)
    if number < least || number > 1000 {
      problems.report("\"\(key)\" is \(number); it must be \(least) to 1000", at: place)
    }
    return Located(Int(number), at: place)
  }

  func duration(_ key: String, _ reader: MappingReader) -> Located<Duration>? {
    guard let found = reader.word(key) else { return nil }
    guard let duration = Duration(parsing: found.value), duration > .zero else {
      problems.report(
        "\"\(found.value)\" is no time to wait", at: found.location, hint: "Write 30s or 2m.")
      return nil
    }
    return Located(duration, at: found.location)
  }

  func list(_ key: String, _ reader: MappingReader) -> [Located<String>] {
    (reader.sequence(key) ?? []).compactMap { node in
      guard let text = node.scalar?.text, !node.isNull else {
        problems.report(
          "an entry of \"\(key)\" must be text, but is \(node.kind)", at: node.location)
        return nil
      }
      return Located(text, at: node.location)
    }
  }

  func checkVariable(_ entry: YAMLMapping.Entry) {
    if entry.key.isEmpty || entry.key.contains("=") || entry.key.utf8.contains(0) {
      problems.report("\"\(entry.key)\" cannot be the name of a variable", at: entry.location)
    }
  }
}

/// The commands below `omcops test`, which a suite's name would hide.
private let reserved: Set<String> = ["run", "list", "clean", "help"]
