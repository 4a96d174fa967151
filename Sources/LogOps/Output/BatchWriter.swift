internal import Glibc

/// Gathers output and writes it in one call each time: when 64 KiB are there, or when the pipeline's
/// clock says that they have waited long enough.
final class BatchWriter {
  static let usualBatch = 64 << 10

  private let batch: Int
  private let descriptor: Int32
  private let file: String
  let buffer: ByteBuffer

  /// - Parameter file: its name, for errors.
  init(
    descriptor: Int32, file: String = "standard output", batch: Int = BatchWriter.usualBatch
  ) {
    self.descriptor = descriptor
    self.file = file
    self.batch = batch
    buffer = ByteBuffer(capacity: batch * 2)
  }

  /// Lets a pipe take several batches, where the system allows it: one that holds a single batch makes
  /// reader and writer wait for each other at each.
  func widenPipe() {
    // F_SETPIPE_SZ of fcntl(2), which the C library only names to those who ask for GNU's own names.
    _ = fcntl(descriptor, 1024 + 7, CInt(BatchWriter.usualBatch * 8))
  }

  /// Writes if enough is there.
  @inline(__always)
  func ripe() throws { if buffer.count >= batch { try flush() } }

  /// Writes what is there. Throws `OutputLost` where it cannot.
  func flush() throws {
    var rest = buffer.bytes
    defer { buffer.removeAll() }
    while rest.count > 0 {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = rest.part(count..<rest.count)
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        throw OutputLost(file: file, reason: String(cString: strerror(errno)))
      }
    }
  }
}
