import Archive
import Diagnostics
import Subprocess
import SystemPackage
import Testing

@Suite("Table of contents")
struct TableOfContentsTests {
  static let sample = TableOfContents(
    header: ArchiveHeader(
      compression: Compression(.gzip, level: 1),
      createdAt: .init(year: 2026, month: 11, day: 23, hour: 8, minute: 15, second: 2),
      databaseName: "shop", serverVersion: "15.18", dumperVersion: "omcops"),
    entries: [
      ArchiveEntry(
        dumpID: 8, kind: "ENCODING", section: .preData, tag: "ENCODING",
        definition: "SET client_encoding = 'UTF8';\n"),
      ArchiveEntry(
        dumpID: 9, kind: "STDSTRINGS", section: .preData, tag: "STDSTRINGS",
        definition: "SET standard_conforming_strings = 'on';\n"),
      ArchiveEntry(
        dumpID: 1, kind: "TABLE", section: .preData, tag: "größe \"x\"", namespace: "public",
        owner: "shop", tableOID: 1259, oid: 16385,
        definition: "CREATE TABLE public.\"größe \"\"x\"\"\" (\n    id integer\n);\n",
        dropStatement: "DROP TABLE public.\"größe \"\"x\"\"\";\n", accessMethod: "heap"),
      ArchiveEntry(
        dumpID: 2, kind: "TABLE DATA", section: .data, tag: "größe \"x\"", namespace: "public",
        owner: "shop", oid: 16385, copyStatement: "COPY public.t (id) FROM stdin;\n",
        dependencies: [1], fileName: "2.dat", hasData: true),
      ArchiveEntry(
        dumpID: 3, kind: "CONSTRAINT", section: .postData, tag: "t t_pkey", namespace: "public",
        owner: "shop", definition: "ALTER TABLE ONLY public.t ADD PRIMARY KEY (id);\n",
        dropStatement: "ALTER TABLE ONLY public.t DROP CONSTRAINT t_pkey;\n", dependencies: [1, 2]),
    ])

  @Test("what is written is read back")
  func roundTrip() throws {
    #expect(try TableOfContents(parsing: Self.sample.serialized()) == Self.sample)
  }

  @Test("stock pg_restore lists what we write")
  func stockReader() async throws {
    let scratch = try ScratchFolder()
    _ = try Self.sample.write(into: scratch.path)
    let listing = try await run(
      .name("pg_restore"), arguments: ["-l", scratch.path.string],
      output: .string(limit: 65536), error: .string(limit: 65536))
    #expect(listing.terminationStatus.isSuccess, "\(listing.standardError)")
    let lines = listing.standardOutput.split(separator: "\n").filter { !$0.hasPrefix(";") }
    #expect(
      lines == [
        "1; 1259 16385 TABLE public größe \"x\" shop",
        "2; 0 16385 TABLE DATA public größe \"x\" shop",
        "3; 0 0 CONSTRAINT public t t_pkey shop",
      ])
  }

  @Test("an archive that ends anywhere before its end is refused with the place")
  func truncation() throws {
    let bytes = Self.sample.serialized()
    for length in 0..<bytes.count {
      let error = #expect(throws: ArchiveError.self) {
        try TableOfContents(parsing: Array(bytes.prefix(length)))
      }
      #expect((error?.offset ?? .max) <= Int64(length))
    }
  }

  @Test("bytes after the last entry are refused")
  func trailing() {
    #expect(throws: ArchiveError.self) {
      try TableOfContents(parsing: Self.sample.serialized() + [0])
    }
  }

  @Test(
    "a file name that leads out of the folder is refused",
    arguments: ["../../etc/passwd", "a/b", "..", "/x", "toc.dat", "manifest.json", "a\nb"])
  func names(_ name: String) {
    var toc = Self.sample
    toc.entries[3].fileName = name
    let error = #expect(throws: ArchiveError.self) {
      try TableOfContents(parsing: toc.serialized())
    }
    #expect(error?.code == .unsafeName)
  }

  @Test("odd headers are refused, each with what is wrong")
  func headers() {
    func refusal(_ change: (inout [UInt8]) -> Void) -> ArchiveError? {
      var bytes = Self.sample.serialized()
      change(&bytes)
      return #expect(throws: ArchiveError.self) { try TableOfContents(parsing: bytes) }
    }
    #expect(refusal { $0[0] = 0x51 }?.code == .notAnArchive)
    #expect(
      refusal { $0[6] = 9 }?.message
        == "archive version 1.9 is not read; 1.10 to 1.16 are at byte 5")
    #expect(refusal { $0[6] = 17 }?.status == .refused)
    #expect(refusal { $0[8] = 33 }?.message == "integers of 33 bytes at byte 8")
    #expect(refusal { $0[10] = 5 }?.message == "archive format 5 is not read at byte 10")
    // The count of entries follows the header's last text, "omcops".
    #expect(
      refusal { bytes in
        let place = bytes.firstRange(of: Array("omcops".utf8))?.upperBound ?? 0
        bytes[place + 4] = 0x7F
      }?.reason.hasSuffix("entries cannot fit") == true)
  }

  @Test("equal entry numbers, entry number 0 and unknown encodings are refused")
  func entries() {
    for change: (inout TableOfContents) -> Void in [
      { $0.entries[1].dumpID = 8 }, { $0.entries[2].dumpID = 0 },
      { $0.entries[0].definition = "SET client_encoding;" },
      { $0.entries[1].definition = "SET standard_conforming_strings = 'maybe';" },
    ] {
      var toc = Self.sample
      change(&toc)
      #expect(throws: ArchiveError.self) { try TableOfContents(parsing: toc.serialized()) }
    }
  }

  @Test("random changes of the bytes crash nothing and cost no memory beyond the input's size")
  func fuzz() throws {
    var random = SplitMix(state: 42)
    let original = Self.sample.serialized()
    var accepted = 0
    for _ in 0..<5000 {
      var bytes = original
      for _ in 0...random.below(4) { mutate(&bytes, &random) }
      guard let toc = try? TableOfContents(parsing: bytes) else { continue }
      accepted += 1
      let texts = toc.entries.reduce(0) {
        $0 + $1.tag.utf8.count + $1.definition.utf8.count + $1.dependencies.count
      }
      #expect(texts <= bytes.count)
      #expect(try TableOfContents(parsing: toc.serialized()).entries.count == toc.entries.count)
    }
    // Changes inside texts leave an archive readable, so some must get through.
    #expect(accepted > 100)
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    guard !bytes.isEmpty else { return }
    let place = random.below(bytes.count)
    switch random.below(5) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 1: bytes[place] ^= 1 << UInt8(random.below(8))
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(9)))
    case 3: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    default:
      for index in place..<min(bytes.count, place + 4) { bytes[index] = 0xFF }
    }
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
