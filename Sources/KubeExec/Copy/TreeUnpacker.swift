internal import Glibc
internal import SystemPackage

/// What a copy consisted of.
public struct CopyCounts: Hashable, Sendable {
  /// Regular files; further names of one count as links.
  public var files = 0
  /// Folders.
  public var folders = 0
  /// Symbolic and hard links.
  public var links = 0
  /// The bytes in the files.
  public var bytes: Int64 = 0

  mutating func count(_ entry: TarEntry) {
    switch entry.kind {
    case .file:
      files += 1
      bytes += entry.size
    case .folder: folders += 1
    case .symbolicLink, .hardLink: links += 1
    case .other: break
    }
  }
}

/// Unpacks an archive in a folder and nowhere else: every folder on the way to a member is opened by
/// itself, and a link among them is refused, the archive's own too.
package final class TreeUnpacker {
  private let root: FolderHandle
  /// The folder of the last member: most members are in the same as the one before.
  private var last: (parts: [[UInt8]], folder: FolderHandle)
  private var file: (descriptor: FileDescriptor, entry: TarEntry)?
  /// The member that came last, for errors.
  private var member: [UInt8] = []
  /// What has been unpacked.
  package private(set) var counts = CopyCounts()
  /// The folders, whose modes and times come last: until then more goes into them.
  private(set) var folders: [(parts: [[UInt8]], entry: TarEntry)] = []

  /// Unpacks in an existing folder.
  package convenience init(in folder: String) throws { self.init(try FolderHandle(path: folder)) }

  init(_ root: FolderHandle) {
    self.root = root
    last = ([], root)
  }

  deinit { try? file?.descriptor.close() }

  /// Takes what the reader of the archive says.
  package func take(_ event: TarReader.Event) throws {
    do {
      switch event {
      case .entry(let entry):
        member = entry.path
        try begin(entry)
      case .contents(let bytes): try file?.descriptor.writeAll(bytes)
      case .endOfEntry: try endFile()
      }
    } catch let error as Errno { throw unwritable(error) }
  }

  /// Gives the folders their modes and times: the innermost first.
  package func finish() throws {
    for (parts, entry) in folders.reversed() {
      member = entry.path
      do { try Self.finish(parts, entry, in: root) } catch { throw unwritable(error) }
    }
  }

  private func endFile() throws {
    guard let (descriptor, entry) = file else { return }
    file = nil
    let isSet =
      fchmod(descriptor.rawValue, entry.mode & 0o777) == 0
      && futimens(descriptor.rawValue, FolderHandle.times(entry)) == 0
    let error = Errno(rawValue: errno)
    try descriptor.close()
    if !isSet { throw error }
  }

  /// Gives a folder its mode and time.
  static func finish(_ parts: [[UInt8]], _ entry: TarEntry, in root: FolderHandle) throws(Errno) {
    var folder = root
    for part in parts { folder = try folder.folder(part) }
    guard fchmod(folder.descriptor, entry.mode & 0o777) == 0,
      futimens(folder.descriptor, FolderHandle.times(entry)) == 0
    else { throw Errno(rawValue: errno) }
  }

  private func begin(_ entry: TarEntry) throws {
    let parts = try TarPath.parts(of: entry.path)
    if case .other = entry.kind {
      throw TarError("is no file, folder or link, and cannot be copied", entry.path)
    }
    if let name = parts.last {
      try make(entry, name, in: folder(Array(parts.dropLast())))
    } else if entry.kind != .folder {
      throw TarError("is no name for a file", entry.path)
    }
    counts.count(entry)
    if entry.kind == .folder { folders.append((parts, entry)) }
  }

  private func make(_ entry: TarEntry, _ name: [UInt8], in folder: FolderHandle) throws {
    if entry.kind == .folder {
      _ = try inner(name, of: folder)
      return
    }
    try folder.removeFile(name)
    switch entry.kind {
    case .file: file = (try folder.makeFile(name), entry)
    case .symbolicLink:
      try folder.makeLink(name, to: entry.target)
      try folder.setTime(name, entry)
    default:
      let other = try TarPath.parts(of: entry.target)
      guard let otherName = other.last else { throw TarError("is a link to nothing", entry.path) }
      let place = try self.folder(Array(other.dropLast()))
      try folder.makeHardLink(name, to: otherName, in: place)
    }
  }

  /// The folder with these parts; made where the archive has not named it.
  private func folder(_ parts: [[UInt8]]) throws -> FolderHandle {
    if parts == last.parts { return last.folder }
    var folder = root
    for part in parts { folder = try inner(part, of: folder) }
    last = (parts, folder)
    return folder
  }

  /// A folder in another one, made if need be.
  private func inner(_ name: [UInt8], of folder: FolderHandle) throws -> FolderHandle {
    guard let status = try folder.status(name) else {
      try folder.makeFolder(name)
      return try folder.folder(name)
    }
    // Nobody but us writes here; if somebody does, opening follows no link either.
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw TarError("in the archive leads through a link or a file", member)
    }
    return try folder.folder(name)
  }

  private func unwritable(_ error: any Error) -> TarError {
    TarError("cannot be written: \(error)", member)
  }
}
