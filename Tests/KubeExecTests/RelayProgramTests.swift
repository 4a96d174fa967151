import ClusterStandIn
import Glibc
import ProgramRunner
import SystemPackage
import Testing

@testable import KubeExec

/// What runs in a relay's container, with each program that it may find there.
@Suite struct RelayProgramTests {
  /// The programs of this machine, under the name that the container would have them by.
  static let programs = [
    ("nc", "/usr/bin/busybox"), ("socat", "/usr/bin/socat"), ("python3", "/usr/bin/python3"),
    ("bash", "/usr/bin/bash"),
  ].filter { access($0.1, X_OK) == 0 }

  /// Runs the command for a server of this machine, which does `serve`, with nothing but one program
  /// on the path; its standard input is `input`, or else stays open.
  private func run(
    _ program: (String, String), input: String?,
    _ serve: @escaping @Sendable (LocalSocket) async throws -> Void
  ) async throws -> ProgramResult {
    let listener = try LocalListener("127.0.0.1", port: 0)
    return try await ScratchFolder.with { folder in
      for (name, path) in [program, ("cat", "/bin/cat"), ("sleep", "/bin/sleep")] {
        symlink(path, folder.path.appending(name).string)
      }
      let command = RelayProgram.command(host: "127.0.0.1", port: listener.port)
      let script =
        input == nil
        ? """
        /usr/bin/mkfifo pipe; /bin/sleep 60 >pipe & "$@" <pipe; code=$?; kill $!; exit $code
        """ : "exec \"$@\""
      async let serving: Void = serve(try await listener.accept())
      let result = try await Program("/bin/sh").run(
        ["-c", script, "sh"] + ["/bin/sh"] + command.dropFirst(),
        environment: ["PATH": folder.path.string], input: input ?? "", in: folder.path,
        timeout: .seconds(30))
      try await serving
      return result
    }
  }

  @Test("bytes go both ways, and the end of one side is the end of the other", arguments: programs)
  func carries(_ program: (String, String)) async throws {
    let sent = String(repeating: "0123456789", count: 20_000) + "\n"
    let result = try await run(program, input: sent) { socket in
      var received: [UInt8] = []
      while received.count < sent.utf8.count {
        let bytes = try await socket.read(upTo: 65_536)
        if bytes.isEmpty { break }
        received += bytes
      }
      #expect(received == Array(sent.utf8))
      try await socket.write(Array("pong".utf8)[...])
      #expect(try await socket.read(upTo: 10).isEmpty)
    }
    #expect(result.output == "pong", "\(program.0): \(result.errorOutput)")
    #expect(result.exitCode == 0, "\(program.0): \(result.errorOutput)")
  }

  @Test(
    "socat gets an address of IPv6 in brackets",
    arguments: [
      ("db", "TCP:db:5432"), ("10.0.0.1", "TCP:10.0.0.1:5432"), ("fd00::1", "TCP:[fd00::1]:5432"),
    ])
  func brackets(_ host: String, _ address: String) async throws {
    try await ScratchFolder.with { folder in
      // One that only says how it was called.
      try folder.write("#!/bin/sh\necho \"$@\"\n", to: "socat")
      chmod(folder.path.appending("socat").string, 0o755)
      let command = RelayProgram.command(host: host, port: 5432)
      let result = try await Program("/bin/sh").run(
        Array(command.dropFirst()), environment: ["PATH": folder.path.string], in: folder.path,
        timeout: .seconds(30))
      #expect(result.output == "-t 60 - \(address)\n", "\(result.errorOutput)")
    }
  }

  @Test("a server that closes ends it, whatever standard input does", arguments: programs)
  func serverCloses(_ program: (String, String)) async throws {
    let result = try await run(program, input: nil) { socket in
      try await socket.write(Array("bye".utf8)[...])
    }
    #expect(result.output == "bye", "\(program.0): \(result.errorOutput)")
    #expect(result.exitCode == 0, "\(program.0): \(result.errorOutput)")
  }
}
