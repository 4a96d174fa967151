import ClusterStandIn
import Glibc
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// The archives of `omcops kube cp`, against the system's tar.
@Suite struct TarTests {
  /// A tree with what copies go wrong on: long and odd names, links, modes, holes of nothing.
  private func makeTree(_ folder: ScratchFolder) async throws {
    let long = String(repeating: "n", count: 180)
    let script = """
      mkdir -p t/empty "t/$1/$1" t/sub && cd t
      echo one > sub/one; ln sub/one sub/also; ln -s one sub/link; ln -s /nowhere dangling
      head -c 1000000 /dev/urandom > big; : > nothing; head -c 512 /dev/zero > block
      echo x > "$1/$1/$1"; ln -s "$1/$1/$1" far; ln "$1/$1/$1" near
      echo odd > "$(printf 'a b\\n\\303\\244\\377*?')"; echo dash > -dash; echo back > 'a\\b'
      chmod 751 sub; chmod 600 sub/one; chmod 555 empty; touch -d '1999-12-31 23:59:59 UTC' nothing
      touch -d '2024-02-29 12:00:00.123456789 UTC' big; touch -h -d '2001-01-01 UTC' sub/link
      """
    let made = try await Program("/bin/sh").run(["-ec", script, "sh", long], in: folder.path)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
  }

  /// Names, kinds, modes, link counts, times and contents of everything below a folder.
  private func listing(_ path: FilePath) async throws -> String {
    let script = """
      find . -printf '%P %y %m %n %l %T@ %s\\n' | sed 's/ d \\(.*\\) [0-9]*$/ d \\1/' | LC_ALL=C sort
      find . -type f -exec sha256sum {} + | LC_ALL=C sort
      """
    let result = try await Program("/bin/sh").run(["-ec", script], in: path)
    try #require(result.exitCode == 0, "\(result.errorOutput)")
    return result.output
  }

