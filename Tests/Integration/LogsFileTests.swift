import Glibc
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("omcops logs reads files and standard input")
struct LogsFileTests {
  private static let text = """
    2026-11-29T10:00:00Z INFO up
    2026-11-29T10:00:01Z ERROR failed password=hunter2
    Traceback (most recent call last):
      File "a.py", line 1
    ValueError: wrong
    2026-11-29T10:00:02Z WARN slow

    """

  @Test("standard input, filtered by level, with the traceback and without the secret")
  func standardInput() async throws {
    let result = try await Program.omcops.run(["logs", "--level", "error+"], input: Self.text)
    #expect(result.exitCode == 0)
    #expect(
      result.output == """
        2026-11-29T10:00:01Z ERROR failed password=********
        Traceback (most recent call last):
          File "a.py", line 1
        ValueError: wrong

        """)
    #expect(result.errorOutput.isEmpty)
  }

  @Test("several files, one of them missing and one compressed")
  func files() async throws {
    try await ScratchFolder.with { folder in
      try write("a\n", to: folder.appending("one.log"))
      let packed: [UInt8] = [
        0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xE2, 0x02, 0x00, 0xC4,
        0xF2, 0xC7, 0xF6, 0x02, 0x00, 0x00, 0x00,
      ]
      try write(packed, to: folder.appending("two.log"))
      let result = try await Program.omcops.run(
        ["logs", "--file", "one.log", "--file", "none.log", "--file", "two.log"], in: folder)
      #expect(result.exitCode == 1)
      #expect(result.output == "one.log: a\ntwo.log: b\n")
      #expect(
        result.errorOutput == "omcops: cannot read \"none.log\": No such file or directory\n")
    }
  }

  private static let endings: [(arguments: [String], code: Int32)] = [
    (["--until-match", "slow"], 0), (["--until-match", "never"], 3),
    (["--fail-on", "ValueError"], 3), (["--fail-on", "never"], 0), (["--head", "1"], 0),
    (["--expect", "up within 60s"], 0), (["--expect", "up"], 2), (["-i", "("], 2),
    (["--level", "loud"], 2), (["--where", "a="], 2),
  ]

  @Test("exit codes for scripts", arguments: endings)
  func exitCodes(_ arguments: [String], _ code: Int32) async throws {
    let result = try await Program.omcops.run(["logs"] + arguments, input: Self.text)
    #expect(result.exitCode == code)
    let isQuiet = code == 0
    #expect(result.errorOutput.isEmpty == isQuiet)
  }

  @Test("a file is followed as it grows and when another takes its name")
  func follow() async throws {
    try await ScratchFolder.with { folder in
      let file = folder.appending("app.log")
      try write("one\n", to: file)
      let result = try await Program.omcops.run(
        ["logs", "--file", "app.log", "-f", "--until-match", "four", "--timeout", "30s"], in: folder
      ) { program in
        // It must have the file that loses its name.
        try await waitUntil("the file is open") { isOpen(file, in: program) }
        try write("two\n", to: file)
        guard rename(file.string, folder.appending("app.log.1").string) == 0 else {
          throw Errno(rawValue: errno)
        }
        try write("three\n", to: file)
        try write("four\n", to: file)
      }
      #expect(result.exitCode == 0)
      #expect(result.output == "one\ntwo\nthree\nfour\n")
    }
  }

  @Test("several files in one order of time, and what they come to")
  func order() async throws {
    try await ScratchFolder.with { folder in
      let lines = (0..<6).map { "2026-11-29T10:00:0\($0)Z ERROR order \($0) failed\n" }
      try write(lines[0] + lines[3] + lines[4], to: folder.appending("a.log"))
      try write(lines[1] + lines[2] + lines[5], to: folder.appending("b.log"))
      let files = ["logs", "--file", "a.log", "--file", "b.log"]
      let sorted = try await Program.omcops.run(files + ["--sort", "--no-prefix"], in: folder)
      #expect(sorted.output == lines.joined())
      let summary = try await Program.omcops.run(files + ["--summary"], in: folder)
      #expect(summary.output.hasPrefix("6 records of 2 sources, 6 error\n"))
      #expect(
        summary.output.contains("6x error 10:00:00-10:00:05 in 2 sources  ERROR order <n> failed"))
    }
  }

  @Test("a line of 100 MB harms nothing")
  func hugeLine() async throws {
    try await ScratchFolder.with { folder in
      let file = try FileDescriptor.open(
        folder.appending("huge.log"), .writeOnly, options: .create, permissions: .ownerReadWrite)
      try file.closeAfter {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<100 { try file.writeAll(piece) }
        try file.writeAll("\nend\n".utf8)
      }
      let result = try await Program.omcops.run(["logs", "--file", "huge.log"], in: folder)
      #expect(result.exitCode == 0)
      let cut: Int = 99 << 20
      #expect(result.output.hasSuffix(" [\(cut) bytes more were cut]\nend\n"))
    }
  }
}

/// Whether a program has a file open.
private func isOpen(_ file: FilePath, in program: RunningProgram) -> Bool {
  (3..<64).contains { number in
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/\(program.processID)/fd/\(number)", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
    return String(decoding: bytes, as: UTF8.self) == file.string
  }
}

/// Adds a text to a file.
private func write(_ text: String, to path: FilePath) throws {
  try write(Array(text.utf8), to: path)
}

/// Adds bytes to a file.
private func write(_ bytes: [UInt8], to path: FilePath) throws {
  let file = try FileDescriptor.open(
    path, .writeOnly, options: [.create, .append], permissions: .ownerReadWrite)
  try file.closeAfter { _ = try file.writeAll(bytes) }
}
