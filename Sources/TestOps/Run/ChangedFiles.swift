internal import Glibc
internal import Processes
internal import Synchronization
internal import SystemPackage

/// The files of a project that are other than in its last commit, by git.
public struct ChangedFiles: Sendable {
  private let folder: String
  private let variables: [String: String]

  /// - Parameters:
  ///   - folder: a folder in the work tree.
  ///   - variables: the environment of git, which is looked for in its `PATH`.
  public init(in folder: String, variables: [String: String]) {
    self.folder = folder
    self.variables = variables
  }

  /// Their whole paths: what is changed, staged, new and not ignored, moved or gone, since the commit
  /// where this branch left `base`, or since the last commit where no base is given.
  ///
  /// - Throws: `TestFailure` where the folder is in no work tree, or git is missing.
  public func paths(since base: String?) async throws -> [String] {
    let top = try await git(["rev-parse", "--show-toplevel"]).first ?? folder
    var from = "HEAD"
    if let base {
      from = try await git(["merge-base", base, "HEAD"]).first ?? base
    }
    let changed = try await git([
      "-C", top, "diff", "--name-only", "--no-renames", "-z", from, "--",
    ])
    let new = try await git(["-C", top, "ls-files", "--others", "--exclude-standard", "-z"])
    return Set(changed + new).map { "\(top)/\($0)" }.sorted()
  }

  /// What git prints, cut at its line breaks and null bytes.
  private func git(_ arguments: [String]) async throws -> [String] {
    guard let program = StepProgram.find("git", in: variables, folder: folder) else {
      throw TestFailure("cannot find out what was changed: there is no git", status: .usage)
    }
    let output = Mutex<[UInt8]>([])
    let words = Mutex(Tail(limit: 4 << 10))
    let end = try await GroupProcess(
      executable: program, arguments: ["git"] + arguments, environment: variables,
      workingDirectory: folder
    ).run { channel, bytes in
      switch channel {
      case .output: output.withLock { $0 += bytes }
      case .error: words.withLock { $0.append(bytes) }
      }
    }
    try Task.checkCancellation()
    guard end == .exited(0) else {
      throw TestFailure(
        "cannot find out what was changed in \(folder): git \(end.phrase)",
        details: words.withLock(\.text)?.split(separator: "\n").suffix(4).map(String.init) ?? [],
        status: .usage)
    }
    return output.withLock { bytes in
      bytes.split { $0 == 0 || $0 == 0x0A }.map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
