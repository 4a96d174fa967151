internal import Glibc
public import KubeExec
public import SystemPackage

/// A folder for one test.
public struct ScratchFolder: Sendable {
  /// Where it is.
  public let path: FilePath

  /// Runs `body` with an empty folder and removes it with all that is in it.
  public static nonisolated(nonsending) func with<Result>(
    _ body: (ScratchFolder) async throws -> Result
  ) async throws -> Result {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    return try await body(folder)
  }

  /// The same for tests that wait for nothing.
  public static func with<Result>(_ body: (ScratchFolder) throws -> Result) throws -> Result {
    let folder = try ScratchFolder()
    defer { folder.remove() }
    return try body(folder)
  }

  private init() throws {
    var template = Array("/tmp/omcops-kube-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = FilePath(
      String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  private func remove() {
    ScratchFolder.remove(path)
  }

  private static func remove(_ path: FilePath) {
    if let stream = opendir(path.string) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { remove(path.appending(name)) }
      }
      closedir(stream)
    }
    _ = Glibc.remove(path.string)
  }

  /// Writes a file, and the folders above it.
  public func write(
    _ text: String, to name: String, mode: FilePermissions = [.ownerReadWrite]
  ) throws {
    let file = path.appending(name)
    var folder = path
    for part in FilePath(name).removingLastComponent().components {
      folder.append(part)
      mkdir(folder.string, 0o755)
    }
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: mode)
    _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
    chmod(file.string, mode.rawValue)
  }

  /// Surroundings with the working folder here; `$FOLDER` in a variable is the folder's path.
  public func surroundings(_ variables: [String: String]) -> AccessSurroundings {
    AccessSurroundings(
      variables: variables.mapValues { $0 == "$FOLDER" ? path.string : $0 },
      workingDirectory: path.string, isInteractive: false)
  }
}
