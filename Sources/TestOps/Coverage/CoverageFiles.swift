internal import DBOps
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The files of data that the interpreters of a run write, each one its own: so none writes over another's.
final class CoverageFiles: Sendable {
  let folder: String
  private let count = Mutex(0)

  /// Makes their folder in one of ours.
  init(in parent: String) throws {
    folder = parent + "/coverage"
    guard mkdir(folder, 0o700) == 0 else { throw Errno(rawValue: errno) }
  }

  /// The name of the next interpreter's.
  func next() -> String {
    count.withLock { count in
      count += 1
      return "\(folder)/.coverage.\(count)"
    }
  }

  /// How many interpreters have got a name.
  var given: Int { count.withLock { $0 } }

  /// Those that were written. An interpreter may write several, for processes that it started.
  var written: [String] {
    FolderTree.names(in: FilePath(folder)).filter { $0.hasPrefix(".coverage.") }.sorted()
  }

  /// Whether options of the project's ask for a least coverage.
  var isRequired: Bool { access(folder + "/required", F_OK) == 0 }

  /// Of how many interpreters there is none.
  var lost: Int {
    let numbers = Set(
      written.compactMap { $0.split(separator: ".").dropFirst().first.flatMap { Int($0) } })
    return given - numbers.count
  }
}
