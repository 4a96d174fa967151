/// Reads the primitives of an archive, header and entries, and trusts none of them.
struct TOCReader {
  static let magic = Array("PGDMP".utf8)

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  private(set) var integerSize = 4
  private var offsetSize = 8
  private var version = ArchiveHeader.Version.plainOrGzip

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private var left: Int { bytes.count - position }

  private func fail(
    _ code: ArchiveError.Code, _ reason: String, at place: Int? = nil
  ) -> ArchiveError {
    ArchiveError(code, reason, offset: Int64(place ?? position))
  }

  mutating func tableOfContents() throws -> TableOfContents {
    let header = try header()
    let place = position
    let count = try integer()
    // In the oldest version an entry has fourteen integers and texts, each of them a sign and an
    // integer at the least.
    guard count >= 0, count <= left / (14 * (1 + integerSize)) else {
      throw fail(.corrupt, "\(count) entries cannot fit", at: place)
    }
    var entries: [ArchiveEntry] = []
    entries.reserveCapacity(count)
    var seen: Set<Int> = []
    for _ in 0..<count {
      let place = position
      let entry = try entry(format: header.format)
      guard seen.insert(entry.dumpID).inserted else {
        throw fail(.corrupt, "entry \(entry.dumpID) stands twice", at: place)
      }
      entries.append(entry)
    }
    if header.format == .directory, left > 0 {
      throw fail(.corrupt, "\(left) bytes stand after the last entry")
    }
    return TableOfContents(header: header, entries: entries)
  }

  // MARK: Header

  private mutating func header() throws -> ArchiveHeader {
    guard left >= TOCReader.magic.count, bytes.prefix(5).elementsEqual(TOCReader.magic) else {
      throw fail(.notAnArchive, "not an archive of pg_dump: it does not start with PGDMP")
    }
    position = TOCReader.magic.count
    version = .init(try byte(), try byte(), try byte())
    guard (ArchiveHeader.Version.oldestRead...ArchiveHeader.Version.newestRead).contains(version)
    else {
      throw fail(
        .unsupported, "archive version \(version) is not read; 1.10 to 1.16 are", at: 5)
    }
    integerSize = Int(try byte())
    guard (1...32).contains(integerSize) else {
      throw fail(.corrupt, "integers of \(integerSize) bytes", at: position - 1)
    }
    offsetSize = Int(try byte())
    guard (1...32).contains(offsetSize) else {
      throw fail(.corrupt, "offsets of \(offsetSize) bytes", at: position - 1)
    }
    let code = try byte()
    guard let format = ArchiveHeader.Format(rawValue: code) else {
      throw fail(.unsupported, "archive format \(code) is not read", at: position - 1)
    }
    let compression = try compression()
    let createdAt = try localTime()
    var header = ArchiveHeader(
      format: format, compression: compression, createdAt: createdAt,
      databaseName: try string() ?? "", serverVersion: try string() ?? "",
      dumperVersion: try string() ?? "")
    header.version = version
    header.integerSize = integerSize
    header.offsetSize = offsetSize
    return header
  }

  private mutating func compression() throws -> Compression {
    let place = position
    if version >= .anyCompression {
      let code = try byte()
      guard let algorithm = Compression.Algorithm(rawValue: code) else {
        throw fail(.unsupported, "compression \(code) is not known", at: place)
      }
      return Compression(algorithm)
    }
    let level = try integer()
    guard (-1...9).contains(level) else {
      throw fail(.corrupt, "compression level \(level) is out of range", at: place)
    }
    return level == 0 ? .none : Compression(.gzip, level: level < 0 ? nil : level)
  }

  private mutating func localTime() throws -> ArchiveHeader.LocalTime {
    var fields: [Int] = []
    for _ in 0..<7 { fields.append(try integer()) }
    // The integers may be as large as Int: a nonsense date must not overflow.
    return .init(
      year: 1900 &+ fields[5], month: 1 &+ fields[4], day: fields[3], hour: fields[2],
      minute: fields[1], second: fields[0], daylightSaving: fields[6])
  }

  // MARK: Entries

  private mutating func entry(format: ArchiveHeader.Format) throws -> ArchiveEntry {
    let place = position
    let dumpID = try integer()
    guard dumpID > 0 else {
      throw fail(.corrupt, "entry number \(dumpID) is out of range", at: place)
    }
    let hasData = try integer() != 0
    let tableOID = try objectID()
    let oid = try objectID()
    let tag = try string() ?? ""
    let kindPlace = position
    guard let kind = try string(), !kind.isEmpty else {
      throw fail(.corrupt, "entry \(dumpID) has no kind", at: kindPlace)
    }
    let section = try section(of: kind)
    var entry = ArchiveEntry(
      dumpID: dumpID, kind: kind, section: section, tag: tag, tableOID: tableOID, oid: oid,
      definition: try string() ?? "", dropStatement: try string() ?? "",
      copyStatement: try string(), hasData: hasData)
    entry.namespace = try string()
    entry.tablespace = try string()
    if version >= .init(1, 14) { entry.accessMethod = try string() }
    if version >= .init(1, 16) { entry.relationKind = try integer() }
    entry.owner = try string() ?? ""
    _ = try string()
    entry.dependencies = try dependencies()
    switch format {
    case .directory: entry.fileName = try fileName()
    case .custom: entry.dataOffset = try offset()
    }
    try check(entry, at: place)
    return entry
  }

