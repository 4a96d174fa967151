import Archive
import Digest
import SystemPackage
import Testing

@Suite("Data files")
struct DataFileTests {
  /// Text that compresses like rows do, of a length that is no multiple of a piece.
  static let rows = Array(
    (0..<60_000).map { "\($0)\tname \($0 * 7919 % 1000)\t\($0 % 13)\\\\N\n" }.joined().utf8)

  private func contents(_ path: FilePath) throws -> (bytes: [UInt8], summary: DataFileSummary?) {
    let reader = try DataFileReader(opening: path)
    var all: [UInt8] = []
    while try reader.next({ all += $0 }) {}
    return (all, reader.summary)
  }

  @Test(
    "bytes survive every compression and way of appending",
    arguments: ["none", "gzip:1", "gzip", "9", "zstd", "zstd:9", "lz4"])
  func roundTrip(_ method: String) throws {
    let compression = try #require(Compression(method))
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path, compression)
    var rest = Self.rows[...]
    for size in [1, 7, 100_000, 1 << 20, 3, 200_000] {
      try writer.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    try writer.append(Array(rest))
    let written = try writer.finish()
    let disk = try scratch.read(written.fileName)
    #expect(written.fileName == "1.dat" + compression.algorithm.suffix)
    #expect(written.bytes == Int64(disk.count))
    #expect(written.sha256 == SHA256.hex(of: disk))
    #expect(written.rawBytes == Int64(Self.rows.count))
    let read = try contents(scratch.path.appending(written.fileName))
    #expect(read.bytes == Self.rows)
    #expect(read.summary == written)
  }

  @Test("one append of many megabytes becomes members of one each")
  func largeRow() throws {
    let scratch = try ScratchFolder()
    let row = [UInt8](repeating: UInt8(ascii: "x"), count: 9 << 20)
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path)
    try writer.append([1, 2, 3])
    try writer.append(row)
    let written = try writer.finish()
    #expect(written.rawBytes == Int64(row.count + 3))
    #expect(try contents(scratch.path.appending("1.dat.gz")).bytes == [1, 2, 3] + row)
  }

  @Test("nothing at all is still one whole member")
  func empty() throws {
    let scratch = try ScratchFolder()
    let written = try DataFileWriter(creating: "1.dat", in: scratch.path).finish()
    #expect(written.bytes > 0)
    #expect(try contents(scratch.path.appending("1.dat.gz")).bytes == [])
    let none = try scratch.write([], to: "2.dat.gz")
    #expect(throws: ArchiveError.self) { try contents(none) }
    // What pg_dump 17 makes of an empty large object.
    #expect(try contents(try scratch.write([], to: "blob_1.dat.zst")).bytes == [])
  }

  static let compressed: [Compression.Algorithm] = [.gzip, .zstd, .lz4]

  @Test(
    "a file cut within a member or frame is refused; at a border its digest tells",
    arguments: compressed)
  func cuts(_ algorithm: Compression.Algorithm) throws {
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path, Compression(algorithm))
    try writer.append(Self.rows)
    let whole = try writer.finish()
    let bytes = try scratch.read(whole.fileName)
    for length in stride(from: 1, to: bytes.count, by: 1009) {
      let cut = try scratch.write(bytes.prefix(length), to: "cut" + algorithm.suffix)
      do {
        // A border of members or frames: nothing but the manifest can see that.
        #expect(try contents(cut).summary?.sha256 != whole.sha256)
      } catch let error as ArchiveError {
        #expect(error.code == .truncated)
        #expect(error.offset == Int64(length))
      }
    }
  }

  @Test(
    "bytes after the last member or frame, and flipped bits, are refused", arguments: compressed)
  func damage(_ algorithm: Compression.Algorithm) throws {
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path, Compression(algorithm))
    try writer.append(Self.rows)
    let bytes = try scratch.read(try writer.finish().fileName)
    let trailing = try scratch.write(
      bytes + Array("a tail of no frame".utf8), to: "t" + algorithm.suffix)
    let error = #expect(throws: ArchiveError.self) { try contents(trailing) }
    #expect(error?.code == .corrupt)
    for place in stride(from: 20, to: bytes.count, by: 5003) {
      var flipped = bytes
      flipped[place] ^= 0x10
      let file = try scratch.write(flipped, to: "f" + algorithm.suffix)
      #expect(throws: ArchiveError.self) { try contents(file) }
    }
  }

  @Test("a writer never overwrites, and a reader says which file is missing")
  func files() throws {
    let scratch = try ScratchFolder()
    _ = try scratch.write([], to: "1.dat")
    let taken = #expect(throws: ArchiveError.self) {
      _ = try DataFileWriter(creating: "1.dat", in: scratch.path, .none)
    }
    #expect(taken?.message == "1.dat: cannot create: File exists")
    let missing = #expect(throws: ArchiveError.self) {
      _ = try DataFileReader(opening: scratch.path.appending("9.dat.gz"))
    }
    #expect(missing?.message == "9.dat.gz: cannot read: No such file or directory")
    #expect(throws: ArchiveError.self) {
      _ = try DataFileWriter(creating: "../x", in: scratch.path)
    }
  }

  @Test("rows are counted the same however the pieces fall", arguments: [1, 2, 3, 5, 4096])
  func rowCount(size: Int) {
    func count(_ text: String) -> CopyRowCounter {
      var counter = CopyRowCounter()
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        Array(rest.prefix(size)).withUnsafeBytes { counter.add($0) }
        rest = rest.dropFirst(size)
      }
      return counter
    }
    let whole = count("a\tb\n\\\\.\n\n\\.x\n\\.\n\n\n")
    #expect(whole.rows == 4)
    #expect(whole.isEnded && !whole.hasTrailingData && !whole.isCut)
    #expect(count("\\.\n\n\n").rows == 0)
    #expect(count("a\nb").isCut)
    #expect(!count("a\nb\n").isEnded)
    #expect(count("a\n\\.\n\nb\n").hasTrailingData)
  }

  @Test(
    "a compression is read as it is written",
    arguments: [
      ("gzip", "gzip"), ("gzip:6", "gzip:6"), ("6", "gzip:6"), ("0", "none"), ("none", "none"),
      ("zstd:19", "zstd:19"), ("lz4", "lz4"),
    ])
  func compression(_ text: String, _ meaning: String) {
    #expect(Compression(text)?.description == meaning)
  }

  @Test(
    "what is no compression is refused",
    arguments: [
      "", "gzip:", "gzip:0", "gzip:10", "zstd:20", "lz4:1", "none:1", "10", "bzip2", "GZIP",
    ])
  func noCompression(_ text: String) { #expect(Compression(text) == nil) }
}
