internal import Glibc
internal import SystemPackage

/// The files that the project's reader looks at.
enum Folder {
  /// The whole path of what somebody wrote, seen from a folder; links are not followed.
  static func absolute(_ path: String, in folder: String) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }

  /// The folder that a file is in.
  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func joined(_ folder: String, _ parts: String...) -> String {
    var path = FilePath(folder)
    for part in parts { path.append(part) }
    return path.string
  }

  static func isFolder(_ path: String) -> Bool { mode(of: path) == S_IFDIR }

  static func isFile(_ path: String) -> Bool { mode(of: path) == S_IFREG }

  static func exists(_ path: String) -> Bool { mode(of: path) != nil }

  /// Whether nothing is there, as far as that can be seen: what may not be looked at is not missing.
  static func isMissing(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR)
  }

  private static func mode(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// The path with all links followed; the path itself where that cannot be done.
  static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// A file's text.
  ///
  /// - Throws: `ProjectError` when it cannot be read, is longer than 16 MiB or is no UTF-8.
  static func text(of path: String) throws(ProjectError) -> String {
    let bytes = try bytes(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ProjectError("\(path) is not UTF-8")
    }
    return text
  }

  /// A file's bytes.
  static func bytes(of path: String) throws(ProjectError) -> [UInt8] {
    do {
      let descriptor = try FileDescriptor.open(path, .readOnly)
      return try descriptor.closeAfter {
        var status = stat()
        fstat(descriptor.rawValue, &status)
        let expected = Int(status.st_size)
        guard expected <= limit else { throw Errno.fileTooLarge }
        var all = try [UInt8](unsafeUninitializedCapacity: expected + 1) { buffer, count in
          count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        // A plain file that gave its size, and less than was asked for, has no more. What is no plain
        // file tells no size.
        if all.count == expected, status.st_mode & S_IFMT == S_IFREG { return all }
        while !all.isEmpty, all.count <= limit {
          let more = try [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
          }
          if more.isEmpty { break }
          all += more
        }
        return all
      }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw ProjectError("cannot read \(path): \(reason)")
    }
  }

  private static let limit = 16 << 20

  /// Makes a folder and those above it, as far as they are missing.
  static func make(_ path: String) throws(ProjectError) {
    if isFolder(path) { return }
    let above = parent(of: path)
    if above != path, !above.isEmpty { try make(above) }
    if mkdir(path, 0o777) != 0, errno != EEXIST {
      throw ProjectError("cannot make \(path): \(Errno(rawValue: errno))")
    }
  }

  /// Writes a new file; one that is there stays as it is.
  static func create(_ path: String, _ text: String) throws(ProjectError) {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .exclusiveCreate],
        permissions: FilePermissions(rawValue: 0o666))
      _ = try file.closeAfter { try file.writeAll(text.utf8) }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw ProjectError("cannot write \(path): \(reason)", status: .failed)
    }
  }

  /// The names in a folder, files and folders apart, each in the order of their characters.
  struct Contents {
    var files: [String] = []
    var folders: [String] = []
    /// The files that are links, or of which the folder does not say what they are.
    var links: Set<String> = []
  }

  /// What is in a folder.
  static func contents(of path: String) throws(ProjectError) -> Contents {
    guard let folder = opendir(path) else {
      throw ProjectError("cannot read \(path): \(Errno(rawValue: errno))")
    }
    defer { closedir(folder) }
    var contents = Contents()
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      switch Int(entry.pointee.d_type) {
      case Int(DT_DIR): contents.folders.append(name)
      case Int(DT_REG): contents.files.append(name)
      // A link to a folder is not followed.
      case Int(DT_LNK) where isFolder(joined(path, name)): break
      case Int(DT_LNK):
        contents.files.append(name)
        contents.links.insert(name)
      default:
        if isFolder(joined(path, name)) {
          contents.folders.append(name)
        } else {
          contents.files.append(name)
          contents.links.insert(name)
        }
      }
    }
    func ordered(_ names: [String]) -> [String] {
      names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }
    contents.files = ordered(contents.files)
    contents.folders = ordered(contents.folders)
    return contents
  }
}
