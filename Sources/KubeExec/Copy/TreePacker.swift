internal import Glibc
internal import SystemPackage

/// Writes a file, or a folder with all below it, as a tar archive.
package struct TreePacker {
  private let parent: FolderHandle
  private let name: [UInt8]
  /// How people call it.
  let path: String
  private let isFolder: Bool

  /// Names what is to be packed; a symbolic link is packed as one, unless a slash or a dot stands
  /// behind it.
  package init(_ path: String) throws(KubeError) {
    self.path = path
    let bytes = Array(path.utf8)
    do {
      let split = PathName(bytes)
      if let last = split.last {
        parent = try FolderHandle(path: split.parent)
        name = last
      } else {
        parent = try FolderHandle(path: path)
        name = [UInt8(ascii: ".")]
      }
      guard let status = try parent.status(name) else { throw Errno.noSuchFileOrDirectory }
      isFolder = status.st_mode & S_IFMT == S_IFDIR
    } catch {
      throw KubeError(.invalidRequest, "cannot read \"\(path)\": \(error)")
    }
  }

  /// Whether it is a folder.
  package var packsFolder: Bool { isFolder }

  /// The names in the folder.
  func children() throws(KubeError) -> [[UInt8]] {
    do { return try parent.folder(name).names() } catch {
      throw KubeError(.hopeless, "cannot read \"\(path)\": \(error)")
    }
  }

  private func walk(as root: [UInt8]) -> TreeWalk { TreeWalk(parent, name, as: root, path) }

  /// Counts what would be packed.
  ///
  /// - Throws: an error that names what cannot be copied.
  package func survey() throws(KubeError) -> CopyCounts {
    var counts = CopyCounts()
    var walk = walk(as: [])
    while let found = try walk.next() { counts.count(found.entry) }
    return counts
  }

  /// The archive of it, under another name.
  package func archive(as root: [UInt8]) -> TreeArchive { TreeArchive(walk(as: root)) }
}

/// A path's last name and the folder before it.
struct PathName {
  /// The folder; `.` where the path names none.
  var parent: String
  /// The name; nil where the path means all that is in a folder: `dir/.`, `..`, `/`.
  var last: [UInt8]?

  /// Takes a path apart, whose slashes at the end mean nothing.
  init(_ path: [UInt8]) {
    let slash = UInt8(ascii: "/")
    let used = path.lastIndex { $0 != slash }.map { path[...$0] } ?? []
    let start = used.lastIndex(of: slash).map { $0 + 1 } ?? 0
    let name = Array(used[start...])
    let isPlace = name.isEmpty || name == Array(".".utf8) || name == Array("..".utf8)
    last = isPlace ? nil : name
    if isPlace {
      parent = String(decoding: path.isEmpty ? Array(".".utf8) : path, as: UTF8.self)
    } else {
      let before = String(decoding: used[..<start], as: UTF8.self)
      parent = before.isEmpty ? "." : before
    }
  }
}
