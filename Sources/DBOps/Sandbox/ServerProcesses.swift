internal import Glibc
internal import SystemPackage

/// The programs that work on one data folder.
///
/// They are known by their arguments, which hold the folder's path, and not by a number in a file:
/// numbers are given anew to strangers, and after a crash the file may be missing.
struct ServerProcesses {
  let data: FilePath

  /// The running ones: the server's main process, or initdb and pg_ctl while it starts.
  var identifiers: [pid_t] {
    FolderTree.names(in: "/proc").compactMap { pid_t($0) }.filter { id in
      guard let line = ServerProcesses.commandLine(of: id) else { return false }
      return line.split(separator: 0).dropFirst().contains { $0.elementsEqual(data.string.utf8) }
    }
  }

  /// Whether one of them is there.
  var isRunning: Bool { !identifiers.isEmpty }

  /// Ends them all: at once but in order, so that the server frees its shared memory, and by force
  /// when they have not gone after `patience`.
  ///
  /// - Throws: `SandboxError` when they are still there then.
  func end(patience: Duration = .seconds(10)) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    var signalled: Set<pid_t> = []
    while true {
      let running = identifiers
      if running.isEmpty { return }
      let waited = clock.now - start
      for id in running {
        if waited > patience {
          kill(id, SIGKILL)
        } else if signalled.insert(id).inserted {
          kill(id, SIGQUIT)
        }
      }
      if waited > patience + .seconds(5) {
        let list = running.map(String.init).joined(separator: ", ")
        throw SandboxError(.failed, "the server of \(data) does not end: process \(list)")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  private static func commandLine(of id: pid_t) -> [UInt8]? {
    guard
      let descriptor = try? FileDescriptor.open(
        FilePath("/proc/\(id)/cmdline"), .readOnly, options: .closeOnExec)
    else { return nil }
    defer { try? descriptor.close() }
    var bytes = [UInt8](repeating: 0, count: 8192)
    guard let count = try? bytes.withUnsafeMutableBytes({ try descriptor.read(into: $0) }) else {
      return nil
    }
    return Array(bytes.prefix(count))
  }
}
