import Archive
import Digest
import Glibc
import Synchronization
import SystemPackage
import Testing

/// Rows as a connection brings them: it fills what space there is, whatever a row's end is.
struct RowSourceStub: Sendable {
  let rows: [[UInt8]]

  /// Rows of usual sizes, numbered from a start.
  static func usual(_ count: Int, from start: Int) -> RowSourceStub {
    RowSourceStub(
      rows: (start..<start + count).map {
        Array("\($0)\tname \($0 * 7919 % 1000)\t\(String(repeating: "x", count: $0 % 997))\n".utf8)
      })
  }

  /// A row of so many bytes.
  static func long(_ size: Int, _ letter: Character) -> [UInt8] {
    [UInt8](repeating: letter.asciiValue ?? 0, count: size - 1) + [UInt8(ascii: "\n")]
  }

  func feed(_ stream: RowStream) throws {
    var space = try stream.exchange(filled: 0, wholeRows: 0)
    var (filled, wholeRows) = (0, 0)
    for row in rows {
      var rest = row[...]
      while !rest.isEmpty {
        let part = rest.prefix(space.count - filled)
        UnsafeMutableRawBufferPointer(rebasing: space[filled...]).copyBytes(from: part)
        filled += part.count
        rest = rest.dropFirst(part.count)
        if rest.isEmpty { wholeRows = filled }
        if filled == space.count {
          space = try stream.exchange(filled: filled, wholeRows: wholeRows)
          (filled, wholeRows) = (0, 0)
        }
      }
    }
    try stream.finish(filled: filled)
  }
}

@Suite("Row pipeline")
struct RowPipelineTests {
  private func contents(_ location: DataLocation) throws -> [UInt8] {
    let reader = try DataFileReader(opening: location)
    var all: [UInt8] = []
    while try reader.next({ all += $0 }) {}
    return all
  }

