internal import Digest
internal import SystemPackage

/// A new file that is written from its start; what goes to the disk is counted and summed up.
struct OutputFile: ~Copyable {
  let name: String
  private(set) var bytes: Int64 = 0
  private let descriptor: FileDescriptor
  private var isOpen = true
  private(set) var checksum = Checksum()
  private var behind = WriteBehind()
  private var digest: SHA256? = SHA256()

  /// Creates the file; it must not exist.
  init(creating name: String, in folder: FilePath) throws {
    self.name = name
    descriptor = try DurableFile.attempt("create", name) {
      try FileDescriptor.open(
        folder.appending(name), .writeOnly,
        options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
    }
  }

  deinit { if isOpen { try? descriptor.close() } }

  mutating func write(_ piece: UnsafeRawBufferPointer) throws {
    precondition(isOpen, "the file is finished")
    checksum.update(piece)
    digest?.update(piece)
    bytes += Int64(piece.count)
    let descriptor = descriptor
    try DurableFile.attempt("write", name) { _ = try descriptor.writeAll(piece) }
    behind.reached(bytes, in: descriptor)
  }

  /// Syncs and closes the file.
  mutating func finish(rawBytes: Int64) throws -> DataFileSummary {
    precondition(isOpen, "the file is finished")
    isOpen = false
    let descriptor = descriptor
    try DurableFile.attempt("write", name) {
      try descriptor.closeAfter { try DurableFile.sync(descriptor) }
    }
    return DataFileSummary(
      fileName: name, bytes: bytes, sha256: digest.take()?.hex(), rawBytes: rawBytes)
  }
}
