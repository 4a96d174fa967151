import Diagnostics
import ProgramRunner
import SystemPackage
import Testing

@Suite("The command line")
struct CommandLineTests {
  @Test(
    "what cannot be parsed is wrong usage", arguments: [["--no-such-flag"], ["no-such-command"]])
  func usage(_ arguments: [String]) async throws {
    let result = try await Program.omcops.run(arguments)
    #expect(result.exitCode == Diagnostics.ExitStatus.usage.rawValue)
    #expect(result.output.isEmpty)
    #expect(result.errorOutput.contains(arguments[0]))
  }

  @Test(
    "a slip in a command's name is told, whatever follows it",
    arguments: [["db", "qurey"], ["db", "qurey", "--help"], ["db", "qurey", "-c", "select 1"]])
  func slips(_ arguments: [String]) async throws {
    let result = try await Program.omcops.run(arguments)
    expectFailure(
      result, .usage, naming: "there is no command \"omcops db qurey\"; did you mean \"query\"?",
      "omcops db --help")
    #expect(result.output.isEmpty)
  }

  @Test("wrong options are told as every other failure is")
  func wrongOptions() async throws {
    let result = try await Program.omcops.run(["db", "connect", "--write"])
    #expect(result.exitCode == 2)
    #expect(result.errorOutput.hasPrefix("omcops: --write needs --reason: say why\n"))
  }

  @Test("help goes to standard output and lists every exit code")
  func help() async throws {
    let result = try await Program.omcops.run(["--help"])
    #expect(result.exitCode == 0)
    #expect(result.errorOutput.isEmpty)
    for status in Diagnostics.ExitStatus.allCases {
      #expect(result.output.contains("\(status.rawValue)"), "no \(status.rawValue)")
    }
  }

  @Test("the README's table has every exit code and no other")
  func readme() throws {
    let path = FilePath(#filePath).removingLastComponent().pushing("../../README.md")
    let file = try FileDescriptor.open(path, .readOnly)
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = try file.closeAfter { try bytes.withUnsafeMutableBytes { try file.read(into: $0) } }
    let rows = String(decoding: bytes.prefix(count), as: UTF8.self)
      .split(separator: "\n").filter { $0.hasPrefix("| ") }
      .compactMap { $0.split(separator: "|").first }
    let codes = rows.flatMap { $0.split(separator: ",") }.compactMap {
      Int32($0.filter { $0 != " " })
    }
    #expect(codes == Diagnostics.ExitStatus.allCases.map(\.rawValue))
  }
}
