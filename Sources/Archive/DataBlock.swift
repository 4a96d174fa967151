public import SystemPackage

/// One entry's data in a custom archive: chunks of one compressed stream, somewhere in the file.
public struct DataBlock: Hashable, Sendable {
  /// The archive.
  public var path: FilePath
  /// The entry's number.
  public var dumpID: Int
  /// The place of the block's first byte.
  public var offset: Int64
  /// How many bytes it has at most, as far as that can be told without reading it: up to the next
  /// block.
  public var bytes: Int64
  let algorithm: Compression.Algorithm
  let integerSize: Int

  /// How messages name it.
  public var name: String { "\(path.lastComponent?.string ?? path.string), entry \(dumpID)" }

  /// How a manifest names the block of an entry: as a directory archive names its file.
  public static func fileName(_ dumpID: Int) -> String { "\(dumpID).dat" }

  /// The first byte of a table's block; 3 is that of large objects.
  static let tableMark: UInt8 = 1
  static let largeObjectMark: UInt8 = 3
}

/// Where an entry's data is.
public enum DataLocation: Hashable, Sendable {
  /// In a file of its own, in a directory archive.
  case file(FilePath)
  /// In a custom archive.
  case block(DataBlock)

  /// How messages name it.
  public var name: String {
    switch self {
    case .file(let path): path.lastComponent?.string ?? path.string
    case .block(let block): block.name
    }
  }

  /// How a manifest names it, whatever the archive's own name is.
  public var manifestName: String {
    switch self {
    case .file: name
    case .block(let block): DataBlock.fileName(block.dumpID)
    }
  }

  /// Its size on disk; a block's is an upper bound.
  public func bytes() throws -> Int64 {
    switch self {
    case .file(let path): try DurableFile.size(path)
    case .block(let block): block.bytes
    }
  }
}
