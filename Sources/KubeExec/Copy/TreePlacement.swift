internal import Glibc
internal import SystemPackage

/// A folder of its own beside the target, in which a copy becomes whole before anybody sees it.
final class TreePlacement {
  /// Where the copy will stand, as people call it.
  let target: String
  /// Whether the target is a folder that is there already.
  let isMerge: Bool
  private let place: FolderHandle
  private let stageName: [UInt8]
  private let finalName: [UInt8]
  /// The folder to unpack in.
  let stage: FolderHandle

  /// Finds out what `cp -r SOURCE PATH` would write to, and makes the folder beside it.
  ///
  /// - Parameter name: the source's last name; nil when all in a folder is meant.
  init(_ path: String, name: [UInt8]?) throws(KubeError) {
    do {
      (target, isMerge) = try Self.target(path, name)
      let split = PathName(Array(target.utf8))
      place = try FolderHandle(path: isMerge ? target : split.parent)
      finalName = split.last ?? Array(".".utf8)
      stageName = Array(".omcops-cp-\(getpid())-\(UInt32.random(in: 0 ... .max))".utf8)
      try place.makeFolder(stageName)
      stage = try place.folder(stageName)
    } catch {
      throw KubeError(.invalidRequest, "cannot write to \"\(path)\": \(error)")
    }
  }

  /// The target, and whether it is a folder that is there.
  static func target(
    _ path: String, _ name: [UInt8]?
  ) throws(Errno) -> (target: String, isMerge: Bool) {
    var status = stat()
    if fstatat(AT_FDCWD, path, &status, 0) != 0 {
      guard errno == ENOENT else { throw Errno(rawValue: errno) }
      return (path, false)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return (path, false) }
    guard let name else { return (path, true) }
    let folder = try FolderHandle(path: path)
    let inner = try folder.status(name)
    let inPath = path.hasSuffix("/") ? path : path + "/"
    return (
      inPath + String(decoding: name, as: UTF8.self),
      inner.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    )
  }

  /// Removes what did not become whole.
  func discard() { try? place.removeTree(stageName) }

  /// Puts the copy, which has this name in the folder, where it belongs.
  ///
  /// - Throws: before the first change when a file would take a folder's place or the other way round.
  func commit(_ copy: [UInt8], _ folders: [(parts: [[UInt8]], entry: TarEntry)]) throws {
    let isFolder = try stage.status(copy).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    if isMerge {
      guard isFolder else { throw clash(target, isFolder: true) }
      let copied = try stage.folder(copy)
      var kept: Set<[[UInt8]]> = [[]]
      try merge(copied, into: place, [], isTrial: true, &kept)
      try merge(copied, into: place, [], isTrial: false, &kept)
      try finish(folders.filter { !kept.contains(Array($0.parts.dropFirst())) }, in: place)
    } else {
      if isFolder, try place.status(finalName) != nil { throw clash(target, isFolder: false) }
      try stage.move(copy, to: place, as: finalName)
      if isFolder { try finish(folders, in: place.folder(finalName)) }
    }
  }

  private func finish(
    _ folders: [(parts: [[UInt8]], entry: TarEntry)], in root: FolderHandle
  ) throws {
    for (parts, entry) in folders.reversed() {
      try TreeUnpacker.finish(Array(parts.dropFirst()), entry, in: root)
    }
  }

  /// Moves everything in a folder into another one; a folder that is there stays and takes more.
  private func merge(
    _ from: FolderHandle, into folder: FolderHandle, _ parts: [[UInt8]], isTrial: Bool,
    _ kept: inout Set<[[UInt8]]>
  ) throws {
    for name in try from.names() {
      let there = try folder.status(name).map { $0.st_mode & S_IFMT == S_IFDIR }
      let isFolder = try from.status(name).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
      if let there, there != isFolder {
        throw clash(target + "/" + TarPath.text(parts + [name]), isFolder: there)
      }
      if isFolder, there != nil {
        kept.insert(parts + [name])
        try merge(
          from.folder(name), into: folder.folder(name), parts + [name], isTrial: isTrial, &kept)
      } else if !isTrial {
        try from.move(name, to: folder, as: name)
      }
    }
  }

  private func clash(_ path: String, isFolder: Bool) -> KubeError {
    KubeError(
      .refused,
      isFolder
        ? "\"\(path)\" is a folder, and what would be copied there is none; nothing was changed"
        : "\"\(path)\" is no folder, and a folder would be copied there; nothing was changed")
  }
}
