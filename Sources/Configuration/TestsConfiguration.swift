public import OrderedCollections

/// A suite of tests as the file has it.
public struct TestSuiteConfiguration: Sendable {
  /// What runs the tests and tells of each.
  public enum Runner: String, Sendable, CaseIterable {
    case pytest, swift, vitest, playwright
    /// Any command that writes JUnit files, or speaks the Test Anything Protocol.
    case junit, tap
  }

  /// The name.
  public var name: Located<String>
  /// What runs it.
  public var runner = Runner.pytest
  /// The folder that it is run in, absolute.
  public var folder: Located<String>
  /// What the runner is given.
  public var arguments: [Located<String>] = []
  /// The command of a runner that is no pytest; empty for the runner's own.
  public var command: [Located<String>] = []
  /// The files of results that it writes, with `*`, `?` and `**`, seen from the folder.
  public var results: [Located<String>] = []
  /// In how many parts the command runs the tests; nil is as many as there are workers.
  public var shards: Located<Int>?
  /// How long one run of the command may take.
  public var runTimeout: Located<Duration>?
  /// The interpreter: an absolute path, or a name to be looked for in `PATH`.
  public var python: Located<String>?
  /// Variables of the tests.
  public var environment: OrderedDictionary<String, Located<TextSource>> = [:]
  /// A file of variables, absolute; those of `environment` stand above it.
  public var environmentFile: Located<String>?
  /// The environment of this file whose cluster has the values `from-kubernetes`.
  public var valuesOf: Located<String>?
  /// The database of each worker.
  public var database = TestDatabaseConfiguration()
  /// What the interpreter needs.
  public var setup: TestSetupConfiguration?
  /// Whether coverage.py measures what the tests run of the project.
  public var coverage = false
  /// The programs that are there while the tests run.
  public var services: [TestServiceConfiguration] = []
  /// How long a test may take.
  public var timeout: Located<Duration>?
  /// How often a test that failed is tried again.
  public var retries: Located<Int>?
  /// How many share the tests; nil is as many as there are processors.
  public var workers: Located<Int>?
  /// Where they are run, if not on this machine.
  public var place: TestWhereConfiguration?
}

/// The database that tests are given.
public struct TestDatabaseConfiguration: Sendable {
  /// Where it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// On a throwaway server of this machine.
    case ephemeral
    /// On a server that is named.
    case url
    /// Nowhere: the tests need none.
    case none
  }

  /// Where it is.
  public var kind = Kind.none
  /// Whether the throwaway server is reached at a port of 127.0.0.1, and not at a socket.
  public var isOnPort = false
  /// The server, for `url`; its role may make databases.
  public var url: Located<TextSource>?
  /// The project of revisions that makes its schema: an `alembic.ini` or `pyproject.toml`, absolute.
  public var migrate: Located<String>?
  /// A file of SQL that is run behind the migrations, absolute.
  public var seed: Located<String>?
  /// A program that is run behind the migrations, and its arguments.
  public var seedCommand: [Located<String>] = []
  /// The tests' own names for parts of its address.
  public var variables: OrderedDictionary<String, Located<AddressText>> = [:]
}

/// What a suite's interpreter needs.
public struct TestSetupConfiguration: Sendable {
  /// The file of requirements, absolute.
  public var requirements: Located<String>?
  /// The `pyproject.toml` whose dependencies are needed, absolute.
  public var project: Located<String>?
  /// The extras and dependency groups of it.
  public var extras: [Located<String>] = []
}
