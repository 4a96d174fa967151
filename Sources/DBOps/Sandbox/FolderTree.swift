internal import Glibc
public import SystemPackage

/// Folders with all that is in them.
public enum FolderTree {
  /// The names in a folder, without `.` and `..`; none when it cannot be read.
  public static func names(in folder: FilePath) -> [String] {
    guard let stream = opendir(folder.string) else { return [] }
    defer { closedir(stream) }
    return names(in: stream)
  }

  /// Removes a folder and all in it, following no symbolic link: another user may own parts of it.
  public static func remove(_ folder: FilePath) throws(Errno) {
    try remove(folder.string, in: AT_FDCWD)
  }

  /// Gives a folder to a user.
  static func give(_ folder: FilePath, to account: ServerAccount) throws(Errno) {
    if chown(folder.string, account.user, account.group) != 0 { throw Errno(rawValue: errno) }
  }

  /// Asks the file system to put each folder in this one at a place of its own, where it can
  /// (ext4's `T` attribute, see chattr(1)); elsewhere nothing changes.
  ///
  /// ext4 puts a folder's files near its parent's, and where it keeps no journal it passes over each
  /// inode there that was freed in the last seconds: where databases come and go, the 300 files of the
  /// next one take a quarter of a second, and a hundredth at a place of their own.
  static func spread(_ folder: FilePath) {
    // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of linux/fs.h.
    let (get, set, top): (UInt, UInt, Int32) = (0x8008_6601, 0x4008_6602, 0x20000)
    let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    var flags: Int32 = 0
    guard ioctl(descriptor, get, &flags) == 0 else { return }
    flags |= top
    _ = ioctl(descriptor, set, &flags)
  }

  private static func remove(_ name: String, in parent: Int32) throws(Errno) {
    if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw Errno(rawValue: errno) }
    let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0, let stream = fdopendir(descriptor) else {
      throw Errno(rawValue: errno)
    }
    defer { closedir(stream) }
    for child in names(in: stream) { try remove(child, in: descriptor) }
    if unlinkat(parent, name, AT_REMOVEDIR) != 0, errno != ENOENT {
      throw Errno(rawValue: errno)
    }
  }

  private static func names(in stream: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
