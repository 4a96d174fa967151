import Glibc
import ProgramRunner
import Testing

/// Vitest and Playwright cannot be had everywhere these tests run: programs stand in for them that note
/// what they are told, and write what the real ones write.
@Suite("omcops test with vitest and playwright, by stand-ins")
struct NodeRunnerTests {
  /// `a > good` passes, `a > bad` fails always, `a > odd` at its first run only.
  private static func standIn(_ file: String, sign: String, name: String) -> String {
    """
    #!/bin/sh
    echo "$@" >> calls
    for word; do case "$word" in \(file) esac; done
    : "${out:=$PLAYWRIGHT_JUNIT_OUTPUT_FILE}"
    odd="<failure message='odd'/>"; [ -e seen ] && odd=; touch seen
    cat > "$out" <<END
    <testsuites><testsuite name="src/\(name)" timestamp="2026-01-01T00:00:00.000Z" tests="3" failures="1" errors="0">
    <testcase classname="src/\(name)" name="a \(sign) good (1)" time="0.01"></testcase>
    <testcase classname="src/\(name)" name="a \(sign) bad" time="0.02"><failure message="1 != 2">src/\(name):3</failure></testcase>
    <testcase classname="src/\(name)" name="a \(sign) odd" time="0.02">$odd</testcase>
    </testsuite></testsuites>
    END
    exit 1

    """
  }

  @Test("vitest is told by its own options, and what failed is run again by its name")
  func vitest() async throws {
    try await CommandSuiteScene.play(
      [
        "node_modules/.bin/vitest": Self.standIn(
          "--outputFile.junit=*) out=\"${word#*=}\";;", sign: "&gt;", name: "a.test.ts")
      ], suites: "web: { runner: vitest, retries: 1, timeout: 1500ms, arguments: [--no-color] }"
    ) { play in
      let result = try await play.test("--workers", "1", "-k", "a", "--seed", "7", "--changed")
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      for words in [
        "FAILED  src/a.test.ts::a > bad", "1 flaky", "1 failed, 2 passed",
      ] { #expect(result.output.contains(words), "no \"\(words)\" in \(result.output)") }
      let calls = play.text("calls").split(separator: "\n")
      #expect(calls.count == 2)
      let first = String(calls.first ?? "")
      for word in [
        "run -t a ", "--retry=0", "--testTimeout=1500", "--sequence.seed=7", "--changed=HEAD",
        "--reporter=junit", "--no-color",
      ] { #expect(first.contains(word), "no \"\(word)\" in \(first)") }
      #expect(!first.contains("--shard"))
      #expect(
        calls.last?.hasPrefix("run src/a.test.ts -t ^a bad$|^a odd$ ") == true,
        "\(calls.last ?? "")")
      let failed = try await play.test("--failed", "--retries", "0", "--fail-fast")
      #expect(failed.exitCode == 1)
      let last = play.text("calls").split(separator: "\n").last ?? ""
      #expect(
        last.contains("run src/a.test.ts -t ^a bad$ ") && last.contains("--bail=1"), "\(last)")
    }
  }

  @Test("an error outside of any test stays a failure when the test beside it passes again")
  func strayErrors() async throws {
    for (runner, words) in [
      ("vitest", "Vitest caught 2 unhandled errors during the test run."),
      ("playwright", "  2 errors were not a part of any test, see above for details"),
    ] {
      try await CommandSuiteScene.play(
        [
          "run.sh": """
          #!/bin/sh
          for word; do case "$word" in --outputFile.junit=*) out="${word#*=}";; esac; done
          : "${out:=$PLAYWRIGHT_JUNIT_OUTPUT_FILE}"
          case "$*" in *odd*) code=0; odd=;; *) code=1; odd="<failure message='odd'/>"; printf '\033[31m%s\033[39m\n' '\(words)';; esac
          echo "<testsuite><testcase classname='a.ts' name='odd'>$odd</testcase></testsuite>" > "$out"
          exit $code

          """
        ], suites: "web: { runner: \(runner), command: [./run.sh], retries: 1 }"
      ) { play in
        let result = try await play.test()
        #expect(result.exitCode == 1, "\(result.output)")
        #expect(
          result.output.contains("run.sh told of 2 errors outside of any test"), "\(result.output)")
        #expect(result.output.contains("1 flaky"), "\(result.output)")
      }
    }
  }

  @Test("playwright is told by its own options, and its shards are run side by side")
  func playwright() async throws {
    try await CommandSuiteScene.play(
      [
        "web/node_modules/.bin/playwright": Self.standIn(
          "--shard=*) touch \"shard-${word#*=*/}\";;", sign: "›", name: "a.spec.ts"),
        "web/e2e/.keep": "",
      ],
      suites: "web: { runner: playwright, folder: web/e2e, shards: 2, workers: 2 }"
    ) { play in
      let result = try await play.test("-k", "a", "--timeout", "2s")
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      #expect(result.output.contains("FAILED  src/a.spec.ts::a › bad"), "\(result.output)")
      let calls = play.text("web/e2e/calls").split(separator: "\n").sorted()
      #expect(calls.count == 2)
      for (call, shard) in zip(calls, 1...2) {
        for word in [
          "test --grep a ", "--shard=\(shard)/2", "--timeout=2000", "--reporter=list,junit",
        ] {
          #expect(call.contains(word), "no \"\(word)\" in \(call)")
        }
      }
      let failed = try await play.test("--failed", "--workers", "1")
      #expect(failed.exitCode == 1)
      let last = play.text("web/e2e/calls").split(separator: "\n").last ?? ""
      #expect(last.contains("src\\/a\\.spec\\.ts --grep a bad$|a odd$ "), "\(last)")
    }
  }

  @Test("the first failure ends the other shards, too")
  func failFast() async throws {
    try await CommandSuiteScene.play(
      [
        "play.sh": """
        #!/bin/sh
        case "$*" in *--shard=2/3*) while [ ! -e began ]; do sleep 0.05; done;; *--shard=1/3*) touch began; sleep 76543.2;; esac
        echo '<testsuite><testcase classname="a" name="b"><failure message="no"/></testcase></testsuite>' > "$PLAYWRIGHT_JUNIT_OUTPUT_FILE"
        exit 1

        """
      ], suites: "web: { runner: playwright, command: [./play.sh], shards: 3, workers: 2 }"
    ) { play in
      let result = try await play.test("--fail-fast")
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      for words in [
        "note: ended at the first failure", "note: shard 1 of 3 was ended",
        "note: 1 of 3 shards not run", "web: 1 failed in",
      ] { #expect(result.output.contains(words), "no \"\(words)\" in \(result.output)") }
      #expect(!TestScene.isRunning("76543.2"))
    }
  }

  @Test("a runner that is not installed is named")
  func missing() async throws {
    try await CommandSuiteScene.play(suites: "web: { runner: vitest }") { play in
      expectFailure(
        try await play.test(), .usage, naming: "there is no node_modules/.bin/vitest in")
    }
  }
}
