internal import Diagnostics
internal import Glibc
public import SystemPackage

/// A folder that holds runbooks, one file each.
public struct RunbookFolder: Sendable {
  /// Where it is.
  public let path: FilePath

  /// Takes a folder as it is; nothing is read yet.
  public init(_ path: FilePath) { self.path = path }

  /// Looks for a folder `runbooks` in a folder and in those above it.
  public static func find(upFrom start: FilePath) -> RunbookFolder? {
    var folder = start
    while true {
      let candidate = folder.appending("runbooks")
      if FileKind(of: candidate) == .folder { return RunbookFolder(candidate) }
      let parent = folder.removingLastComponent()
      if parent == folder || parent.isEmpty { return nil }
      folder = parent
    }
  }

  /// The runbooks' files by name, in order of their names.
  public func files() throws(RunbookError) -> [FilePath] {
    guard let stream = opendir(path.string) else {
      throw RunbookError(.unreadable, "cannot read the folder \(path): \(Errno(rawValue: errno))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
        names.append(name)
      }
    }
    return names.sorted().map { path.appending($0) }
  }

  /// The file of a runbook.
  public func file(of name: String) throws(RunbookError) -> FilePath {
    let files = try files()
    if let file = files.first(where: { $0.stem == name }) { return file }
    let names = files.compactMap(\.stem)
    throw RunbookError(
      .notFound,
      "there is no runbook \"\(name)\" in \(path)\(Suggestion.phrase(for: name, among: names))",
      hint: names.isEmpty ? nil : "Runbooks there: \(names.joined(separator: ", ")).")
  }
}

extension Runbook {
  /// Reads a runbook's file.
  public static func load(
    _ path: FilePath, catalog: ActionCatalog = ActionCatalog()
  ) throws(RunbookError) -> Runbook {
    try Runbook(parsing: bytes(of: path), file: path.string, catalog: catalog)
  }

  private static let maximumBytes = 1 << 20

  static func bytes(of path: FilePath) throws(RunbookError) -> [UInt8] {
    do {
      let file = try FileDescriptor.open(path, .readOnly)
      return try file.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumBytes {
          let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
          if count == 0 { break }
          bytes += buffer[..<count]
        }
        return bytes
      }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw RunbookError(.unreadable, "cannot read the runbook \(path): \(reason)")
    }
  }
}

/// What stands at a path.
private enum FileKind {
  case folder, other

  init?(of path: FilePath) {
    var status = stat()
    guard stat(path.string, &status) == 0 else { return nil }
    self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
  }
}
