internal import Glibc
internal import SystemPackage

/// Files that appear whole or not at all, also after a loss of power.
enum DurableFile {
  /// Writes a file beside its place, syncs it, renames it and syncs the folder.
  static func write(_ bytes: some Sequence<UInt8>, to path: FilePath) throws(RunError) {
    let aside = FilePath(path.string + ".partial-\(getpid())")
    do {
      let file = try FileDescriptor.open(
        aside, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite])
      try file.closeAfter {
        try file.writeAll(bytes)
        try sync(file)
      }
      guard rename(aside.string, path.string) == 0 else { throw Errno(rawValue: errno) }
      try sync(folder: path.removingLastComponent())
    } catch {
      unlink(aside.string)
      throw failure("write", path, error)
    }
  }

  /// Reads a whole file of a run; these are small.
  static func read(_ path: FilePath) throws(RunError) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
      return try file.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
          if count == 0 { return bytes }
          bytes += buffer[..<count]
        }
      }
    } catch {
      throw failure("read", path, error)
    }
  }

  /// Makes a folder that only its owner can enter, and those above it.
  static func makeFolder(_ path: FilePath) throws(RunError) {
    var made = FilePath(root: path.root)
    for component in path.components {
      made.append(component)
      if mkdir(made.string, 0o700) != 0, errno != EEXIST {
        throw failure("make the folder", path, Errno(rawValue: errno))
      }
    }
    // Umask can take bits away from mkdir; a folder that was there keeps its mode.
  }

  static func sync(_ file: FileDescriptor) throws {
    guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
  }

  static func sync(folder: FilePath) throws {
    let descriptor = try FileDescriptor.open(
      folder, .readOnly, options: [.directory, .closeOnExec])
    try descriptor.closeAfter { try sync(descriptor) }
  }

  static func failure(_ verb: String, _ path: FilePath, _ error: any Error) -> RunError {
    let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
    return RunError(.file, "cannot \(verb) \(path): \(reason)")
  }
}
