internal import SystemPackage

/// A tree as a tar archive, which is read and packed while it is asked for.
package struct TreeArchive: ~Copyable {
  private var walk: TreeWalk
  private var writer = TarWriter()
  /// The file that is being read, and how much of it is to come.
  private var file: (descriptor: FileDescriptor, entry: TarEntry, rest: Int64)?
  private var isAtEnd = false
  /// What has been packed.
  package private(set) var counts = CopyCounts()

  private static let pieceSize = 256 << 10

  init(_ walk: TreeWalk) { self.walk = walk }

  deinit { try? file?.descriptor.close() }

  /// The next piece; nil at the end.
  ///
  /// - Throws: an error that names what cannot be read, or is not what it was.
  package mutating func next() throws(KubeError) -> [UInt8]? {
    var piece: [UInt8] = []
    while piece.count < Self.pieceSize, !isAtEnd {
      if file != nil {
        try readFile(into: &piece)
      } else if let (entry, folder, name) = try walk.next() {
        counts.count(entry)
        piece += writer.header(entry)
        if entry.kind == .file {
          do { file = (try folder.openFile(name), entry, entry.size) } catch {
            throw unreadable(entry, error)
          }
        }
      } else {
        piece += writer.end()
        isAtEnd = true
      }
    }
    return piece.isEmpty ? nil : piece
  }

  private mutating func readFile(into piece: inout [UInt8]) throws(KubeError) {
    guard let (descriptor, entry, rest) = file else { return }
    if rest == 0 {
      piece += writer.padding(after: entry.size)
      file = nil
      try? descriptor.close()
      return
    }
    var buffer = [UInt8](repeating: 0, count: Int(min(rest, Int64(Self.pieceSize))))
    let count: Int
    do {
      count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
    } catch { throw unreadable(entry, error) }
    if count == 0 { throw unreadable(entry, "it became shorter while it was read") }
    piece += buffer[..<count]
    file?.rest -= Int64(count)
  }

  private func unreadable(_ entry: TarEntry, _ why: Any) -> KubeError {
    KubeError(
      .hopeless, "cannot read \"\(String(decoding: entry.path, as: UTF8.self))\": \(why)")
  }
}
