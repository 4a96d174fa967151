public import SystemPackage

/// The names of data files in a directory archive.
public enum DataFileName {
  /// The suffix of a file in gzip members.
  public static let gzipSuffix = ".gz"

  /// Whether a name out of an archive is a plain file name: it must not lead out of the folder,
  /// nor stand for one of the files that are not data.
  public static func isSafe(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name.utf8.count <= 250
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7F }
      && !["toc.dat", "manifest.json"].contains(name)
  }

  /// The file that holds an entry's data: the plain name is tried first, then `.gz`, as
  /// pg_restore does.
  ///
  /// Throws `ArchiveError` where there is none, or only one in a compression that is not read.
  public static func locate(_ name: String, in folder: FilePath) throws -> FilePath {
    guard isSafe(name) else {
      throw ArchiveError(.unsafeName, "the data file's name \"\(name)\" is not a plain name")
    }
    for suffix in ["", gzipSuffix] where exists(folder.appending(name + suffix)) {
      return folder.appending(name + suffix)
    }
    for suffix in [".lz4", ".zst"] where exists(folder.appending(name + suffix)) {
      throw ArchiveError(
        .unsupported, "the compression is not read; plain and gzip files are", file: name + suffix)
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
