internal import Glibc
internal import SystemPackage

/// Goes through a file, or a folder and all below it: a folder comes before what is in it.
struct TreeWalk {
  /// A member, and where it is found.
  typealias Found = (entry: TarEntry, folder: FolderHandle, name: [UInt8])

  /// A folder that is not done, its names to come in reverse order.
  private struct Level {
    var folder: FolderHandle
    var path: [UInt8]
    var names: [[UInt8]]
  }

  private struct Identity: Hashable {
    var device: UInt64
    var number: UInt64
  }

  private let path: String
  private var levels: [Level]
  private var root: [UInt8]?
  /// The first names of files that have several.
  private var seen: [Identity: [UInt8]] = [:]

  /// - Parameters:
  ///   - root: what the top is called in the archive.
  ///   - path: what people call it.
  init(_ folder: FolderHandle, _ name: [UInt8], as root: [UInt8], _ path: String) {
    self.path = path
    self.root = root
    levels = [Level(folder: folder, path: [], names: [name])]
  }

  /// The next member; nil at the end.
  ///
  /// - Throws: an error that names what cannot be read or copied.
  mutating func next() throws(KubeError) -> Found? {
    while let level = levels.last, level.names.isEmpty { levels.removeLast() }
    guard let level = levels.last, let name = levels[levels.count - 1].names.popLast() else {
      return nil
    }
    var member = level.path.isEmpty ? name : level.path + [UInt8(ascii: "/")] + name
    if let root {
      member = root
      self.root = nil
    }
    let shown = member.isEmpty ? path : String(decoding: member, as: UTF8.self)
    do {
      guard let status = try level.folder.status(name) else { throw Errno.noSuchFileOrDirectory }
      var entry = try entry(member, status, shown)
      if entry.kind == .symbolicLink { entry.target = try level.folder.target(of: name) }
      if entry.kind == .file, status.st_nlink > 1 { note(&entry, status) }
      if entry.kind == .folder {
        let inner = try level.folder.folder(name)
        levels.append(Level(folder: inner, path: member, names: try inner.names().reversed()))
      }
      return (entry, level.folder, name)
    } catch let error as KubeError {
      throw error
    } catch {
      throw KubeError(.hopeless, "cannot read \"\(shown)\": \(error)")
    }
  }

  /// A file's second name is a link to its first one.
  private mutating func note(_ entry: inout TarEntry, _ status: stat) {
    let identity = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    if let first = seen[identity] {
      entry.kind = .hardLink
      entry.size = 0
      entry.target = first
    } else {
      seen[identity] = entry.path
    }
  }

  private func entry(
    _ path: [UInt8], _ status: stat, _ shown: String
  ) throws(KubeError) -> TarEntry {
    var entry = TarEntry(
      path: path, kind: .file, mode: status.st_mode & 0o777,
      seconds: Int64(status.st_mtim.tv_sec), nanoseconds: status.st_mtim.tv_nsec)
    switch status.st_mode & S_IFMT {
    case S_IFREG: entry.size = Int64(status.st_size)
    case S_IFDIR: entry.kind = .folder
    case S_IFLNK: entry.kind = .symbolicLink
    default:
      throw KubeError(.refused, "\"\(shown)\" is no file, folder or link, and cannot be copied")
    }
    return entry
  }
}
