internal import DBOps
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The files of data that the interpreters of a run write, each one its own: so none writes over another's.
final class CoverageFiles: Sendable {
  let folder: String
  private let count = Mutex(0)
  private let vain = Mutex(0)
  /// Files of which a part could not be kept.
  private let gaps = Mutex<Set<FilePath>>([])

  /// Makes their folder in one of ours.
  init(in parent: String) throws {
    folder = parent + "/coverage"
    guard mkdir(folder, 0o700) == 0 else {
      throw TestFailure("cannot make \(folder): \(Errno(rawValue: errno))")
    }
  }

  /// The name of the next interpreter's.
  func next() -> String {
    count.withLock { count in
      count += 1
      return "\(folder)/.coverage.\(count)"
    }
  }

  /// How many interpreters have got a name, and began.
  var given: Int { count.withLock { $0 } - vain.withLock { $0 } }

  /// An interpreter that had got a name never began.
  func takeBack() { vain.withLock { $0 += 1 } }

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

  // MARK: From pods

  /// Takes a part of a file that an interpreter in a pod has written. One that is not whole in the end counts as
  /// not written.
  ///
  /// - Parameter file: the name that `next` gave for that interpreter.
  func receive(_ part: WorkerEvent.FilePart, of file: String) {
    let isOfAll = part.name == "required" || part.name == "root"
    guard isOfAll || part.name.hasPrefix(".coverage"), !part.name.contains("/") else { return }
    let target = isOfAll ? "\(folder)/\(part.name)" : file + part.name.dropFirst(".coverage".count)
    // Beside the names that are looked for.
    let place = FilePath("\(folder)/part-\(FilePath(file).lastComponent?.string ?? "")\(part.name)")
    guard !gaps.withLock({ $0.contains(place) }) else { return }
    do {
      let descriptor = try FileDescriptor.open(
        place, .writeOnly, options: [.create, .append, .closeOnExec], permissions: .ownerReadWrite)
      try descriptor.closeAfter { _ = try descriptor.writeAll(part.bytes) }
      if part.isLast { rename(place.string, target) }
    } catch {
      // A file with a gap would be merged for a whole one.
      gaps.withLock { _ = $0.insert(place) }
    }
  }
}
