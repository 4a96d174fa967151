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

  @Test("bytes survive every level and way of appending", arguments: [0, 1, 6, 9])
  func roundTrip(level: Int) throws {
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path, level: level)
    var rest = Self.rows[...]
    for size in [1, 7, 100_000, 1 << 20, 3, 200_000] {
      try writer.append(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    try writer.append(Array(rest))
    let written = try writer.finish()
    let disk = try scratch.read(written.fileName)
    #expect(written.fileName == (level == 0 ? "1.dat" : "1.dat.gz"))
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
  }

  @Test("a gzip file cut within a member is refused; at a border its digest tells")
  func cuts() throws {
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path)
    try writer.append(Self.rows)
    let whole = try writer.finish()
    let bytes = try scratch.read("1.dat.gz")
    for length in stride(from: 1, to: bytes.count, by: 1009) {
      let cut = try scratch.write(bytes.prefix(length), to: "cut.gz")
      do {
        // A border of members: nothing but the manifest can see that.
        #expect(try contents(cut).summary?.sha256 != whole.sha256)
      } catch let error as ArchiveError {
        #expect(error.code == .truncated)
        #expect(error.offset == Int64(length))
      }
    }
  }

  @Test("bytes after the last member, and flipped bits, are refused")
  func damage() throws {
    let scratch = try ScratchFolder()
    let writer = try DataFileWriter(creating: "1.dat", in: scratch.path)
    try writer.append(Self.rows)
    _ = try writer.finish()
    let bytes = try scratch.read("1.dat.gz")
    let trailing = try scratch.write(bytes + Array("tail".utf8), to: "t.gz")
    let error = #expect(throws: ArchiveError.self) { try contents(trailing) }
    #expect(error?.code == .corrupt)
    for place in stride(from: 20, to: bytes.count, by: 5003) {
      var flipped = bytes
      flipped[place] ^= 0x10
      let file = try scratch.write(flipped, to: "f.gz")
      #expect(throws: ArchiveError.self) { try contents(file) }
    }
  }

  @Test("a writer never overwrites, and a reader says which file is missing")
  func files() throws {
    let scratch = try ScratchFolder()
    _ = try scratch.write([], to: "1.dat")
    let taken = #expect(throws: ArchiveError.self) {
      _ = try DataFileWriter(creating: "1.dat", in: scratch.path, level: 0)
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
}
