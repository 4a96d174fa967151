import Glibc
import ProgramRunner
import Testing

@Suite(
  "omcops test with swift test",
  .enabled(if: system("command -v swift >/dev/null 2>&1") == 0, "swift is not in PATH"))
struct SwiftRunnerTests {
  @Test("XCTest and Swift Testing are told of in one run, by name and again")
  func runs() async throws {
    try await CommandSuiteScene.play(
      [
        "Package.swift": """
        // swift-tools-version: 6.0
        import PackageDescription
        let package = Package(name: "small", targets: [.testTarget(name: "SmallTests")])
        """,
        "Tests/SmallTests/Small.swift": """
        import Glibc
        import Testing
        import XCTest
        @Suite struct Sums {
          @Test func adds() { #expect(1 + 1 == 2) }
          @Test func wrong() { #expect(1 + 1 == 3) }
        }
        @Test func isFlaky() {
          let isFirst = access("seen", F_OK) != 0
          close(open("seen", O_CREAT, 0o600))
          #expect(!isFirst)
        }
        final class Old: XCTestCase {
          func testGood() { XCTAssertNotNil(getenv("DATABASE_URL")) }
          func testBad() { XCTAssertEqual(1, 2) }
        }
        """,
      ], suites: "unit: { runner: swift, environment: { DATABASE_URL: none } }"
    ) { play in
      let result = try await play.test("--retries", "1", timeout: .seconds(300))
      #expect(result.exitCode == 1, "\(result.output)\(result.errorOutput)")
      for words in [
        "FAILED  SmallTests.Sums::wrong()", "Expectation failed", "FAILED  SmallTests.Old::testBad",
        "  Tests/SmallTests/Small.swift:15",
        "XCTAssertEqual failed: (\"1\") is not equal to (\"2\")",
        "SmallTests::isFlaky() (passed in the end)", "2 failed, 3 passed, 1 flaky",
      ] { #expect(result.output.contains(words), "no \"\(words)\" in \(result.output)") }
      let failed = try await play.test("--failed", timeout: .seconds(120))
      #expect(failed.output.contains("unit: 2 failed"), "\(failed.output)\(failed.errorOutput)")
      let one = try await play.test("-k", "Sums/adds", timeout: .seconds(120))
      #expect(one.exitCode == 0)
      #expect(one.output.contains("unit: 1 passed"), "\(one.output)\(one.errorOutput)")
      let none = try await play.test("-k", "nowhere", timeout: .seconds(120))
      #expect(none.exitCode == 3, "\(none.output)\(none.errorOutput)")
      try play.write(
        "Tests/SmallTests/Small.swift",
        "import Testing\nimport XCTest\n@Test func crashes() { fatalError(\"boom\") }\n"
          + "final class Old: XCTestCase { func testBad() { XCTFail() } }\n")
      let crashed = try await play.test(timeout: .seconds(120))
      #expect(crashed.exitCode == 1)
      for words in [
        "FAILED  SmallTests.Old::testBad", "results-swift-testing.xml is not whole", "boom",
        "broken",
      ] { #expect(crashed.output.contains(words), "no \"\(words)\" in \(crashed.output)") }
      try play.write("Tests/SmallTests/Small.swift", "this is no Swift")
      let broken = try await play.test(timeout: .seconds(120))
      #expect(broken.exitCode == 1)
      #expect(broken.output.contains("swift ended with exit code 1"), "\(broken.output)")
      #expect(broken.output.contains("error:"), "\(broken.output)")
    }
  }
}
