/// The name of a member as parts below the folder that it is unpacked in.
enum TarPath {
  /// Takes a name apart.
  ///
  /// - Throws: a `TarError` for a name that leads out of the folder.
  static func parts(of path: [UInt8]) throws -> [[UInt8]] {
    if path.first == UInt8(ascii: "/") {
      throw TarError("in the archive is an absolute path", path)
    }
    let parts = path.split(separator: UInt8(ascii: "/")).map(Array.init)
    if parts.contains(Array("..".utf8)) {
      throw TarError("in the archive leads out of the folder", path)
    }
    if path.isEmpty || path.contains(0) { throw TarError("is no name for a file", path) }
    return parts.filter { $0 != [UInt8(ascii: ".")] }
  }

  /// The name for people.
  static func text(_ parts: [[UInt8]]) -> String {
    String(decoding: Array(parts.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
  }
}
