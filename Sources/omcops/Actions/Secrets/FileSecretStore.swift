internal import Glibc
internal import JSON
internal import Runbooks
internal import SystemPackage

/// A file of this machine: a JSON object has keys, all else is one text. What was there before is kept
/// beside it, for its owner alone, and so is what a run has made of it, by which an undo knows what the
/// run has changed.
///
/// Whatever is put there is a new file, so its version is which file it is and when that was written:
/// a hash of the contents would let them be guessed.
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
    try keep(current, changingTo: contents, call)
    return (try put(contents, over: current, at: path, like: path), copy)
  }

  /// Keeps what is there before the run's changes, and notes them, and no others, in what it has made
  /// of that.
  private func keep(
    _ current: StoredSecret, changingTo contents: SecretContents, _ call: ActionCall
  ) throws {
    let kept = try read(copyName(call))
    let before = kept ?? current
    let written = try read(writtenName(call)) ?? before
    let changed = contents.keys(differingFrom: current.contents)
    // What the run has not put there itself is somebody else's, and what an undo brings back.
    var old = before.contents
    if !current.contents.says(written.contents) {
      let others = Set(current.contents.keys(differingFrom: written.contents))
      old = old.taking(changed.filter(others.contains), from: current.contents)
    }
    if kept?.contents.says(old) != true {
      try put(old, over: current.knowing(before), at: copyName(call))
    }
    try put(
      written.contents.taking(changed, from: contents), over: current.knowing(written),
      at: writtenName(call))
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    try put(contents, over: nil, at: path)
  }

  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let old = try await read(previous: previous)
    let contents = try await contents(with: previous, over: current, call)
    let version = try put(
      contents, over: current?.knowing(old) ?? old, at: path, like: current.map { _ in path })
    return (version, nil)
  }

  func contents(
    with previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> SecretContents {
    let old = try await read(previous: previous).contents
    guard let current else { return old }
    // Each change is noted before it is made: without a note there was none.
    guard let written = try read(writtenName(ofCopy: previous)) else { return current.contents }
    return try current.contents.takingBack(written.contents, to: old, of: title)
  }

  func word(forBefore version: String?, _ call: ActionCall) async throws -> String? {
    access(copyName(call), F_OK) == 0 ? copyName(call) : nil
  }

  private func copyName(_ call: ActionCall) -> String { "\(path).before-\(call.run.shortID)" }
  private func writtenName(_ call: ActionCall) -> String { writtenName(ofCopy: copyName(call)) }
  private func writtenName(ofCopy copy: String) -> String {
    "\(path).after-\(copy.dropFirst("\(path).before-".count))"
  }

  private func read(_ path: String) throws -> StoredSecret? {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      let (bytes, version) = try file.closeAfter {
        let version = try Self.version(of: file)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        return (Array(bytes.prefix(count)), version)
      }
      guard bytes.count < 1 << 20, let text = String(validating: bytes, as: UTF8.self) else {
        throw ActionError(.refused, "file \(path) is no text of less than 1 MiB")
      }
      let whole = text.hasSuffix("\n") ? String(text.dropLast()) : text
      return StoredSecret(
        contents: SecretContents(jsonOrText: whole), version: version,
        originals: (try? JSON(parsing: whole)).map { [$0] } ?? [])
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch let error as Errno {
      throw ActionError(.other, "cannot read \(path): \(error)")
    }
  }

  private static func version(of file: FileDescriptor) throws -> String {
    var status = stat()
    guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
    let nanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    return "\(status.st_ino)-\(nanoseconds)"
  }

  /// Writes aside, onto the disk, and then in place: nobody ever reads half a secret. Gives its version.
  @discardableResult
  private func put(
    _ contents: SecretContents, over current: StoredSecret?, at path: String,
    like old: String? = nil
  ) throws -> String {
    let aside = "\(path).\(getpid()).new"
    do {
      let file = try FileDescriptor.open(
        FilePath(aside), .writeOnly, options: [.create, .exclusiveCreate],
        permissions: .ownerReadWrite)
      let version = try file.closeAfter {
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
        return try Self.version(of: file)
      }
      guard rename(aside, path) == 0 else { throw Errno(rawValue: errno) }
      return version
    } catch let error as Errno {
      unlink(aside)
      throw ActionError(.other, "cannot write \(path): \(error)")
    }
  }
}
