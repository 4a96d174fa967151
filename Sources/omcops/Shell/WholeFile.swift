internal import Glibc
internal import SystemPackage
internal import Terminal

/// Small files that a command reads or writes as a whole; all of it throws `Errno`.
enum WholeFile {
  static func read(_ path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      String(decoding: InputStream(descriptor: file.rawValue).readAll(), as: UTF8.self)
    }
  }

  /// Writes beside its place and renames, so that a reader sees the old file or the new one. A
  /// place that is no plain file, such as a terminal or a pipe, is written to as it is.
  ///
  /// - Parameter isPrivate: whether only its owner may read the file.
  static func write(_ text: String, to path: FilePath, isPrivate: Bool = false) throws {
    var status = stat()
    let isSpecial = stat(path.string, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    let place = isSpecial ? path : FilePath("\(path).partial-\(getpid())")
    var permissions: FilePermissions = [.ownerReadWrite]
    if !isPrivate { permissions.formUnion([.groupRead, .otherRead]) }
    do {
      let file = try FileDescriptor.open(
        place, .writeOnly,
        options: isSpecial ? [.closeOnExec] : [.create, .truncate, .closeOnExec],
        permissions: permissions)
      try file.closeAfter { _ = try file.writeAll(text.utf8) }
      if isSpecial { return }
      guard rename(place.string, path.string) == 0 else { throw Errno(rawValue: errno) }
    } catch {
      if !isSpecial { unlink(place.string) }
      throw error
    }
  }

  /// Makes a folder and those above it.
  static func makeFolder(_ path: FilePath) throws {
    var made = FilePath(root: path.root)
    for component in path.components {
      made.append(component)
      guard mkdir(made.string, 0o777) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }
  }

  /// The names in a folder, in order.
  static func names(in path: FilePath) throws -> [String] {
    guard let stream = opendir(path.string) else { throw Errno(rawValue: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}
