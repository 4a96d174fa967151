internal import DBOps
internal import Glibc
internal import SystemPackage

/// The files that a command leaves for its results, by patterns.
///
/// A file that was there before and is the same afterwards is of another run: its tests are not taken for
/// this one's.
struct ResultFiles {
  /// What tells a file from one that was written over it.
  private struct Print: Hashable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
  }

  /// No project has more files of results; more of them is a pattern that means something else.
  private static let limit = 10_000
  /// The clock of another host's file system may be behind ours.
  private static let tolerance = 2

  private let patterns: [String]
  private let folder: String
  private let before: [String: Print]
  private let start: Int

  /// Looks at what is there before the command begins.
  init(_ patterns: [String], in folder: String) {
    self.patterns = patterns
    self.folder = folder
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    start = now.tv_sec
    before = ResultFiles.matches(patterns, in: folder).reduce(into: [:]) {
      $0[$1] = ResultFiles.print(of: $1)
    }
  }

  /// Reads what the command has left.
  func read() -> ResultFile {
    var whole = ResultFile()
    let found = ResultFiles.matches(patterns, in: folder)
    for pattern in patterns where ResultFiles.matches([pattern], in: folder).isEmpty {
      let place = pattern.hasPrefix("/") ? "" : " in \(folder)"
      let what = found.isEmpty ? "there are no results" : "there are not all results"
      whole.troubles.append(
        Trouble(.unreadable, "\(what): nothing matches \(pattern)\(place)"))
    }
    var names = TestNames()
    var isEmpty: [Trouble] = []
    let stale = found.filter { isStale($0) }
    if let first = stale.first {
      let others = stale.count > 1 ? " and \(stale.count - 1) more are" : " is"
      whole.troubles.append(
        Trouble(
          .unreadable, "\(first)\(others) older than this run: the command did not write it",
          details: stale.count > 1 ? stale.prefix(100).joined(separator: "\n") : nil,
          during: first))
    }
    for path in found where !stale.contains(path) {
      let file = JUnitReader.read(FilePath(path))
      isEmpty += file.troubles.filter { $0.kind == .nothingRan }
      whole.troubles += file.troubles.filter { $0.kind != .nothingRan }
      whole.results += file.results.map { result in
        var result = result
        result.id = result.attempt > 1 ? names.last : names.unique(result.id)
        return result
      }
    }
    // One of several files may be empty: `swift test` writes one for each library.
    if whole.results.isEmpty, whole.troubles.isEmpty { whole.troubles += isEmpty.prefix(1) }
    return whole
  }

  private func isStale(_ path: String) -> Bool {
    guard let print = ResultFiles.print(of: path) else { return false }
    return before[path] == print || print.seconds < start - ResultFiles.tolerance
  }

  private static func print(of path: String) -> Print? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Print(
      inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }

  // MARK: Patterns

  /// The files, by their whole paths in the order of these, that patterns name: `*` and `?` stand for parts
  /// of a name, `**` for any number of folders.
  static func matches(_ patterns: [String], in folder: String) -> [String] {
    var found: Set<String> = []
    for pattern in patterns {
      let parts = pattern.split(separator: "/").map(String.init)
      collect(parts[...], in: pattern.hasPrefix("/") ? "" : folder, &found)
    }
    return found.sorted()
  }

  private static func collect(
    _ parts: ArraySlice<String>, in folder: String, _ found: inout Set<String>
  ) {
    guard let part = parts.first, found.count < limit else { return }
    let rest = parts.dropFirst()
    if part == "**" {
      collect(rest, in: folder, &found)
      for name in FolderTree.names(in: FilePath(folder.isEmpty ? "/" : folder))
      where !name.hasPrefix(".") && isFolder("\(folder)/\(name)", follows: false) {
        collect(parts, in: "\(folder)/\(name)", &found)
      }
      return
    }
    let isPattern = part.contains("*") || part.contains("?") || part.contains("[")
    let names =
      isPattern
      ? FolderTree.names(in: FilePath(folder.isEmpty ? "/" : folder)).filter {
        fnmatch(part, $0, FNM_PERIOD) == 0
      } : [part]
    for name in names {
      let path = "\(folder)/\(name)"
      if rest.isEmpty {
        if access(path, F_OK) == 0, !isFolder(path, follows: true) { found.insert(path) }
      } else {
        collect(rest, in: path, &found)
      }
    }
  }

  /// A link that is followed could lead back to where it stands.
  private static func isFolder(_ path: String, follows: Bool) -> Bool {
    var status = stat()
    let result = follows ? stat(path, &status) : lstat(path, &status)
    return result == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
