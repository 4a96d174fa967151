internal import Glibc

/// Where a command reads: the process's standard input, line by line or whole.
public struct InputStream: Sendable {
  private let descriptor: Int32

  /// The process's standard input.
  public static let standardInput = InputStream(descriptor: 0)

  /// Reads from an open descriptor, which stays the caller's.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Whether a person types it.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The next line without its newline; nil at the end of input.
  ///
  /// Blocks, byte by byte: for answers that a person types.
  public func readLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(descriptor, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
      if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
  }

  /// Everything up to the end of input; blocks.
  public func readAll() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return all }
      all += buffer[..<count]
    }
  }
}

extension InputStream {
  /// The next line as a task waits for it: other tasks go on, and a cancelled task stops waiting.
  public func nextLine() async throws -> String? {
    while true {
      try Task.checkCancellation()
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 0) != 0 { return readLine() }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
