import Archive
import Glibc
import SeededRandom
import SystemPackage
import Testing

@testable import LogOps

/// A container's log that a server keeps, and what it gives of it.
private struct Server {
  private(set) var lines: [(stamp: Int64, text: String)] = []
  /// Lines before this one went with a rotated file.
  var rotated = 0
  private var time: Int64 = 1_790_000_000_000_000_000

  /// Equal stamps and texts, steps over seconds, small inversions, records of several lines.
  mutating func write(_ count: Int, _ lot: inout SeededRandom) {
    for _ in 0..<count {
      time += [0, 1, 1000, 50_000_000, 400_000_000, 1_100_000_000][lot.below(6)]
      let text = ["same", "line \(lines.count)", "  at \(lines.count)"][lot.below(3)]
      lines.append((time - Int64([0, 0, 300][lot.below(3)]), text))
    }
  }

  /// The bytes of an answer.
  func answer(since: Int64?) -> [UInt8] {
    var text = ""
    for line in lines[rotated...] where line.stamp >= (since ?? 0) * 1_000_000_000 {
      let stamp = OldFiles.stamp(LogTime(nanoseconds: line.stamp))
      func part(_ range: Range<Int>) -> Substring {
        stamp.dropFirst(range.lowerBound).prefix(range.count)
      }
      let fraction = String(line.stamp % 1_000_000_000 + 1_000_000_000).dropFirst()
      text +=
        "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):"
        + "\(part(13..<15)).\(fraction)Z \(line.text)\n"
    }
    return Array(text.utf8)
  }
}

@Suite("Keeping logs in files")
struct KeepTests {
  private let label = SourceLabel("p/c", fields: [])

  private func with<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    var name = Array("/tmp/omcops-keep-XXXXXX".utf8CString)
    guard mkdtemp(&name) != nil else { throw Unusable() }
    let path = FilePath(
      String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
    defer { remove(path) }
    return try body(path)
  }

  private func remove(_ path: FilePath) {
    for name in names(in: path) { remove(path.appending(name)) }
    if rmdir(path.string) != 0 { unlink(path.string) }
  }

