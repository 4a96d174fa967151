import Archive
import SystemPackage

/// Writes archives of any version from 1.10 to 1.16, which no single program makes any more.
struct ArchiveForge {
  /// The second number of the version.
  var minor: UInt8
  var format: ArchiveHeader.Format
  var algorithm: Compression.Algorithm
  private(set) var bytes: [UInt8] = []

  /// The tables of every forged archive, with their rows as an archive has them.
  static let tables: [(name: String, rows: [UInt8])] = [
    ("users", rows(60) { "\($0)\tuser \($0 * 7919 % 1000)\t\\N" }),
    ("größe", rows(9) { "\($0)\t\\\\x\($0)" }), ("nothing", rows(0) { "\($0)" }),
  ]

  private static func rows(_ count: Int, _ row: (Int) -> String) -> [UInt8] {
    Array(((0..<count).map { row($0) + "\n" }.joined() + "\\.\n\n\n").utf8)
  }

  init(minor: UInt8, _ format: ArchiveHeader.Format, _ algorithm: Compression.Algorithm) {
    (self.minor, self.format, self.algorithm) = (minor, format, algorithm)
  }

  /// The whole file of a custom archive.
  mutating func custom(_ compress: (Compression.Algorithm, [UInt8]) -> [UInt8]) -> [UInt8] {
    // The places of the blocks stand in the table of contents, whose size does not depend on them.
    writeContents(offsets: [0, 0, 0])
    var offsets: [Int] = []
    var blocks: [UInt8] = []
    let start = bytes.count
    for (place, table) in ArchiveForge.tables.enumerated() {
      offsets.append(start + blocks.count)
      var block = ArchiveForge(minor: minor, format, algorithm)
      block.bytes = [1]
      block.integer(10 + place)
      let data = compress(algorithm, table.rows)
      for begin in stride(from: 0, to: data.count, by: 400) {
        let chunk = data[begin..<min(data.count, begin + 400)]
        block.integer(chunk.count)
        block.bytes += chunk
      }
      block.integer(0)
      blocks += block.bytes
    }
    bytes = []
    writeContents(offsets: offsets)
    return bytes + blocks
  }

  /// The `toc.dat` of a directory archive.
  mutating func directory() -> [UInt8] {
    writeContents(offsets: [])
    return bytes
  }

  private mutating func writeContents(offsets: [Int]) {
    bytes = Array("PGDMP".utf8) + [1, minor, 0, 4, 8, format.rawValue]
    if minor >= 15 {
      bytes.append(algorithm.rawValue)
    } else {
      integer(algorithm == .none ? 0 : -1)
    }
    for field in [1, 2, 3, 4, 5, 126, 0] { integer(field) }
    for text in ["shop", "15.18", "forged"] { string(text) }
    let entries = ArchiveForge.entries
    integer(entries.count)
    var data = offsets[...]
    for entry in entries { write(entry, offset: entry.hasData ? data.popFirst() : nil) }
  }

  private static let entries: [ArchiveEntry] = {
    func setting(_ id: Int, _ kind: String, _ sql: String) -> ArchiveEntry {
      ArchiveEntry(dumpID: id, kind: kind, section: .preData, tag: kind, definition: sql)
    }
    var entries = [
      setting(50, "ENCODING", "SET client_encoding = 'UTF8';\n"),
      setting(51, "STDSTRINGS", "SET standard_conforming_strings = 'on';\n"),
      setting(52, "SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false);\n"),
      ArchiveEntry(
        dumpID: 53, kind: "DATABASE", section: .preData, tag: "shop", owner: "joe",
        definition: "CREATE DATABASE shop WITH TEMPLATE = template0;\n",
        dropStatement: "DROP DATABASE shop;\n"),
    ]
    for (place, table) in tables.enumerated() {
      entries.append(
        ArchiveEntry(
          dumpID: 1 + place, kind: "TABLE", section: .preData, tag: table.name,
          namespace: "public", owner: "joe", tableOID: 1259, oid: 16400,
          definition: "CREATE TABLE public.\"\(table.name)\" (id integer, a text, b text);\n",
          dropStatement: "DROP TABLE public.\"\(table.name)\";\n", accessMethod: "heap"))
    }
    for (place, table) in tables.enumerated() {
      entries.append(
        ArchiveEntry(
          dumpID: 10 + place, kind: "TABLE DATA", section: .data, tag: table.name,
          namespace: "public", owner: "joe",
          copyStatement: "COPY public.\"\(table.name)\" (id, a, b) FROM stdin;\n",
          dependencies: [1 + place], fileName: "\(10 + place).dat", hasData: true))
    }
    entries.append(
      ArchiveEntry(
        dumpID: 30, kind: "CONSTRAINT", section: .postData, tag: "users users_pkey",
        namespace: "public", owner: "joe",
        definition: "ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);\n",
        dependencies: [1]))
    entries.append(
      ArchiveEntry(
        dumpID: 31, kind: "ACL", section: .none, tag: "TABLE users", namespace: "public",
        owner: "joe", definition: "GRANT SELECT ON TABLE public.users TO ann;\n",
        dependencies: [1]))
    return entries
  }()

  private mutating func write(_ entry: ArchiveEntry, offset: Int?) {
    integer(entry.dumpID)
    integer(entry.hasData ? 1 : 0)
    for text in ["\(entry.tableOID)", "\(entry.oid)", entry.tag, entry.kind] { string(text) }
    if minor >= 11 { integer(entry.section.rawValue) }
    string(entry.definition)
    string(entry.dropStatement)
    string(entry.copyStatement)
    string(entry.namespace)
    string(entry.tablespace)
    if minor >= 14 { string(entry.accessMethod) }
    if minor >= 16 { integer(entry.kind == "TABLE" ? 114 : 0) }
    string(entry.owner)
    string("false")
    for dependency in entry.dependencies { string(String(dependency)) }
    string(nil)
    if format == .directory { return string(entry.fileName) }
    bytes.append(entry.hasData ? 2 : 3)
    withUnsafeBytes(of: UInt64(offset ?? 0).littleEndian) { bytes += $0 }
  }

  private mutating func integer(_ value: Int) {
    bytes.append(value < 0 ? 1 : 0)
    withUnsafeBytes(of: UInt32(value.magnitude).littleEndian) { bytes += $0 }
  }

  private mutating func string(_ text: String?) {
    guard let text else { return integer(-1) }
    integer(text.utf8.count)
    bytes += text.utf8
  }
}
