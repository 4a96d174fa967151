import DBOps
import Subprocess
import SystemPackage
import TestServer
import Testing

@Suite("The list of an archive's contents")
struct ArchiveListingTests {
  @Test(
    "it is pg_restore's, but for how it writes the date and the compression",
    arguments: ["-Fc", "-Fd"])
  func stock(_ format: String) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      _ = try await SampleArchive.text(of: source, options: [format, "-f", path.string])
      let theirs = try await run(
        .name("pg_restore"), arguments: ["-l", path.string], output: .string(limit: 1 << 20)
      ).standardOutput
      let ours = try ArchiveListing(of: path).text()
      func comparable(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter {
          !$0.hasPrefix("; Archive created") && !$0.hasPrefix(";     Compression")
        }
      }
      #expect(comparable(ours) == comparable(theirs))
    }
  }

  @Test("stock pg_restore takes it as a list of what to restore")
  func use() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let list = try scratch.write(Array(try ArchiveListing(of: path).text().utf8), to: "list")
      let whole = try await run(
        .name("pg_restore"), arguments: ["-f", "-", path.string], output: .string(limit: 1 << 24)
      ).standardOutput
      let listed = try await run(
        .name("pg_restore"), arguments: ["-f", "-", "-L", list.string, path.string],
        output: .string(limit: 1 << 24)
      ).standardOutput
      func comparable(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("\\") }
      }
      #expect(comparable(listed) == comparable(whole))
    }
  }
}
