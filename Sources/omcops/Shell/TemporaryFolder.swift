internal import DBOps
internal import Glibc
internal import SystemPackage

/// A folder for files that nobody needs afterwards.
enum TemporaryFolder {
  /// Runs `body` with an empty folder that only this user can enter, and that is gone afterwards.
  static func with<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    var template = Array("\(parent)/omcops-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let name = template.dropLast().map { UInt8(bitPattern: $0) }
    let folder = String(decoding: name, as: UTF8.self)
    defer { try? FolderTree.remove(FilePath(folder)) }
    return try await body(folder)
  }

  /// Where temporary folders are made: `TMPDIR`, else `/tmp`.
  static var parent: String {
    guard let name = getenv("TMPDIR").map({ String(cString: $0) }), name.hasPrefix("/") else {
      return "/tmp"
    }
    return name
  }
}
