internal import Diagnostics
internal import Glibc
internal import OrderedCollections
internal import SystemPackage

extension Kubeconfig {
  /// Reads the files that count: `path` alone if given, else those of `KUBECONFIG`, else
  /// `~/.kube/config`.
  ///
  /// Of `KUBECONFIG`'s list, empty and repeated names are dropped and missing files passed over; a
  /// file that `path` names must be there. Throws a `YAMLError` with the place for a file that
  /// cannot be understood.
  public static func load(
    path: String?, from folder: String, variables: [String: String]
  ) throws -> Kubeconfig {
    let here = FilePath(folder)
    if let path {
      let file = here.pushing(FilePath(path)).lexicallyNormalized().string
      guard let bytes = try bytes(of: file) else {
        throw KubeError(.badConfiguration, "there is no kubeconfig \(file)")
      }
      return try KubeconfigReader.read(bytes, file: file)
    }
    var merged = Kubeconfig()
    for name in candidates(variables) {
      let file = here.pushing(FilePath(name)).lexicallyNormalized().string
      guard !merged.files.contains(file), let bytes = try bytes(of: file) else { continue }
      merged.add(try KubeconfigReader.read(bytes, file: file))
    }
    return merged
  }

  /// The names that are looked for.
  private static func candidates(_ variables: [String: String]) -> [String] {
    let list = (variables["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    if !list.isEmpty { return list }
    return variables["HOME"].map { [$0 + "/.kube/config"] } ?? []
  }

  /// Adds what no file before it has said.
  private mutating func add(_ other: Kubeconfig) {
    files += other.files
    currentContext = currentContext ?? other.currentContext
    clusters.merge(other.clusters) { first, _ in first }
    users.merge(other.users) { first, _ in first }
    contexts.merge(other.contexts) { first, _ in first }
  }

  private static func bytes(of file: String) throws(KubeError) -> [UInt8]? {
    do {
      return try SmallFile.read(file, limit: 16 << 20)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    } catch {
      throw KubeError(.badConfiguration, "cannot read the kubeconfig \(file): \(error)")
    }
  }
}

/// Reads files that fit into memory.
enum SmallFile {
  static func read(_ path: String, limit: Int = 1 << 20) throws(Errno) -> [UInt8] {
    do {
      let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
      return try descriptor.closeAfter {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while all.count <= limit {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { return all }
          all += buffer[..<count]
        }
        throw Errno.fileTooLarge
      }
    } catch {
      throw (error as? Errno) ?? .ioError
    }
  }
}
