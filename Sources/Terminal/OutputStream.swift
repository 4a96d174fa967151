internal import Glibc
internal import Synchronization

/// Where a command writes: data on `standardOutput`, everything else on `standardError`.
///
/// Unbuffered, so that the order of lines is that of the writes. A broken pipe ends the process as
/// it does every other tool: SIGPIPE keeps its default.
public struct OutputStream: Sendable {
  private enum Sink: Sendable {
    case descriptor(Int32)
    case capture(CapturedOutput)
  }

  private let sink: Sink

  /// The process's standard output.
  public static let standardOutput = OutputStream(descriptor: 1)
  /// The process's standard error.
  public static let standardError = OutputStream(descriptor: 2)

  /// Writes to an open descriptor, which stays the caller's.
  public init(descriptor: Int32) { sink = .descriptor(descriptor) }

  /// Keeps what is written, for tests.
  public init(capturing capture: CapturedOutput) { sink = .capture(capture) }

  /// Why something that was written to standard output has not arrived, as on a full disk; nil
  /// while all has. A command that printed its data into nowhere has not done its work.
  public static var standardOutputFailure: Int32? {
    let code = lostOutput.load(ordering: .acquiring)
    return code == 0 ? nil : code
  }

  private static let lostOutput = Atomic<Int32>(0)

  /// Whether a person looks at it.
  public var isTerminal: Bool {
    if case .descriptor(let descriptor) = sink { isatty(descriptor) == 1 } else { false }
  }

  /// The columns of the terminal; nil where there is none.
  public var columns: Int? {
    guard case .descriptor(let descriptor) = sink else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Writes a text as it is, without a newline of its own.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes as they are.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    switch sink {
    case .descriptor(let descriptor): OutputStream.write(bytes, to: descriptor)
    case .capture(let capture): capture.append(bytes)
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let chunk = UnsafeRawBufferPointer(rebasing: rest)
      let written = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
      if written < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
          continue
        }
        if descriptor == STDOUT_FILENO { lostOutput.store(errno, ordering: .releasing) }
        return
      }
      rest = rest.dropFirst(written)
    }
  }
}

/// What a test's command has written.
public final class CapturedOutput: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  /// Starts empty.
  public init() {}

  /// Everything so far.
  public var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }

  fileprivate func append(_ more: UnsafeRawBufferPointer) {
    bytes.withLock { $0.append(contentsOf: more) }
  }
}
