internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Glibc
internal import SystemPackage
internal import TestOps

/// `omcops test`: suites of tests, each worker with a database of its own.
struct TestGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run suites of tests, each worker with its own database.",
    usage: "omcops test [<suite>] [<options>] [-- <argument> ...]\nomcops test <subcommand>",
    discussion: """
      omcops test SUITE is omcops test run SUITE: omcops help test run tells its options. Suites are described \
      under tests: of omcops.yaml.
      """,
    subcommands: [TestRunCommand.self, TestList.self, TestClean.self],
    defaultSubcommand: TestRunCommand.self)
}

extension Configuration {
  /// The suite that is meant: the one that is named, or the only one.
  func suite(_ name: String?, _ context: Context) throws -> TestSuiteConfiguration {
    guard let file else {
      throw TestFailure(
        "there is no suite of tests: no omcops.yaml was found",
        hint: "write one: tests: { unit: { runner: pytest, database: { kind: none } } }",
        status: .usage)
    }
    if let name {
      if let suite = tests[name] { return suite }
      throw TestFailure(
        "\(file) has no suite \"\(name)\"" + Suggestion.phrase(for: name, among: tests.keys),
        hint: tests.isEmpty ? nil : "it has \(tests.keys.joined(separator: ", "))", status: .usage)
    }
    if tests.count == 1, let only = tests.values.first { return only }
    throw TestFailure(
      tests.isEmpty ? "\(file) has no suite of tests" : "\(file) has several suites of tests",
      hint: tests.isEmpty
        ? "describe one: tests: { unit: { runner: pytest, database: { kind: none } } }"
        : "name one: \(tests.keys.joined(separator: ", "))",
      status: .usage)
  }

  /// The throwaway server of all suites of this user, or that of the suites that want one at a port.
  ///
  /// - Parameter address: the address of this machine at a port of which it listens; nil for a socket.
  func testSandbox(at address: String? = nil) -> TestServerSource {
    let suffix = address.map { $0 == "127.0.0.1" ? "-port" : "-at-\($0)" } ?? ""
    return .sandbox(
      folder: FilePath("\(TemporaryFolder.parent)/omcops-test-\(geteuid())\(suffix)"),
      binaries: tools["postgres"].map { FilePath($0.value).removingLastComponent() },
      address: address)
  }
}
