/// Writes the primitives of an archive, header and entries, in version 1.14 or 1.15.
struct TOCWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write(_ toc: TableOfContents) {
    write(toc.header)
    integer(toc.entries.count)
    for entry in toc.entries {
      write(entry)
      switch toc.header.format {
      case .directory: string(entry.fileName)
      case .custom: offset(entry)
      }
    }
  }

  private mutating func write(_ header: ArchiveHeader) {
    let version = header.version
    bytes += TOCReader.magic
    bytes += [version.major, version.minor, version.revision]
    bytes += [4, 8, header.format.rawValue]
    let compression = header.compression
    if version >= .anyCompression {
      bytes.append(compression.algorithm.rawValue)
    } else {
      integer(compression.algorithm == .none ? 0 : compression.level ?? -1)
    }
    let time = header.createdAt
    for field in [
      time.second, time.minute, time.hour, time.day, time.month - 1, time.year - 1900,
      time.daylightSaving,
    ] {
      integer(field)
    }
    string(header.databaseName)
    string(header.serverVersion)
    string(header.dumperVersion)
  }

  private mutating func write(_ entry: ArchiveEntry) {
    integer(entry.dumpID)
    integer(entry.hasData ? 1 : 0)
    string(String(entry.tableOID))
    string(String(entry.oid))
    string(entry.tag)
    string(entry.kind)
    integer(entry.section.rawValue)
    string(entry.definition)
    string(entry.dropStatement)
    string(entry.copyStatement)
    string(entry.namespace)
    string(entry.tablespace)
    string(entry.accessMethod)
    string(entry.owner)
    // Whether the table has OIDs: none has, since PostgreSQL 12, and readers crash on NULL here.
    string("false")
    for dependency in entry.dependencies { string(String(dependency)) }
    string(nil)
  }

  /// A flag, and the place of the data: always of the same size, so that it can be put in later.
  private mutating func offset(_ entry: ArchiveEntry) {
    bytes.append(entry.hasData ? (entry.dataOffset == nil ? 1 : 2) : 3)
    withUnsafeBytes(of: UInt64(entry.dataOffset ?? 0).littleEndian) { bytes += $0 }
  }

  private mutating func integer(_ value: Int) {
    bytes.append(value < 0 ? 1 : 0)
    withUnsafeBytes(of: UInt32(clamping: value.magnitude).littleEndian) { bytes += $0 }
  }

  private mutating func string(_ text: String?) {
    guard let text else { return integer(-1) }
    integer(text.utf8.count)
    bytes += text.utf8
  }
}
