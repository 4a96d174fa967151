internal import Diagnostics
internal import Glibc
internal import SystemPackage

extension Configuration {
  /// The names that are looked for in each folder.
  static let fileNames = ["omcops.yaml", "omcops.yml"]

  /// Reads the file that `path` names, or the nearest one above `folder`; without any, the empty
  /// configuration.
  ///
  /// Throws when the file cannot be read or has anything in it that is not understood.
  public static func load(
    path: String?, from folder: String, variables: [String: String]
  ) throws -> Configuration {
    let home = variables["HOME"]
    let named = path ?? variables["OMCOPS_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    guard let file = named.map({ absolute($0, in: folder, home: home) }) ?? find(above: folder)
    else { return Configuration() }
    return try Configuration(parsing: try bytes(of: file), file: file, home: home)
  }

  /// The nearest configuration file in `folder` or above it.
  public static func find(above folder: String) -> String? {
    // Upwards as text: the views of a FilePath are generic, and setting one up takes the runtime
    // longer than all these questions take.
    var folder = FilePath(folder).lexicallyNormalized().string
    while true {
      let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
      for name in fileNames where access(prefix + name, F_OK) == 0 { return prefix + name }
      if folder.isEmpty || folder == "/" { return nil }
      let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/"))
      folder = slash.map { $0 == folder.startIndex ? "/" : String(folder[..<$0]) } ?? ""
    }
  }

  /// The whole path of what a person wrote, seen from a folder; `~` is the home folder.
  static func absolute(_ path: String, in folder: String, home: String?) -> String {
    if let home, path == "~" || path.hasPrefix("~/") {
      return FilePath(home + path.dropFirst(1)).lexicallyNormalized().string
    }
    return FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }

  /// The contents of a small file.
  static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
    do {
      let descriptor = try FileDescriptor.open(path, .readOnly)
      return try descriptor.closeAfter {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while all.count <= 4 << 20 {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { break }
          all += buffer[..<count]
        }
        return all
      }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw ConfigurationError("cannot read \(path): \(reason)")
    }
  }

  /// Whether anybody but the owner may read a file.
  static func isReadableByOthers(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
  }
}
