public import SystemPackage

/// The names of data files in a directory archive.
public enum DataFileName {
  /// The algorithms in the order in which pg_restore looks for their files.
  private static let searched: [Compression.Algorithm] = [.none, .gzip, .lz4, .zstd]

  /// The names that an entry's data file may have on disk.
  public static func candidates(_ name: String) -> [String] {
    searched.map { name + $0.suffix }
  }

  /// How a file of this name is compressed.
  static func algorithm(of fileName: String) -> Compression.Algorithm {
    searched.first { $0 != .none && fileName.hasSuffix($0.suffix) } ?? .none
  }

  /// Whether a name out of an archive is a plain file name: it must not lead out of the folder,
  /// nor stand for one of the files that are not data.
  public static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 250
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F }
      && !["toc.dat", "manifest.json"].contains(name)
  }

  /// The name, where it is a plain one; throws `ArchiveError` where it is not.
  static func checked(_ name: String) throws -> String {
    guard isSafe(name) else {
      throw ArchiveError(.unsafeName, "the data file's name \"\(name)\" is not a plain name")
    }
    return name
  }

  /// The file that holds an entry's data: the plain name is tried first, then `.gz`, `.lz4` and
  /// `.zst`, as pg_restore does.
  ///
  /// Throws `ArchiveError` where there is none.
  public static func locate(_ name: String, in folder: FilePath) throws -> FilePath {
    for candidate in candidates(try checked(name)) where exists(folder.appending(candidate)) {
      return folder.appending(candidate)
    }
    throw ArchiveError(.fileSystem, "the data file is missing", file: name)
  }

  private static func exists(_ path: FilePath) -> Bool {
    guard let descriptor = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      return false
    }
    try? descriptor.close()
    return true
  }
}
