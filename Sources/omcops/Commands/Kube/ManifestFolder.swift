internal import Glibc
internal import KubeExec
internal import SystemPackage
internal import Terminal

/// Finds manifests in a folder, as kubectl does: files with known endings, not those below.
enum ManifestFolder {
  /// The file itself, or the manifests of a folder by name.
  static func files(_ name: String, in workingDirectory: String) throws -> [String] {
    let path = FilePath(workingDirectory).pushing(FilePath(name)).string
    guard let stream = opendir(path) else {
      if errno == ENOTDIR { return [name] }
      throw KubeError(.invalidRequest, "cannot read \(name): \(Errno(rawValue: errno))")
    }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
      let file = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if [".yaml", ".yml", ".json"].contains(where: file.hasSuffix) {
        found.append(FilePath(name).appending(file).string)
      }
    }
    guard !found.isEmpty else {
      throw KubeError(.invalidRequest, "the folder \(name) holds no .yaml, .yml or .json file")
    }
    return found.sorted()
  }

  /// All that a file holds.
  static func bytes(_ path: String, in context: Context) throws -> [UInt8] {
    do {
      let file = FilePath(context.workingDirectory).pushing(FilePath(path))
      let descriptor = try FileDescriptor.open(file, .readOnly)
      defer { try? descriptor.close() }
      return InputStream(descriptor: descriptor.rawValue).readAll()
    } catch let error as Errno {
      throw KubeError(.invalidRequest, "cannot read \(path): \(error)")
    }
  }
}
