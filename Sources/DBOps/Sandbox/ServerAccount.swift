internal import Glibc
internal import Subprocess
internal import SystemPackage

/// The user that a server runs as: PostgreSQL refuses to run as root.
struct ServerAccount: Hashable, Sendable {
  let user: uid_t
  let group: gid_t

  /// The caller's own, or for root `postgres`, or where there is none `nobody`.
  static func current() -> ServerAccount {
    guard geteuid() == 0 else { return ServerAccount(user: geteuid(), group: getegid()) }
    for name in ["postgres", "nobody"] {
      if let entry = getpwnam(name) {
        return ServerAccount(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
      }
    }
    // The kernel's own number for nobody.
    return ServerAccount(user: 65534, group: 65534)
  }

  /// How to start programs as this user.
  var platformOptions: PlatformOptions {
    var options = PlatformOptions()
    if geteuid() == 0 {
      options.userID = user
      options.groupID = group
      options.supplementaryGroups = []
    }
    return options
  }

  /// The nearest folder above `folder` that the user cannot pass through, if there is one.
  func obstacle(above folder: FilePath) -> FilePath? {
    guard geteuid() == 0 else { return nil }
    var parent = folder.removingLastComponent()
    while true {
      var status = stat()
      if stat(parent.string, &status) == 0 {
        let passable =
          status.st_mode & 0o001 != 0 || (status.st_uid == user && status.st_mode & 0o100 != 0)
          || (status.st_gid == group && status.st_mode & 0o010 != 0)
        if !passable { return parent }
      }
      guard parent.lastComponent != nil else { return nil }
      parent = parent.removingLastComponent()
    }
  }
}
