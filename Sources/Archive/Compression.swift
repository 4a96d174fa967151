public import SystemPackage

/// How the data of an archive is compressed.
public struct Compression: Hashable, Sendable, CustomStringConvertible {
  /// The ways there are; the numbers are those that archives since 1.15 hold.
  public enum Algorithm: UInt8, Hashable, Sendable, CaseIterable {
    /// Plain bytes.
    case none = 0
    /// RFC 1952; what every pg_restore reads.
    case gzip = 1
    /// LZ4 frames; pg_restore 16 and newer.
    case lz4 = 2
    /// RFC 8878; pg_restore 16 and newer.
    case zstd = 3

    /// As `--compress` names it.
    public var name: String { "\(self)" }

    /// What the names of compressed data files end in.
    public var suffix: String {
      switch self {
      case .none: ""
      case .gzip: ".gz"
      case .lz4: ".lz4"
      case .zstd: ".zst"
      }
    }

    /// The levels it takes, the first of them where none is said; nil where it has none.
    ///
    /// At level 1 ISA-L is ten times as fast as zlib at its default, and libdeflate, which does it where
    /// ISA-L is not installed, five times; both are nearly as small. zstd is faster still, and smaller.
    public var levels: ClosedRange<Int>? {
      switch self {
      case .none, .lz4: nil
      case .gzip: 1...9
      case .zstd: 1...19
      }
    }
  }

  /// The way.
  public var algorithm: Algorithm
  /// How hard; nil for the algorithm's default, and where an archive does not tell.
  public var level: Int?

  /// Names a way, and how hard.
  public init(_ algorithm: Algorithm, level: Int? = nil) {
    self.algorithm = algorithm
    self.level = level
  }

  /// Plain bytes.
  public static let none = Compression(.none)

  /// Reads `gzip[:1...9]`, `zstd[:1...19]`, `lz4` or `none`; and, as pg_dump does, a number alone:
  /// 0 for none, 1...9 for gzip.
  public init?(_ text: String) {
    if let level = Int(text) {
      guard (0...9).contains(level), text.utf8.count == 1 else { return nil }
      self = level == 0 ? .none : Compression(.gzip, level: level)
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let algorithm = Algorithm.allCases.first(where: { $0.name == parts[0] }) else {
      return nil
    }
    self.init(algorithm)
    guard parts.count == 2 else { return }
    guard let level = Int(parts[1]), algorithm.levels?.contains(level) == true else { return nil }
    self.level = level
  }

  /// What the stock pg_restore of a server reads and is quickest with: gzip up to 15, zstd since.
  public static func preferred(byServer major: Int) -> Compression {
    Compression(major < 16 ? .gzip : .zstd)
  }

  /// What `init` reads.
  public var description: String {
    level.map { "\(algorithm.name):\($0)" } ?? algorithm.name
  }
}

extension Compression.Algorithm {
  /// How a file is compressed, by the bytes that it begins with.
  ///
  /// Throws `ArchiveError` where it cannot be read.
  public static func detected(in path: FilePath) throws -> Compression.Algorithm {
    Compression.Algorithm(startingWith: try FileCursor.start(of: path, 4))
  }

  /// How data is compressed, by the bytes that it begins with.
  init(startingWith start: [UInt8]) {
    if start.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      self = .zstd
    } else if start.starts(with: [0x04, 0x22, 0x4D, 0x18]) {
      self = .lz4
    } else {
      self = .none
    }
  }
}
