import Archive
import Digest
import Glibc
import SystemPackage
import Testing

@testable import DBOps

@Suite("Reading back")
struct ReadBackTests {
  private func written(_ name: String, in folder: FilePath, rows: Int) async throws -> CopiedTable {
    let pipeline = RowPipeline(Compression(.none), streams: 1)
    defer { pipeline.close() }
    let data = try TableDataWriter(creating: name, in: folder, through: pipeline)
    let stream = RowStream(into: data)
    let space = try stream.exchange(filled: 0, wholeRows: 0)
    let text = Array(String(repeating: "1\ttext\n", count: rows).utf8)
    text.withUnsafeBytes { space.copyMemory(from: $0) }
    try stream.finish(filled: text.count)
    data.complete()
    let summary = try await data.summary()
    return CopiedTable(
      source: RowSource(
        table: QualifiedName("public", "t"), oid: 1, copyOut: "", copyIn: "", bytes: 0),
      rows: summary.rows, content: summary.content, file: summary.file,
      checksum: summary.checksum)
  }

  @Test("what the disk gives back as it was written has the digest that was taken then")
  func whole() async throws {
    let scratch = try ScratchFolder()
    let tables = [
      try await written("1.dat", in: scratch.path, rows: 10),
      try await written("2.dat", in: scratch.path, rows: 1000),
    ]
    try await ReadBack(folder: scratch.path, backup: "b", jobs: 2, progress: nil).run(tables)
    for table in tables {
      #expect(table.file.sha256 == SHA256.hex(of: try scratch.read(table.file.fileName)))
    }
  }

  @Test("a byte that changed, a file that is shorter or gone: each is named")
  func damage() async throws {
    let scratch = try ScratchFolder()
    var tables: [CopiedTable] = []
    for name in ["1.dat", "2.dat", "3.dat"] {
      tables.append(try await written(name, in: scratch.path, rows: 10))
    }
    var bytes = try scratch.read("1.dat")
    bytes[20] ^= 1
    _ = try scratch.write(bytes, to: "1.dat")
    _ = try scratch.write(bytes.dropLast(), to: "2.dat")
    #expect(unlink(scratch.path.appending("3.dat").string) == 0)
    let error = await #expect(throws: DBError.self) {
      try await ReadBack(folder: scratch.path, backup: "b", jobs: 2, progress: nil).run(tables)
    }
    let text = ([error?.message ?? ""] + (error?.details ?? [])).joined(separator: "\n")
    #expect(text.contains("1.dat: the disk gives back other bytes than were written"))
    #expect(text.contains("2.dat: has 74 bytes; 75 were written"))
    #expect(text.contains("3.dat: "))
    #expect(error?.code == .backupDamaged)
  }
}
