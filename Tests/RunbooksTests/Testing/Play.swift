import Glibc
import SystemPackage

@testable import Runbooks

/// A runbook and its test in a folder of their own.
struct Play {
  let folder: FilePath

  /// Writes both, plays the cases and gives the results.
  ///
  /// - Parameters:
  ///   - book: the runbook from `steps:` or what stands before them on.
  ///   - test: the test's file below its head.
  func results(_ book: String, _ test: String, only: Set<String> = []) async throws -> [TestResult]
  {
    let head = "runbook: v1\nname: play\ndescription: d\n"
    try DurableFile.write(Array((head + book).utf8), to: folder.appending("play.yaml"))
    let tests = folder.appending("tests")
    try DurableFile.makeFolder(tests)
    let file = tests.appending("play.yaml")
    try DurableFile.write(Array(("runbook-test: v1\n" + test).utf8), to: file)
    let catalog = ActionCatalog()
    return try await RunbookTest.load(file, catalog: catalog).run(only: only, catalog: catalog)
  }

  /// Every failure, as `line: message`.
  func failures(_ book: String, _ test: String) async throws -> [String] {
    try await results(book, test).flatMap(\.failures).map { "\($0.location.line): \($0.message)" }
  }

  /// What is wrong with the file, as `line:column: message`.
  func problems(_ book: String, _ test: String) async throws -> [String] {
    do {
      _ = try await results(book, test)
      return []
    } catch let error as RunbookError {
      return error.problems.map { "\($0.location.line):\($0.location.column): \($0.message)" }
    }
  }
}

func withPlay<Result>(_ body: (Play) async throws -> Result) async throws -> Result {
  try await ScratchFolder.with { try await body(Play(folder: $0)) }
}
