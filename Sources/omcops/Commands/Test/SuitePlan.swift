internal import Alembic
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Digest
internal import Glibc
internal import Postgres
internal import Runbooks
internal import SystemPackage
internal import TestOps

/// A suite as omcops.yaml has it, with everything looked up that its run needs.
final class SuitePlan: Sendable {
  let suite: TestSuiteConfiguration
  let configuration: Configuration
  let context: Context
  /// The values of its variables.
  let resolved: ResolvedTestSuite
  /// Hides what the suite has from elsewhere in whatever is shown of its run.
  let masker = Masker()

  init(
    _ suite: TestSuiteConfiguration, _ configuration: Configuration, _ context: Context
  ) async throws {
    self.suite = suite
    self.configuration = configuration
    self.context = context
    let found = try suite.resolve(variables: context.environment)
    guard let name = suite.valuesOf?.value, !found.unread.isEmpty,
      let session = try configuration.cluster(of: name, context)
    else {
      resolved = found
      found.secrets.forEach { masker.register($0) }
      return
    }
    let values = try await ClusterValues(session: session).read(found.unread)
    resolved = try suite.resolve(variables: context.environment, values: values)
    resolved.secrets.forEach { masker.register($0) }
  }

  /// Hides the suite's secrets in a text.
  var mask: @Sendable (String) -> String {
    { [masker] text in masker.mask(text) }
  }

  /// The environment of everything that is run for the suite.
  var variables: [String: String] {
    var variables = context.environment
    for (name, value) in resolved.environment { variables[name] = value }
    return variables
  }

  /// The programs that are there while its tests run, in the order in which they are started.
  var services: [TestService] {
    let services = suite.services.map { described in
      var service = TestService(
        described.name.value, command: described.command.map(\.value),
        in: described.folder.value)
      service.environment = resolved.services[service.name] ?? [:]
      service.port = described.port.flatMap { UInt16(exactly: $0.value) }
      service.readiness =
        switch described.readiness {
        case .port: .port
        case .http(let path): .http(path: path)
        case .log(let text): .log(text)
        case .command(let words): .command(words)
        }
      service.patience = described.startTimeout?.value ?? service.patience
      service.scope = described.scope == .run ? .run : .worker
      service.needs = described.needs.map(\.value)
      service.variables = Dictionary(
        uniqueKeysWithValues: described.variables.compactMap { name, part in
          TestService.Part(rawValue: part.value).map { (name, $0) }
        })
      return service
    }
    // A circle was refused when the file was read.
    return TestService.ordered(services) ?? services
  }

  /// Of these the suite's own: what interpreters elsewhere are given.
  var ownVariables: [String: String] {
    Dictionary(uniqueKeysWithValues: resolved.environment.map { ($0.key, $0.value) })
  }

  /// This machine's address as pods see it, at which a throwaway server listens for them; nil where nobody knows.
  var addressForPods: String? {
    suite.place?.databaseAddress?.value ?? OwnAddress.inCluster(context.environment)
  }

  /// Where its databases are made.
  ///
  /// - Parameter isForPods: whether tests in pods use it.
  func server(isForPods: Bool = false) throws -> TestServerSource {
    guard let url = resolved.url else {
      if isForPods { return configuration.testSandbox(at: addressForPods) }
      return configuration.testSandbox(at: suite.database.isOnPort ? "127.0.0.1" : nil)
    }
    let settings = try ConnectionSettings(url: try DatabaseURL.libpq(url))
    // As the tests get it, which need not be how the url spells it.
    if let password = settings["password"], password.utf8.count >= 6 { masker.register(password) }
    return .given(settings)
  }

  /// Its databases; nil where it needs none.
  ///
  /// - Parameter isForPods: whether tests in pods use them.
  func databases(isForPods: Bool = false) async throws -> TestDatabases? {
    guard suite.database.kind != .none else { return nil }
    let databases = TestDatabases(
      on: try server(isForPods: isForPods), try TemplateMaking(self).recipe(),
      applicationName: context.applicationName("test"))
    if suite.database.isOnPort || isForPods, resolved.url == nil {
      try await databases.prepare()
      // Tests show addresses in their failures.
      if let password = await databases.password { masker.register(password) }
    }
    return databases
  }

