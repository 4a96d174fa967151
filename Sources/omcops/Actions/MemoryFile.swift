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

  /// Writes bytes into it, which are read from the first one on.
  borrowing func fill(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        pwrite(
          descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written,
          off_t(written))
      }
      guard count > 0 else {
        throw ActionError(.other, "cannot keep input: \(String(cString: strerror(errno)))")
      }
      written += count
    }
  }

  /// The end of what was written to it.
  ///
  /// - Parameter limit: so many bytes at most.
  borrowing func text(last limit: Int = 1 << 20) -> String {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let start = max(0, size - limit)
    var bytes = [UInt8](repeating: 0, count: max(0, size - start))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        pread(
          descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled, off_t(start + filled))
      }
      guard count > 0 else { break }
      filled += count
    }
    return String(decoding: bytes[..<filled], as: UTF8.self)
  }
}
