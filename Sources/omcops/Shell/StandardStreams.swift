internal import Glibc

/// The process's output: data on `output`, everything else on `error`.
///
/// Unbuffered, so that the order of lines is that of the writes. A broken pipe ends the process as
/// it does every other tool: SIGPIPE keeps its default.
struct StandardStreams: Sendable {
  let descriptor: Int32

  static let output = StandardStreams(descriptor: 1)
  static let error = StandardStreams(descriptor: 2)

  /// Whether a person looks at it.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
      if written < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return
      }
      rest = rest.dropFirst(written)
    }
  }
}