  /// Under which names its tests find their database.
  var databaseVariables: DatabaseVariables {
    DatabaseVariables(
      Dictionary(
        uniqueKeysWithValues: suite.database.variables.map { name, text in
          (
            name,
            text.value.pieces.compactMap { piece in
              switch piece {
              case .text(let text): .text(text)
              case .part(let part): DatabaseVariables.Part(parsing: part).map { .part($0) }
              }
            }
          )
        }))
  }

  /// The interpreter: that of its own environment, or the one that is named, or the one that a person
  /// would get in its folder.
  func interpreter(_ say: @Sendable (String) -> Void) async throws -> String {
    let folder = suite.folder.value
    var candidates = [suite.python?.value].compactMap(\.self)
    if candidates.isEmpty, suite.setup == nil {
      candidates = context.environment["VIRTUAL_ENV"].map { [$0 + "/bin/python"] } ?? []
      candidates.append(folder + "/.venv/bin/python")
    }
    if suite.python == nil { candidates += ["python3", "python"] }
    let found = candidates.lazy.compactMap { [context] in
      StepProgram.find($0, in: context.environment, folder: folder)
    }.first
    guard let python = found else {
      let place = suite.python.map { "\($0.location): there is no \($0.value)" }
      throw TestFailure(
        place ?? "there is no Python for suite \"\(suite.name.value)\"",
        hint: "install it, or name one: python: PATH", status: .usage)
    }
    guard let setup = suite.setup else { return python }
    let needs: PythonSetup.Needs
    if let requirements = setup.requirements {
      needs = .requirements(requirements.value)
    } else {
      needs = .project(setup.project?.value ?? "", extras: setup.extras.map(\.value))
    }
    return try await PythonSetup(
      python: python, needs: needs, cache: pythonFolder(context), variables: context.environment
    ).interpreter(say)
  }
}

/// The folder of the environments that suites have set up: `$XDG_CACHE_HOME/omcops/test-python`.
func pythonFolder(_ context: Context) -> String {
  if let cache = context.environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
    return cache + "/omcops/test-python"
  }
  return (context.environment["HOME"] ?? "/var/cache") + "/.cache/omcops/test-python"
}

/// Where the records are of what each run has on this machine: `$XDG_STATE_HOME/omcops/test-runs`, or where
/// nothing can be written there, as in many a container, in `TMPDIR`.
func tracesFolder(_ context: Context) -> FilePath {
  let state = FilePath(runsFolder(context)).removingLastComponent().appending("test-runs")
  if RunTraces.canKeepRecords(in: state) { return state }
  return FilePath("\(TemporaryFolder.parent)/omcops-test-runs-\(geteuid())")
}

extension RunTraces.Leftovers {
  /// What it was, a line for each thing.
  var lines: [String] {
    folders.map { "the folder \($0) of a killed run" }
      + (processes == 0
        ? [] : ["\(processes) process\(processes == 1 ? "" : "es") of a killed run"])
  }
}

/// Where the record of a suite's runs is kept: `$XDG_STATE_HOME/omcops/tests`. Suites of equal names in
/// other files are others.
func recordFile(
  _ suite: TestSuiteConfiguration, _ configuration: Configuration, _ context: Context
) -> FilePath {
  let key = SHA256.hex(of: "\(configuration.file ?? "")\0\(suite.name.value)").prefix(16)
  let name = suite.name.value.utf8.map { byte -> Character in
    let isPlain =
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte)
      || byte == UInt8(ascii: "-")
    return isPlain ? Character(Unicode.Scalar(byte)) : "_"
  }
  let folder = FilePath(runsFolder(context)).removingLastComponent().appending("tests")
  return folder.appending("\(String(name.prefix(60)))-\(key).json")
}