  private mutating func section(of kind: String) throws -> ArchiveEntry.Section {
    guard version >= .init(1, 11) else { return TOCReader.section(impliedBy: kind) }
    let place = position
    let code = try integer()
    guard let section = ArchiveEntry.Section(rawValue: code) else {
      throw fail(.corrupt, "section \(code) does not exist", at: place)
    }
    return section
  }

  /// Archives older than 1.11 leave the section to the reader.
  private static func section(impliedBy kind: String) -> ArchiveEntry.Section {
    switch kind {
    case "COMMENT", "ACL", "ACL LANGUAGE": .none
    case "TABLE DATA", "BLOBS", "BLOB COMMENTS", "SEQUENCE SET": .data
    case "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "INDEX", "RULE", "TRIGGER": .postData
    default: .preData
    }
  }

  private mutating func objectID() throws -> UInt32 {
    let place = position
    guard let text = try string(), let value = UInt32(text) else {
      throw fail(.corrupt, "an OID is not a number", at: place)
    }
    return value
  }

  private mutating func dependencies() throws -> [Int] {
    var list: [Int] = []
    while true {
      let place = position
      guard let text = try string() else { return list }
      guard let id = Int(text) else {
        throw fail(.corrupt, "a dependency is not a number", at: place)
      }
      list.append(id)
    }
  }

  private mutating func fileName() throws -> String {
    let place = position
    let name = try string() ?? ""
    guard name.isEmpty || DataFileName.isSafe(name) else {
      throw fail(.unsafeName, "the data file's name \"\(name)\" is not a plain name", at: place)
    }
    return name
  }

  private mutating func offset() throws -> Int64? {
    let place = position
    let flag = try byte()
    guard (1...3).contains(flag) else {
      throw fail(.corrupt, "an offset's flag is \(flag)", at: place)
    }
    let value = try magnitude(offsetSize)
    return flag == 2 ? Int64(value) : nil
  }

  /// The entries that set the session up are read at once, so a bad one refuses the archive.
  private func check(_ entry: ArchiveEntry, at place: Int) throws {
    switch entry.kind {
    case "ENCODING":
      guard let name = entry.quotedSetting, !name.isEmpty else {
        throw fail(.corrupt, "the ENCODING entry names no encoding", at: place)
      }
    case "STDSTRINGS":
      guard ["on", "off"].contains(entry.quotedSetting) else {
        throw fail(.corrupt, "the STDSTRINGS entry is neither on nor off", at: place)
      }
    case "TABLE DATA" where entry.hasData:
      guard !entry.dependencies.isEmpty || !entry.definition.isEmpty else {
        throw fail(.corrupt, "TABLE DATA \(entry.dumpID) names no table", at: place)
      }
    default: break
    }
  }

  // MARK: Primitives

  private mutating func byte() throws -> UInt8 {
    guard left >= 1 else { throw fail(.truncated, "the archive ends early") }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func integer() throws -> Int {
    let place = position
    let isNegative = try byte() != 0
    let value = try magnitude(integerSize)
    guard value <= Int(Int32.max) else {
      throw fail(.corrupt, "the number \(value) is out of range", at: place)
    }
    return isNegative ? -value : value
  }

  /// Little-endian bytes; those that do not fit must be zero.
  private mutating func magnitude(_ size: Int) throws -> Int {
    guard left >= size else { throw fail(.truncated, "the archive ends early") }
    var value: UInt64 = 0
    for index in 0..<size {
      let byte = bytes[position + index]
      guard index < 8 || byte == 0 else { throw fail(.corrupt, "a number is out of range") }
      if index < 8 { value |= UInt64(byte) << UInt64(8 * index) }
    }
    guard let result = Int(exactly: value) else {
      throw fail(.corrupt, "a number is out of range")
    }
    position += size
    return result
  }

  private mutating func string() throws -> String? {
    let place = position
    let length = try integer()
    guard length >= 0 else { return nil }
    guard length <= left else {
      throw fail(
        .truncated, "a text of \(length) bytes does not fit into the \(left) left", at: place)
    }
    let raw = bytes[position..<position + length]
    guard !raw.contains(0) else { throw fail(.corrupt, "a text holds a zero byte", at: place) }
    guard let text = String(validating: raw, as: UTF8.self) else {
      throw fail(
        .unsupported, "a text is not UTF-8; archives in other encodings are not read", at: place)
    }
    position += length
    return text
  }
}
