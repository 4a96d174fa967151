internal import Glibc
internal import SystemPackage

/// The processes whose environment holds a mark: all that were started with it, and whatever these
/// started, in whatever group and session they are and whoever is their parent by now.
///
/// A process group ends where a program begins a session of its own, and a parent is forgotten when it
/// ends; an environment stays with a program's children until somebody throws it away on purpose. Only
/// processes of this user can be seen.
public struct MarkedProcesses: Sendable {
  /// An environment with more than that is nobody's mark.
  private static let limit = 4 << 20

  private let entry: [UInt8]

  /// Names a mark.
  ///
  /// - Parameters:
  ///   - name: the variable.
  ///   - value: how its value begins.
  public init(variable name: String, beginning value: String) {
    entry = Array("\(name)=\(value)".utf8)
  }

  /// Those that are there now, this process left out.
  public var identifiers: [Int32] {
    guard let stream = opendir("/proc") else { return [] }
    defer { closedir(stream) }
    var found: [Int32] = []
    while let next = readdir(stream) {
      let name = withUnsafePointer(to: &next.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let id = pid_t(name), id != getpid(), isMarked(id) { found.append(id) }
    }
    return found
  }

  /// Kills them, and those that they start meanwhile.
  ///
  /// - Returns: how many there were; those that would not go within five seconds are in uninterruptible
  ///   waits and go when these end.
  @discardableResult
  public func end() async -> Int {
    var killed: Set<pid_t> = []
    for _ in 0..<500 {
      let found = identifiers
      if found.isEmpty { break }
      for id in found {
        // The number was its own a moment ago: the system gives numbers in a row of millions.
        kill(id, SIGKILL)
        killed.insert(id)
      }
      // A task of its own: they have to go when this one was cancelled, too.
      await Task { try? await Task.sleep(for: .milliseconds(10)) }.value
    }
    return killed.count
  }

  private func isMarked(_ id: pid_t) -> Bool {
    guard
      let file = try? FileDescriptor.open(
        FilePath("/proc/\(id)/environ"), .readOnly, options: .closeOnExec)
    else { return false }
    defer { try? file.close() }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while bytes.count < MarkedProcesses.limit {
      guard let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0
      else { break }
      bytes += buffer[..<count]
    }
    return bytes.split(separator: 0).contains { $0.starts(with: entry) }
  }
}
