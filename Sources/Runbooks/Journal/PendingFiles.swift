internal import Glibc
public import SystemPackage

/// What a step leaves in the folder of its run for a later step and for nobody after that, as a plan
/// of Terraform. It may hold secrets, so that the end of the run takes it away: done, taken back or
/// aborted. A run that stopped keeps it, for it may go on.
public struct PendingFiles: Sendable {
  /// The folder of the files.
  public let folder: FilePath
  private let run: FilePath

  /// Those of the run whose folder that is.
  public init(of run: FilePath) {
    self.run = run
    folder = run.appending("pending")
  }

  /// Makes the folder, for its owner alone; false where the run has none, as a plan has none.
  public func make() -> Bool {
    guard access(run.string, W_OK) == 0 else { return false }
    return mkdir(folder.string, 0o700) == 0 || errno == EEXIST
  }

  /// Takes all of it away.
  func remove() {
    guard let stream = opendir(folder.string) else { return }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      unlink(folder.appending(name).string)
    }
    closedir(stream)
    rmdir(folder.string)
  }
}