  private func unpack(_ archive: FilePath, to folder: FilePath, piece: Int) throws {
    let file = try FileDescriptor.open(archive, .readOnly)
    defer { try? file.close() }
    let unpacker = try TreeUnpacker(in: folder.string)
    var reader = TarReader()
    var buffer = [UInt8](repeating: 0, count: piece)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { break }
      try reader.read(buffer[..<count]) { try unpacker.take($0) }
    }
    #expect(reader.isComplete)
    try unpacker.finish()
  }

  @Test(
    "what the system's tar packs comes out the same", arguments: ["gnu", "pax"], [1000, 65_536])
  func readsTar(_ format: String, _ piece: Int) async throws {
    try await ScratchFolder.with { folder in
      try await makeTree(folder)
      let packed = try await Program("/usr/bin/tar").run(
        ["--format", format, "-cf", "t.tar", "./t"], in: folder.path)
      try #require(packed.exitCode == 0, "\(packed.errorOutput)")
      let out = folder.path.appending("out")
      mkdir(out.string, 0o755)
      try unpack(folder.path.appending("t.tar"), to: out, piece: piece)
      var expected = try await listing(folder.path.appending("t"))
      // GNU's format has whole seconds.
      if format == "gnu" {
        expected.replace(/\.[0-9]{10}(?= [0-9]|\n)/, with: ".0000000000")
      }
      #expect(try await listing(out.appending("t")) == expected)
    }
  }

  @Test("the system's tar unpacks what is packed here")
  func writesTar() async throws {
    try await ScratchFolder.with { folder in
      try await makeTree(folder)
      let archive = folder.path.appending("t.tar")
      let file = try FileDescriptor.open(
        archive, .writeOnly, options: .create, permissions: .ownerReadWrite)
      let packer = try TreePacker(folder.path.appending("t").string)
      var packed = packer.archive(as: Array("out".utf8))
      while let piece = try packed.next() { _ = try file.writeAll(piece) }
      let counts = packed.counts
      let size = try file.seek(offset: 0, from: .end)
      try file.close()
      #expect(size % 10_240 == 0)
      #expect(try packer.survey() == counts)
      #expect(counts.folders == 5 && counts.files == 8 && counts.links == 5)
      let unpacked = try await Program("/usr/bin/tar").run(
        ["-xpf", archive.string], in: folder.path)
      #expect(unpacked.exitCode == 0, "\(unpacked.errorOutput)")
      #expect(unpacked.errorOutput.isEmpty)
      var expected = try await listing(folder.path.appending("t"))
      expected.replace(/\.[0-9]{10}(?= [0-9]|\n)/, with: ".0000000000")
      #expect(try await listing(folder.path.appending("out")) == expected)
    }
  }

  /// Unpacks members in a folder beside a file that nobody may touch.
  private func attack(
    _ members: [TarEntry], contents: String = "bad"
  ) throws -> (error: String?, isSafe: Bool) {
    try ScratchFolder.with { folder in
      try folder.write("good", to: "victim/file")
      try folder.write("", to: "in/x")
      var writer = TarWriter()
      var bytes: [UInt8] = []
      for var member in members {
        if member.kind == .file { member.size = Int64(contents.utf8.count) }
        bytes += writer.header(member)
        if member.kind == .file { bytes += contents.utf8 + writer.padding(after: member.size) }
      }
      bytes += writer.end()
      var error: String?
      do {
        let unpacker = try TreeUnpacker(in: folder.path.appending("in").string)
        var reader = TarReader()
        try reader.read(bytes[...]) { try unpacker.take($0) }
        try unpacker.finish()
      } catch let caught { error = "\(caught)" }
      let victim = folder.path.appending("victim")
      var info = stat()
      let file = try FileDescriptor.open(victim.appending("file"), .readOnly)
      defer { try? file.close() }
      fstat(file.rawValue, &info)
      let isAlone = lstat(victim.appending("new").string, &info) != 0
      fstat(file.rawValue, &info)
      return (error, isAlone && info.st_size == 4 && info.st_nlink == 1)
    }
  }

  private func file(_ path: String) -> TarEntry {
    TarEntry(path: Array(path.utf8), kind: .file)
  }

  private func link(_ path: String, _ target: String, hard: Bool = false) -> TarEntry {
    TarEntry(
      path: Array(path.utf8), kind: hard ? .hardLink : .symbolicLink, target: Array(target.utf8))
  }

  @Test("no member leaves the folder: not by its name, and not through a link of the archive")
  func hostileNames() throws {
    let folder = TarEntry(path: Array("l/d".utf8), kind: .folder)
    let attacks: [([TarEntry], String)] = [
      ([file("../victim/new")], "leads out of the folder"),
      ([file("a/../../victim/new")], "leads out of the folder"),
      ([file("/tmp/omcops-new")], "absolute path"),
      ([link("l", "../victim"), file("l/new")], "leads through a link"),
      ([link("l", "../victim"), folder], "leads through a link"),
      ([link("a", "."), link("a/b", "../victim"), file("a/b/new")], "leads through a link"),
      ([link("h", "../victim/file", hard: true)], "leads out of the folder"),
      ([link("l", "../victim"), link("h", "l/file", hard: true)], "leads through a link"),
      ([TarEntry(path: Array("dev".utf8), kind: .other(UInt8(ascii: "3")))], "cannot be copied"),
      ([file("..")], "leads out of the folder"),
    ]
    for (members, words) in attacks {
      let result = try attack(members)
      #expect(result.isSafe)
      #expect(result.error?.contains(words) == true, "\(result.error ?? "no error") for \(words)")
    }
    // A file in the place of a link replaces the link, and not what it leads to.
    let replaced = try attack([link("l", "../victim/file"), file("l")])
    #expect(replaced.isSafe && replaced.error == nil)
    // A name of a link is no file to write through.
    let named = try attack([
      link("l", "../victim/file"), link("h", "l", hard: true), file("h"),
    ])
    #expect(named.isSafe)
  }

  @Test("what is no archive, and what ends too soon, is not taken for one")
  func damaged() throws {
    var writer = TarWriter()
    var bytes = writer.header(TarEntry(path: Array("a".utf8), kind: .file, size: 3))
    bytes += Array("abc".utf8) + writer.padding(after: 3)
    for end in [100, 512, 514, 1024, 1024 + 512] {
      var reader = TarReader()
      try reader.read((bytes + writer.end())[..<end]) { _ in }
      #expect(!reader.isComplete)
    }
    bytes[0] = UInt8(ascii: "b")
    #expect(throws: (any Error).self) {
      var reader = TarReader()
      try reader.read(bytes[...]) { _ in }
    }
    // A header that would have to be kept, as big as somebody likes.
    var huge = TarWriter()
    let header = huge.header(
      TarEntry(path: Array("x".utf8), kind: .other(UInt8(ascii: "x")), size: 1 << 40))
    #expect(throws: (any Error).self) {
      var reader = TarReader()
      try reader.read(header[...]) { _ in }
    }
  }
}