  /// The rows, sorted, of a file that ends as it must.
  private func rows(_ bytes: [UInt8]) throws -> [String] {
    let end = Array("\\.\n\n\n".utf8)
    try #require(bytes.suffix(end.count).elementsEqual(end))
    var rows: [String] = []
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[..<(bytes.count - end.count)]
      while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress,
        let newline = memchr(start, 10, rest.count)
      {
        let size = UnsafeRawPointer(newline) - start + 1
        rows.append(String(decoding: rest.prefix(size), as: UTF8.self))
        rest = rest.dropFirst(size)
      }
    }
    return rows.sorted()
  }

  private func sorted(_ rows: [[UInt8]]) -> [String] {
    rows.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }

  /// Streams that end within a piece, fill many, hold rows larger than a piece, and hold nothing.
  private static let streams: [RowSourceStub] = [
    .usual(5000, from: 0), .usual(3, from: 50_000), RowSourceStub(rows: []),
    RowSourceStub(
      rows: RowSourceStub.usual(50, from: 60_000).rows + [RowSourceStub.long(3_500_000, "a")]
        + RowSourceStub.usual(2500, from: 70_000).rows + [RowSourceStub.long(1 << 20, "b")]
        + [RowSourceStub.long(2 << 20, "c")]),
    RowSourceStub(rows: [RowSourceStub.long(1_048_577, "d")]),
  ]

  private func write(_ streams: [RowSourceStub], to data: TableDataWriter) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for stream in streams {
        group.addTask {
          // A thread that may block, as a connection's.
          try await withCheckedThrowingContinuation { continuation in
            Thread.run {
              continuation.resume(with: Result { try stream.feed(RowStream(into: data)) })
            }
          }
        }
      }
      try await group.waitForAll()
    }
    data.complete()
  }

  @Test(
    "the rows of several streams come into one file, none torn or lost",
    arguments: ["none", "gzip", "gzip:9", "zstd", "lz4"])
  func file(_ method: String) async throws {
    let compression = try #require(Compression(method))
    let scratch = try ScratchFolder()
    let pipeline = RowPipeline(compression, streams: Self.streams.count)
    defer { pipeline.close() }
    let data = try TableDataWriter(creating: "1.dat", in: scratch.path, through: pipeline)
    try await write(Self.streams, to: data)
    let written = try await data.summary()
    let path = scratch.path.appending("1.dat" + compression.algorithm.suffix)
    let expected = Self.streams.flatMap(\.rows)
    #expect(try rows(contents(.file(path))) == sorted(expected))
    #expect(written.rows == Int64(expected.count))
    #expect(written.file.sha256 == SHA256.hex(of: try scratch.read(written.file.fileName)))
    var content = ContentHash()
    for row in expected { row.withUnsafeBytes { content.add($0) } }
    #expect(written.content == content)
  }

  private func contents(_ method: String) throws -> TableOfContents {
    let entries = (1...3).map { number in
      ArchiveEntry(
        dumpID: number, kind: "TABLE DATA", section: .data, tag: "t\(number)", namespace: "public",
        copyStatement: "COPY public.t\(number) FROM stdin;\n", dependencies: [100], hasData: true)
    }
    return TableOfContents(
      header: ArchiveHeader(
        format: .custom, compression: try #require(Compression(method)),
        createdAt: .init(year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5),
        databaseName: "d", serverVersion: "15", dumperVersion: "test"), entries: entries)
  }

  @Test(
    "blocks of a custom archive stand in order whichever is ready first, and the manifest behind",
    arguments: ["none", "gzip", "gzip:6", "gzip:9", "zstd", "lz4"], [true, false])
  func block(_ method: String, isSeekable: Bool) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    let file = try FileDescriptor.open(
      path, .readWrite, options: [.create], permissions: .ownerReadWrite)
    let archive = try CustomArchiveWriter(
      to: file, name: "archive", isSeekable: isSeekable, contents(method), streams: 5)
    defer { archive.pipeline.close() }
    let tables = try contents(method).entries.map { archive.addData(of: $0) }
    // The last first: its pieces have to wait.
    try await write([.usual(500, from: 0)], to: tables[2])
    try await write([], to: tables[1])
    try await write(Self.streams, to: tables[0])
    var summaries: [TableDataSummary] = []
    for table in tables { summaries.append(try await table.summary()) }
    let start = archive.finishContents()
    try archive.finish(manifest: Array("the manifest".utf8))
    try file.close()

    let read = try CustomArchive(opening: path, limit: 1 << 20)
    #expect(read.manifest == Array("the manifest".utf8))
    #expect(read.contentsSummary == start)
    let blocks = try read.contents.entries.map { try #require(read.data(of: $0)) }
    #expect(blocks.map(\.offset) == blocks.map(\.offset).sorted())
    #expect(read.contents.entries.allSatisfy { ($0.dataOffset != nil) == isSeekable })
    #expect(try rows(contents(.block(blocks[0]))) == sorted(Self.streams.flatMap(\.rows)))
    #expect(try rows(contents(.block(blocks[1]))) == [])
    #expect(
      try rows(contents(.block(blocks[2]))) == sorted(RowSourceStub.usual(500, from: 0).rows))
    for (block, summary) in zip(blocks, summaries) {
      let reader = try DataFileReader(opening: .block(block))
      while try reader.next({ _ in }) {}
      #expect(reader.summary?.sha256 == summary.file.sha256)
      #expect(reader.summary?.rawBytes == summary.file.rawBytes)
    }
  }

  @Test("several threads that take what is read ahead get whole rows, and all of them")
  func readAhead() async throws {
    let scratch = try ScratchFolder()
    let pipeline = RowPipeline(Compression(.gzip), streams: Self.streams.count)
    defer { pipeline.close() }
    let data = try TableDataWriter(creating: "1.dat", in: scratch.path, through: pipeline)
    try await write(Self.streams, to: data)
    _ = try await data.summary()
    let path = scratch.path.appending("1.dat.gz")
    let ahead = DataReadAhead(try DataFileReader(opening: path), takers: 3)
    let taken = Taken()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<3 {
        group.addTask {
          try await withCheckedThrowingContinuation { continuation in
            Thread.run {
              continuation.resume(
                with: Result {
                  while try ahead.next({ piece in taken.add(piece) }) {}
                })
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let pieces = taken.pieces
    #expect(pieces.count > 3)
    #expect(pieces.allSatisfy { $0.last == UInt8(ascii: "\n") })
    let end = Array("\\.\n\n\n".utf8)
    let last = try #require(pieces.first { $0.suffix(end.count).elementsEqual(end) })
    let others = pieces.filter { !$0.suffix(end.count).elementsEqual(end) }
    #expect(try rows(others.flatMap { $0 } + last) == sorted(Self.streams.flatMap(\.rows)))
    #expect(ahead.summary?.sha256 == SHA256.hex(of: try scratch.read("1.dat.gz")))
    #expect(ahead.bytesRead == ahead.summary?.bytes)
  }

  @Test("what is wrong with a file comes to those who take, and a cancel ends the reading")
  func readAheadTrouble() throws {
    let scratch = try ScratchFolder()
    let broken = try scratch.write(Array("no gzip".utf8), to: "1.dat.gz")
    let ahead = DataReadAhead(try DataFileReader(opening: broken))
    #expect(throws: ArchiveError.self) { try ahead.next { _ in } }
    let long = try scratch.write([UInt8](repeating: 10, count: 8 << 20), to: "2.dat")
    let cancelled = DataReadAhead(try DataFileReader(opening: long))
    #expect(try cancelled.next { _ in })
    cancelled.cancel()
    #expect(throws: CancellationError.self) { while try cancelled.next({ _ in }) {} }
  }

  @Test("an error ends all who wait, and those who come later")
  func failure() async throws {
    let scratch = try ScratchFolder()
    let pipeline = RowPipeline(.none, streams: 1)
    defer { pipeline.close() }
    let data = try TableDataWriter(creating: "1.dat", in: scratch.path, through: pipeline)
    let waiting = Task { try await data.summary() }
    pipeline.fail(ArchiveError(.fileSystem, "the disk is gone"))
    let error = await #expect(throws: ArchiveError.self) { try await waiting.value }
    #expect(error?.reason == "the disk is gone")
    #expect(throws: ArchiveError.self) {
      try RowSourceStub.usual(1, from: 0).feed(RowStream(into: data))
    }
  }

  private func create(_ name: String, in scratch: ScratchFolder) throws -> FileDescriptor {
    try FileDescriptor.open(
      scratch.path.appending(name), .readWrite, options: [.create, .exclusiveCreate],
      permissions: .ownerReadWrite)
  }

  @Test("what still comes for an archive that was given up harms nobody")
  func abandoned() async throws {
    let scratch = try ScratchFolder()
    let late = try abandonedTable(in: scratch)
    late.complete()
    await #expect(throws: ArchiveError.self) { try await late.summary() }
  }

  /// The writer of a table whose archive has failed and is gone.
  private func abandonedTable(in scratch: ScratchFolder) throws -> TableDataWriter {
    let file = try create("archive", in: scratch)
    defer { try? file.close() }
    let archive = try CustomArchiveWriter(
      to: file, name: "archive", isSeekable: true, contents("gzip"), streams: 1)
    defer { archive.pipeline.close() }
    archive.pipeline.fail(ArchiveError(.fileSystem, "the disk is gone"))
    return archive.addData(of: try contents("gzip").entries[0])
  }

  @Test("an archive goes into its own file, also when the caller has closed it and opened another")
  func ownHandle() async throws {
    let scratch = try ScratchFolder()
    let file = try create("archive", in: scratch)
    let archive = try CustomArchiveWriter(
      to: file, name: "archive", isSeekable: true, contents("gzip"), streams: 1)
    defer { archive.pipeline.close() }
    try file.close()
    let other = try create("other", in: scratch)
    let tables = try contents("gzip").entries.map { archive.addData(of: $0) }
    for table in tables {
      try await write([.usual(300, from: 0)], to: table)
      _ = try await table.summary()
    }
    _ = archive.finishContents()
    try archive.finish(manifest: [7])
    #expect(try other.seek(offset: 0, from: .end) == 0)
    try other.close()
    let read = try CustomArchive(opening: scratch.path.appending("archive"), limit: 1 << 20)
    #expect(read.manifest == [7])
  }

  @Test("an archive without a manifest of ours has none, and a damaged one is an error")
  func embeddedManifest() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    let file = try FileDescriptor.open(
      path, .readWrite, options: [.create], permissions: .ownerReadWrite)
    var toc = try contents("none")
    toc.entries = []
    let archive = try CustomArchiveWriter(
      to: file, name: "archive", isSeekable: true, toc, streams: 1)
    archive.pipeline.close()
    _ = archive.finishContents()
    try archive.finish(manifest: [UInt8](repeating: 7, count: 3 << 20))
    try file.close()
    let bytes = try scratch.read("archive")
    #expect(try CustomArchive(opening: path, limit: 4 << 20).manifest?.count == 3 << 20)
    #expect(throws: ArchiveError.self) { try CustomArchive(opening: path, limit: 1 << 20) }
    let cut = try scratch.write(bytes.dropLast(), to: "cut")
    #expect(try CustomArchive(opening: cut, limit: 4 << 20).manifest == nil)
  }
}

/// What several threads have taken.
private final class Taken: Sendable {
  private let state = Mutex<[[UInt8]]>([])
  var pieces: [[UInt8]] { state.withLock { $0 } }
  func add(_ piece: UnsafeRawBufferPointer) { state.withLock { $0.append(Array(piece)) } }
}

/// A thread of its own for work that may block.
private enum Thread {
  static func run(_ body: @escaping @Sendable () -> Void) {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    pthread_detach(thread)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