  private func names(in path: FilePath) -> [String] {
    guard let folder = opendir(path.string) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private func place(_ path: FilePath) -> LogFolder.Place {
    LogFolder.Place(
      log: path.appending("c.log"), state: path.appending(".omcops").appending("c.state"))
  }

  private func text(_ path: FilePath) throws -> String {
    String(decoding: try DurableFile.read(path, atMost: 1 << 24), as: UTF8.self)
  }

  private func instance(_ id: String = "c1") -> ContainerState.Identity {
    ContainerState.Identity(podUID: "u", container: "c", containerID: id)
  }

  /// One run on the folder: reads what the server gives, up to a number of bytes. Then it is killed, as
  /// far as the files can tell: what it holds in memory is gone.
  private func run(
    _ path: FilePath, _ server: Server, upTo limit: Int? = nil, ticks: Int = 0,
    ends: Bool = false, of id: String = "c1", rotateAt size: Int64 = 1 << 30
  ) throws -> Int {
    var rotation = LogFolder.Rotation()
    rotation.size.bytes = size
    let folder = try LogFolder(path.string, since: nil, rotation: rotation)
    var options = LogOptions()
    options.folder = folder
    let pipeline = try LogPipeline(options, descriptor: -1)
    let notices = LogNotices { _ in }
    let source = pipeline.addStamped(label, notices)
    try pipeline.keep(source, of: instance(id), at: place(path), in: folder)
    let answer = server.answer(since: pipeline.begin(source))
    for start in stride(from: 0, to: min(answer.count, limit ?? .max), by: 700) {
      let end = min(answer.count, start + 700, limit ?? .max)
      _ = try answer[start..<end].withUnsafeBytes { try pipeline.feed($0, from: source) }
    }
    for _ in 0..<ticks { _ = try pipeline.tick() }
    if ends {
      try pipeline.end(source)
      _ = try pipeline.finish()
    }
    return notices.lost
  }

  @Test("a killed run's file is gone on with: every line once", arguments: 0..<24)
  func killed(seed: Int) throws {
    var lot = SeededRandom(state: UInt64(seed))
    try with { path in
      var server = Server()
      for _ in 0..<8 {
        server.write(lot.below(400), &lot)
        let limit = server.answer(since: nil).count
        let lost = try run(
          path, server, upTo: lot.below(limit + 1), ticks: [0, 20, 40][lot.below(3)],
          rotateAt: lot.below(2) == 0 ? 4096 : 1 << 30)
        #expect(lost == 0)
      }
      _ = try run(path, server, ends: true)
      let closed = names(in: path).filter { $0.hasPrefix("c.log.") }
      let order = closed.sorted { number($0) < number($1) }
      let parts = try (order + ["c.log"]).map { try text(path.appending($0)) }
      #expect(parts.joined() == server.lines.map { $0.text + "\n" }.joined())
    }
  }

  /// `c.log.20261129T021600Z-2` comes after the one without a number.
  private func number(_ name: String) -> String {
    let parts = name.split(separator: "-")
    let count = parts.count > 1 ? String(parts[1]) : "1"
    return parts[0] + String(repeating: "0", count: 6 - count.count) + count
  }

  @Test("what the server has no longer stays in a killed run's file, and the gap is told")
  func rotatedMeanwhile() throws {
    try with { path in
      var server = Server()
      var lot = SeededRandom(state: 7)
      server.write(300, &lot)
      _ = try run(path, server, upTo: 4000, ticks: 20)
      // Behind the checkpoint, and written, but not in the state that is found.
      let state = try DurableFile.read(place(path).state, atMost: 1 << 20)
      server.write(1, &lot)
      _ = try run(path, server, ends: true)
      let file = try FileDescriptor.open(place(path).state, .writeOnly, options: [.truncate])
      try file.closeAfter { _ = try file.writeAll(state) }
      let before = try text(path.appending("c.log"))
      let seen = server.lines.count
      server.write(50, &lot)
      server.rotated = seen
      #expect(try run(path, server, ends: true) == 1)
      let expected = before + server.lines[seen...].map { $0.text + "\n" }.joined()
      #expect(try text(path.appending("c.log")) == expected)
    }
  }

  @Test("the next instance is written behind the one before; what that one left unread is told")
  func instances() throws {
    try with { path in
      var lot = SeededRandom(state: 3)
      var first = Server()
      first.write(20, &lot)
      var second = Server()
      second.write(20, &lot)
      #expect(try run(path, first, ends: true) == 0)
      #expect(try run(path, second, of: "c2") == 0)
      #expect(try run(path, second, ends: true, of: "c2") == 0)
      let lines = (first.lines + second.lines).map { $0.text + "\n" }
      #expect(try text(path.appending("c.log")) == lines.joined())
      _ = try run(path, second, of: "c2")
      #expect(try run(path, first, of: "c3") == 1)
    }
  }

  @Test("closed files are compressed, those of a killed run too")
  func compression() async throws {
    let folder = FilePath("/tmp/omcops-keep-\(getpid())-\(UInt32.random(in: 0..<1_000_000))")
    defer { remove(folder) }
    try LogFolder.make(folder)
    let log = folder.appending("c.log")
    try DurableFile.write(Array("one\n".utf8), to: folder.appending("c.log.20261129T021600Z"))
    try DurableFile.write(Array("x".utf8), to: folder.appending("c.log.20261129T021600Z.part.gz"))
    try DurableFile.write(Array("two\n".utf8), to: log)
    let old = OldFiles()
    old.adopt(of: log)
    try old.close(log)
    try await old.compress()
    let found = names(in: folder)
    #expect(found.count == 2 && found.allSatisfy { $0.hasSuffix("Z.gz") })
    var all: [UInt8] = []
    for name in found {
      let reader = try DataFileReader(opening: folder.appending(name))
      while try reader.next({ all += $0 }) {}
    }
    #expect(String(decoding: all.sorted(), as: UTF8.self) == "\n\nenootw")
  }

  @Test("one omcops at a time has a folder")
  func lock() throws {
    try with { path in
      let since = LogTime(nanoseconds: 5)
      let first = try LogFolder(path.string, since: since)
      #expect(throws: FolderTrouble.self) { try LogFolder(path.string, since: nil) }
      #expect(!first.isContinued)
    }
    try with { path in
      _ = try LogFolder(path.string, since: LogTime(nanoseconds: 5))
      let second = try LogFolder(path.string, since: LogTime(nanoseconds: 9))
      #expect(second.isContinued)
      #expect(second.since?.nanoseconds == 5)
    }
  }

  @Test("a full disk is an error that names the file")
  func full() throws {
    let writer = BatchWriter(descriptor: open("/dev/full", O_WRONLY), file: "c.log", batch: 16)
    writer.buffer.append("text")
    #expect {
      try writer.flush()
    } throws: { error in
      (error as? OutputLost)?.message == "cannot write c.log: No space left on device"
    }
  }

  @Test("a link in a log's place is not followed")
  func link() throws {
    try with { path in
      #expect(symlink("/dev/null", place(path).log.string) == 0)
      #expect(throws: OutputLost.self) { try run(path, Server()) }
    }
  }

  @Test(
    "names stay in their folder",
    arguments: [
      ("web-7f9.x", "web-7f9.x"), ("..", "%2E."), (".omcops", "%2Eomcops"), ("a/b", "a%2Fb"),
      ("", "%"), ("\n", "%0A"),
    ])
  func names(_ name: String, _ safe: String) { #expect(LogFolder.safe(name) == safe) }

  @Test("a damaged state is an error, not a guess")
  func damaged() throws {
    try with { path in
      let server = Server()
      _ = try run(path, server)
      let file = try FileDescriptor.open(place(path).state, .writeOnly, options: [.truncate])
      try file.close()
      #expect(throws: FolderTrouble.self) { try run(path, server) }
    }
  }

  @Test("a log that wrote all the time is asked soon, others after the usual silence")
  func silence() {
    let start = ContinuousClock.now
    var busy = SilenceRule(usual: .seconds(60), now: start)
    var slow = busy
    for tenth in 0...300 { busy.hear(start + .milliseconds(tenth * 100)) }
    for step in 0...5 { slow.hear(start + .seconds(step * 20)) }
    #expect(busy.limit == .seconds(3))
    #expect(slow.limit == .seconds(60))
    let end = start + .seconds(30)
    #expect(!busy.isTime(end + .seconds(2)))
    #expect(busy.isTime(end + .seconds(3)))
    busy.askedInVain(end + .seconds(3))
    #expect(busy.limit == .seconds(6))
    for _ in 0..<10 { busy.askedInVain(end + .seconds(3)) }
    #expect(busy.limit == .seconds(60))
    busy.hear(end + .seconds(70))
    #expect(busy.limit == .seconds(60))
    #expect(SilenceRule(usual: .seconds(60), now: start).limit == .seconds(60))
  }
}
