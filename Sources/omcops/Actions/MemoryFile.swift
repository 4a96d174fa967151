internal import COmc
internal import Glibc
internal import Runbooks

/// A file that is in memory only, and gone with its owner.
struct MemoryFile: ~Copyable {
  let descriptor: Int32

  init() throws {
    descriptor = omc_memory_file_open()
    guard descriptor >= 0 else {
      throw ActionError(.other, "cannot make room for records: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  /// What was written to it.
  borrowing func text() -> String {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &piece, piece.count, off_t(bytes.count))
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += piece[..<count]
    }
  }
}
