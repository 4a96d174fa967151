internal import Glibc
public import SystemPackage

/// Where the bytes of a file of results come from.
public struct ResultSource {
  /// What it is called in errors.
  public let name: String
  private let fill: (UnsafeMutableRawBufferPointer) throws -> Int

  /// Creates a source.
  ///
  /// - Parameter fill: puts bytes into the buffer and says how many; none at the end.
  public init(_ name: String, fill: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) {
    self.name = name
    self.fill = fill
  }

  /// Bytes in memory.
  public init(_ name: String, bytes: [UInt8]) {
    var place = 0
    self.init(name) { buffer in
      let count = min(buffer.count, bytes.count - place)
      buffer.copyBytes(from: bytes[place..<place + count])
      place += count
      return count
    }
  }

  /// A file, which is open while `body` reads it.
  ///
  /// - Throws: what opening it throws. A folder, a pipe or a device is no file of results and is
  ///   not opened for good: `.invalidArgument`.
  public static func withFile<Result>(
    _ path: FilePath, _ body: (ResultSource) throws -> Result
  ) throws -> Result {
    let file = try FileDescriptor.open(path, .readOnly, options: [.nonBlocking])
    return try file.closeAfter {
      var status = stat()
      guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw Errno.invalidArgument
      }
      return try body(ResultSource(path.string) { try file.read(into: $0) })
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try fill(buffer) }
}

/// The tests and the troubles that a file of results told of.
public struct ResultFile: Hashable, Sendable {
  /// The tests, in the file's order.
  public var results: [TestResult] = []
  /// Why there may be more tests than these.
  public var troubles: [Trouble] = []

  /// Creates an empty one.
  public init() {}
}
