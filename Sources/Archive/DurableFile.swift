internal import Digest
internal import Glibc
public import SystemPackage

/// Files that are on the disk when the call returns.
public enum DurableFile {
  /// Writes a new file in one go and syncs it; the folder is left to `syncFolder`.
  ///
  /// Throws `ArchiveError` when the file exists already or the file system refuses.
  @discardableResult
  public static func write(_ bytes: [UInt8], to path: FilePath) throws -> DataFileSummary {
    let name = path.lastComponent?.string ?? path.string
    try attempt("write", name) {
      let descriptor = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: .ownerReadWrite)
      try descriptor.closeAfter {
        _ = try descriptor.writeAll(bytes)
        try sync(descriptor)
      }
    }
    return DataFileSummary(
      fileName: name, bytes: Int64(bytes.count), sha256: SHA256.hex(of: bytes),
      rawBytes: Int64(bytes.count))
  }

  /// Makes the names in a folder durable: what was created, renamed and removed in it.
  public static func syncFolder(_ path: FilePath) throws {
    try attempt("sync the folder", path.string) {
      let descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.directory, .closeOnExec])
      try descriptor.closeAfter { try sync(descriptor) }
    }
  }

  static func sync(_ descriptor: FileDescriptor) throws(Errno) {
    while fsync(descriptor.rawValue) != 0 {
      guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
  }

  /// Runs file system calls and says which file they were about when they fail.
  static func attempt<T>(_ deed: String, _ file: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as Errno {
      throw ArchiveError(.fileSystem, "cannot \(deed): \(error)", file: file)
    }
  }
}

extension TableOfContents {
  /// Writes `toc.dat` into a folder and syncs it.
  public func write(into folder: FilePath) throws -> DataFileSummary {
    try DurableFile.write(serialized(), to: folder.appending(TableOfContents.fileName))
  }
}
