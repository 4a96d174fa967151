internal import COmc
internal import Dispatch
internal import Glibc
internal import SystemPackage

/// Reads a descriptor in pieces while other tasks go on; a task that is cancelled stops waiting.
final class InputReader: Sendable {
  private let descriptor: Int32
  private let cancellation: Int32
  // A thread of its own: the shared pool has as many threads as cores, and this one blocks.
  private let queue = DispatchQueue(label: "omcops.input")

  /// The greatest piece.
  private static let piece = 256 << 10

  /// - Parameter descriptor: stays the caller's.
  init(_ descriptor: Int32) throws {
    self.descriptor = descriptor
    cancellation = omc_wakeup_open()
    guard cancellation >= 0 else { throw Errno(rawValue: errno) }
  }

  deinit { close(cancellation) }

  /// What there is to read, at least a byte; nothing at the end.
  func next() async throws -> [UInt8] {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { @Sendable [self] in continuation.resume(with: Result { try read() }) }
      }
    } onCancel: {
      var one: UInt64 = 1
      _ = Glibc.write(cancellation, &one, 8)
    }
  }

  private func read() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < InputReader.piece {
      var watched = [
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: cancellation, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&watched, 2, bytes.isEmpty ? -1 : 0)
      if ready < 0, errno == EINTR { continue }
      if watched[1].revents != 0 { throw CancellationError() }
      if ready == 0 { break }
      let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { bytes += buffer[..<count] }
        return count
      }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count < 0 { throw Errno(rawValue: errno) }
      if count == 0 { break }
    }
    return bytes
  }
}
