internal import Archive
internal import Glibc
internal import JSON
internal import SystemPackage

/// What is kept beside a log's file: of which instance it is, how much of the file is sure, and where
/// reading goes on behind that.
///
/// A line of JSON, then the resume point's bytes.
struct FileState: Equatable {
  var identity: ContainerState.Identity
  /// So many bytes of the file stand for what the point has taken.
  var length: Int64
  /// When the file was begun, in seconds since 1970.
  var begun: Int64
  /// Whether the instance was read to its end.
  var hasEnded = false
  var point = ResumePoint()

  init(identity: ContainerState.Identity, length: Int64, begun: Int64) {
    self.identity = identity
    self.length = length
    self.begun = begun
  }

  var bytes: [UInt8] {
    let head = JSON.object([
      "version": 2, "pod": .string(identity.podUID), "container": .string(identity.container),
      "instance": .string(identity.containerID), "length": .int(length), "begun": .int(begun),
      "ended": .bool(hasEnded),
    ])
    return Array(head.text(.compact).utf8) + [0x0A] + point.bytes
  }

  init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: 0x0A), let head = try? JSON(parsing: bytes[..<end]),
      head["version"]?.int == 2, let pod = head["pod"]?.string,
      let container = head["container"]?.string, let instance = head["instance"]?.string,
      let length = head["length"]?.int, let begun = head["begun"]?.int,
      let hasEnded = head["ended"]?.bool, let point = ResumePoint(bytes: bytes[(end + 1)...])
    else { return nil }
    identity = ContainerState.Identity(
      podUID: pod, container: container, containerID: instance)
    self.length = length
    self.begun = begun
    self.hasEnded = hasEnded
    self.point = point
  }

  /// Reads what an earlier run left; nil where there is nothing.
  init?(reading path: FilePath) throws {
    guard access(path.string, F_OK) == 0 else { return nil }
    guard let state = FileState(try DurableFile.read(path, atMost: 1 << 30)) else {
      throw FolderTrouble(
        "\(path) is damaged, so nothing says where that log stopped",
        hint: "remove it: the log is then read from its start, and lines may stand there twice")
    }
    self = state
  }

  /// Replaces the file, so that a killed process leaves the old or the new one. It is not synced: it
  /// must not reach the disk before what it speaks of.
  func write(to path: FilePath) throws {
    let aside = FilePath(path.string + ".new")
    do {
      let file = try FileDescriptor.open(
        aside, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll(bytes) }
      guard rename(aside.string, path.string) == 0 else { throw Errno(rawValue: errno) }
    } catch let error as Errno {
      unlink(aside.string)
      throw OutputLost(file: path.string, reason: "\(error)")
    }
  }
}
