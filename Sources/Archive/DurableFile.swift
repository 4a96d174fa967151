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

  /// Writes a file that may be there already, so that every reader sees all of the old one or all of
  /// the new one. What a killed writer left, `.NAME.new`, the next one removes.
  ///
  /// - Parameter permissions: who may read it, whatever the process's own mask is.
  public static func replace(
    _ path: FilePath, with bytes: [UInt8], permissions: FilePermissions = .ownerReadWrite
  ) throws {
    let name = path.lastComponent?.string ?? path.string
    let folder = path.removingLastComponent()
    // Writers take turns, so that what a killed one left can be told from what one works on.
    let turn = try? FileDescriptor.open(
      folder.isEmpty ? "." : folder, .readOnly, options: [.directory, .closeOnExec])
    defer { try? turn?.close() }
    if let turn { while flock(turn.rawValue, LOCK_EX) != 0, errno == EINTR {} }
    let aside = folder.appending(".\(name).new")
    unlink(aside.string)
    do {
      try write(bytes, to: aside)
      guard chmod(aside.string, permissions.rawValue) == 0 else {
        throw ArchiveError(
          .fileSystem, "cannot write: \(Errno(rawValue: errno))", file: name)
      }
      try rename(aside, to: path)
    } catch {
      unlink(aside.string)
      throw error
    }
  }

  /// Reads a file wholly into memory; refuses one that is larger than `limit`.
  public static func read(_ path: FilePath, atMost limit: Int) throws -> [UInt8] {
    let name = path.lastComponent?.string ?? path.string
    return try attempt("read", name) {
      let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
          let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { return bytes }
          bytes += chunk.prefix(count)
          guard bytes.count <= limit else {
            throw ArchiveError(.corrupt, "larger than \(limit) bytes", file: name)
          }
        }
      }
    }
  }

  /// A file's size on disk.
  public static func size(_ path: FilePath) throws -> Int64 {
    try attempt("look at", path.lastComponent?.string ?? path.string) {
      var status = stat()
      guard stat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
      return Int64(status.st_size)
    }
  }

  /// Gives a file or folder another name in the same folder and makes that durable; what stood
  /// under the new name is replaced, unless it is a folder with anything in it.
  public static func rename(_ path: FilePath, to target: FilePath) throws {
    try attempt("rename to \(target.lastComponent?.string ?? target.string)", path.string) {
      guard Glibc.rename(path.string, target.string) == 0 else { throw Errno(rawValue: errno) }
    }
    try syncFolder(target.removingLastComponent())
  }

  /// Makes the names in a folder durable: what was created, renamed and removed in it.
  public static func syncFolder(_ path: FilePath) throws {
    let path = path.isEmpty ? "." : path
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
