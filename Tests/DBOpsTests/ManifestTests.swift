import DBOps
import Digest
import JSON
import Quantities
import SystemPackage
import Testing

@Suite("Manifest")
struct ManifestTests {
  static let sample = Manifest(
    id: "shop-20261123T081502Z", label: "nightly",
    createdAt: Timestamp(microseconds: 1_795_421_702_114_001),
    snapshotTime: Timestamp(microseconds: 1_795_421_702_200_000), database: "shop",
    encoding: "UTF8", serverVersion: "15.18", serverMajor: 15, systemIdentifier: "7412",
    databaseBytes: 8_000_000, alembicRevision: "a1b2", omcopsVersion: "0.1.0",
    roles: ["shop", "reader"],
    tables: [
      "public.users": .init(
        rows: 1000, file: "2.dat.gz", content: ContentHash("cbd8a7b341bd9b025b1e906a48ae1d19"),
        newestKey: .init(column: "id", value: "1000"), uncompressed: ["key", "Bild"]),
      "public.\"größe\"": .init(rows: 0, file: "3.dat.gz"),
    ],
    sequences: ["public.users_id_seq": .init(lastValue: 1000, isCalled: true)],
    files: [
      "toc.dat": .init(bytes: 10, sha256: SHA256.hex(of: "a")),
      "2.dat.gz": .init(bytes: 20, sha256: SHA256.hex(of: "b")),
      "3.dat.gz": .init(bytes: 30, sha256: SHA256.hex(of: "c")),
    ])

  @Test("what is written is read back")
  func roundTrip() throws {
    let scratch = try ScratchFolder()
    try Self.sample.write(into: scratch.path)
    var expected = Self.sample
    expected.roles.sort()
    #expect(try Manifest(readingFrom: scratch.path) == expected)
    #expect(scratch.names() == ["manifest.json"])
  }

  @Test("any changed bit is noticed")
  func flips() throws {
    let bytes = Array((Self.sample.json.text(.pretty) + "\n").utf8)
    for place in bytes.indices {
      var flipped = bytes
      flipped[place] ^= 1 << UInt8(place % 8)
      #expect(throws: DBError.self, "byte \(place)") { try Manifest(parsing: flipped) }
    }
  }

  @Test("a manifest that is cut, empty or not one is refused")
  func cuts() {
    let bytes = Array((Self.sample.json.text(.pretty) + "\n").utf8)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: DBError.self) { try Manifest(parsing: Array(bytes.prefix(length))) }
    }
    #expect(throws: DBError.self) { try Manifest(parsing: Array("{}".utf8)) }
  }

  /// The text of a manifest whose fields were changed, with the right digest for the change.
  private func forged(_ change: (inout [String: JSON]) -> Void) throws -> [UInt8] {
    var members: [String: JSON] = [:]
    for (key, value) in try #require(Self.sample.json.object) { members[key] = value }
    change(&members)
    members.removeValue(forKey: "sha256")
    func object() -> JSON { .object(.init(uniqueKeysWithValues: members.map { ($0, $1) })) }
    members["sha256"] = .string(SHA256.hex(of: object().text(.compact, sortedKeys: true)))
    return Array((object().text(.pretty) + "\n").utf8)
  }

  @Test("a field that is wrong is named even where the digest is right")
  func fields() throws {
    func message(_ change: (inout [String: JSON]) -> Void) throws -> String? {
      let bytes = try forged(change)
      return #expect(throws: DBError.self) { try Manifest(parsing: bytes) }?.message
    }
    #expect(try message { $0["database"] = nil } == "manifest.json: database is missing")
    #expect(
      try message { $0["database-bytes"] = -1 } == "manifest.json: database-bytes is negative")
    #expect(
      try message { $0["surprise"] = 1 }
        == "manifest.json: surprise is not a field that is known")
    #expect(
      try message { $0["files"] = ["../toc.dat": ["bytes": 1, "sha256": ""]] }
        == "manifest.json: files: ../toc.dat: sha256 is not a SHA-256")
    #expect(
      try message { $0["version"] = 2 } == "manifest.json: version 2 is not read; 1 is")
    let file: JSON = ["bytes": 1, "sha256": .string(SHA256.hex(of: "x"))]
    #expect(
      try message { $0["files"] = ["toc.dat": file, "../x": file] }
        == "manifest.json: the file name \"../x\" is not a plain name")
    #expect(
      try message { $0["files"] = ["toc.dat": file, "2.dat.gz": file] }
        == "manifest.json: the file 3.dat.gz of table public.\"größe\" is not among its files")
  }
}
