internal import Glibc
internal import JSON
internal import Runbooks
internal import SystemPackage

/// A file of this machine: a JSON object has keys, all else is one text. What was there before is kept
/// beside it, for its owner alone, and so is what a run has made of it, by which an undo knows what the
/// run has changed.
struct FileSecretStore: SecretStore {
  let path: String

  var title: String { "file \(path)" }

  func read() async throws -> StoredSecret? { try read(path) }

  func read(previous: String) async throws -> StoredSecret {
    guard previous.hasPrefix(path + ".before-"), let found = try read(previous) else {
      throw ActionError(.assertion, "there is no file \(previous), which has the old contents")
    }
    return found
  }

  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let copy = copyName(call)
    if access(copy, F_OK) != 0 { try put(current.contents, over: current, at: copy) }
    try put(contents, over: current, at: writtenName(call))
    try put(contents, over: current, at: path, like: path)
    return (nil, copy)
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    try put(contents, over: nil, at: path)
    return nil
  }

  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let old = try await read(previous: previous)
    let contents = try await contents(with: previous, over: current, call)
    try put(
      contents, over: current?.knowing(old) ?? old, at: path, like: current.map { _ in path })
    return (nil, nil)
  }

  func contents(
    with previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> SecretContents {
    let old = try await read(previous: previous).contents
    guard let current, previous == copyName(call), let written = try read(writtenName(call)) else {
      return old
    }
    return try current.contents.takingBack(written.contents, to: old, of: title)
  }

  func word(forBefore version: String?, _ call: ActionCall) async throws -> String? {
    access(copyName(call), F_OK) == 0 ? copyName(call) : nil
  }

  private func copyName(_ call: ActionCall) -> String { "\(path).before-\(call.run.shortID)" }
  private func writtenName(_ call: ActionCall) -> String { "\(path).after-\(call.run.shortID)" }

  private func read(_ path: String) throws -> StoredSecret? {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      let bytes = try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        return Array(bytes.prefix(count))
      }
      guard bytes.count < 1 << 20, let text = String(validating: bytes, as: UTF8.self) else {
        throw ActionError(.refused, "file \(path) is no text of less than 1 MiB")
      }
      let whole = text.hasSuffix("\n") ? String(text.dropLast()) : text
      return StoredSecret(
        contents: SecretContents(jsonOrText: whole),
        originals: (try? JSON(parsing: whole)).map { [$0] } ?? [])
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch let error as Errno {
      throw ActionError(.other, "cannot read \(path): \(error)")
    }
  }

  /// Writes aside, onto the disk, and then in place: nobody ever reads half a secret.
  private func put(
    _ contents: SecretContents, over current: StoredSecret?, at path: String,
    like old: String? = nil
  ) throws {
    let aside = "\(path).\(getpid()).new"
    do {
      let file = try FileDescriptor.open(
        FilePath(aside), .writeOnly, options: [.create, .exclusiveCreate],
        permissions: .ownerReadWrite)
      try file.closeAfter {
        _ = try file.writeAll((contents.jsonOrText(over: current?.originals ?? []) + "\n").utf8)
        var status = stat()
        // Who may read it stays as it was.
        if let old, stat(old, &status) == 0 {
          _ = fchown(file.rawValue, status.st_uid, status.st_gid)
          guard fchmod(file.rawValue, status.st_mode & 0o777) == 0 else {
            throw Errno(rawValue: errno)
          }
        }
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
      }
      guard rename(aside, path) == 0 else { throw Errno(rawValue: errno) }
    } catch let error as Errno {
      unlink(aside)
      throw ActionError(.other, "cannot write \(path): \(error)")
    }
  }
}
