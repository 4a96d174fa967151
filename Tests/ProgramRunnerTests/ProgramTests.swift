import Glibc
import ProgramRunner
import SystemPackage
import Testing

@Suite("The runner of programs")
struct ProgramTests {
  let shell = Program("/bin/sh")

  @Test("input, output, environment and exit code go through")
  func streams() async throws {
    let result = try await shell.run(
      ["-c", "read line; echo \"$line $WHAT\"; echo bad >&2; exit 3"],
      environment: ["WHAT": "there"], input: "hello\n")
    #expect(result.output == "hello there\n")
    #expect(result.errorOutput == "bad\n")
    #expect(result.exitCode == 3)
  }

  @Test("a signal at a chosen moment ends it")
  func signal() async throws {
    let result = try await shell.run(["-c", "exec sleep 60"]) { program in
      #expect(program.isRunning)
      program.send(SIGKILL)
      try await waitUntil("the process to end") { !program.isRunning }
    }
    #expect(result.signal == SIGKILL)
  }

  @Test("what takes too long is killed")
  func timeLimit() async throws {
    await #expect(throws: TimeLimitExceeded.self) {
      try await shell.run(["-c", "exec sleep 60"], timeout: .milliseconds(200))
    }
  }

  @Test("the built omcops stands beside the tests")
  func builtBinary() async throws {
    let result = try await Program.omcops.run(["--version"])
    #expect(result.exitCode == 0)
    #expect(!result.output.isEmpty)
  }
}
