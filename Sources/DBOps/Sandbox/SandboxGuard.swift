internal import Glibc
internal import SystemPackage

/// A child that ends a sandbox when this process has gone, however it went.
///
/// The child waits on a pipe whose other end only this process holds. It stands in a session of its
/// own, so that a Ctrl-C at the terminal does not reach it.
final class SandboxGuard: Sendable {
  private let lifeline: FileDescriptor
  private let child: pid_t

  /// `$1` is the sandbox's folder, `$2` that of its socket.
  private static let script = """
    trap '' INT TERM HUP
    cat >/dev/null
    if read -r server <"$1/data/postmaster.pid"; then
      kill -QUIT "$server"
      while kill -0 "$server"; do sleep 0.05; done
    fi
    rm -rf -- "$1" "$2"
    """

  /// `POSIX_SPAWN_SETSID`, a GNU name that Swift does not import.
  private static let newSession: Int16 = 0x80

  /// Starts watching over a sandbox.
  init(folder: FilePath, socketFolder: FilePath) throws {
    let pipe = try FileDescriptor.pipe()
    for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    defer { try? pipe.readEnd.close() }
    lifeline = pipe.writeEnd

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipe.readEnd.rawValue, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, SandboxGuard.newSession)

    let words = ["sh", "-c", SandboxGuard.script, "sandbox", folder.string, socketFolder.string]
    let arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ)
    self.child = child
    if failure != 0 {
      try? lifeline.close()
      throw SandboxError(
        .failed, "cannot watch over the sandbox: \(Errno(rawValue: failure))")
    }
  }

  /// Lets the child go, once the sandbox is gone.
  func release() {
    try? lifeline.close()
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
  }
}
