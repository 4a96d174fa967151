/// What stands at the start of an archive, before its table of contents.
public struct ArchiveHeader: Hashable, Sendable {
  /// The archive format's version: not that of any server.
  public struct Version: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first number; 1 in every archive there is.
    public var major: UInt8
    /// The second number, which says what fields there are.
    public var minor: UInt8
    /// The third number, which changes nothing for readers.
    public var revision: UInt8

    /// Creates a version.
    public init(_ major: UInt8, _ minor: UInt8, _ revision: UInt8 = 0) {
      self.major = major
      self.minor = minor
      self.revision = revision
    }

    /// What every pg_restore since 12 reads: plain data and gzip.
    static let plainOrGzip = Version(1, 14)
    /// The first that knows other compressions: pg_restore since 16 reads it.
    static let anyCompression = Version(1, 15)
    static let oldestRead = Version(1, 10)
    static let newestRead = Version(1, 16, .max)

    /// `1.14`
    public var description: String { "\(major).\(minor)" }

    /// Orders by age.
    public static func < (a: Version, b: Version) -> Bool {
      (a.major, a.minor, a.revision) < (b.major, b.minor, b.revision)
    }
  }

  /// Where the data goes.
  public enum Format: UInt8, Sendable {
    /// One file: header, table of contents, data blocks.
    case custom = 1
    /// A folder with `toc.dat` and a file for each table's data. The number is that of the tar
    /// format, which is what pg_dump writes there.
    case directory = 3
  }

  /// The wall clock of the machine that made the archive, as C's `struct tm` without its offset.
  public struct LocalTime: Hashable, Sendable {
    /// The year, such as 2026.
    public var year: Int
    /// 1...12.
    public var month: Int
    /// 1...31.
    public var day: Int
    /// 0...23.
    public var hour: Int
    /// 0...59.
    public var minute: Int
    /// 0...60.
    public var second: Int
    /// 1 in summer time, 0 outside, -1 where nobody knows.
    public var daylightSaving: Int

    /// Creates a time; nothing is checked, as the field is only shown to people.
    public init(
      year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int,
      daylightSaving: Int = 0
    ) {
      self.year = year
      self.month = month
      self.day = day
      self.hour = hour
      self.minute = minute
      self.second = second
      self.daylightSaving = daylightSaving
    }
  }

  /// The format's version.
  public var version: Version
  /// Where the data goes.
  public var format: Format
  /// How many bytes an integer has after its sign.
  public var integerSize = 4
  /// How many bytes a place in the file has after its flag.
  public var offsetSize = 8
  /// How the data is compressed; in a directory the files' own names count, this only tells.
  public var compression: Compression
  /// When the archive was begun.
  public var createdAt: LocalTime
  /// The database that was dumped.
  public var databaseName: String
  /// The server's `server_version`.
  public var serverVersion: String
  /// The version of the program that wrote the archive: free text.
  public var dumperVersion: String

  /// Describes an archive that is about to be written.
  public init(
    format: Format = .directory, compression: Compression, createdAt: LocalTime,
    databaseName: String, serverVersion: String, dumperVersion: String
  ) {
    version = [.none, .gzip].contains(compression.algorithm) ? .plainOrGzip : .anyCompression
    self.format = format
    self.compression = compression
    self.createdAt = createdAt
    self.databaseName = databaseName
    self.serverVersion = serverVersion
    self.dumperVersion = dumperVersion
  }
}
