internal import Archive
public import Diagnostics
internal import Glibc

/// A file, a pipe or standard input that a log is read from; compressed data is told by its first
/// bytes.
final class LogInput {
  private static let pieceSize = 256 << 10

  let name: String
  private let path: String?
  private let follows: Bool
  private var descriptor: Int32
  private var data: ArrivingData
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: LogInput.pieceSize, alignment: 16)
  private var place: Int64 = 0
  private var isRegular = false

  /// What a look at the input found.
  enum Step: Equatable {
    case read
    /// Nothing for now.
    case nothing
    case ended
  }

  /// Opens a file; `-` is standard input.
  ///
  /// - Parameter follows: whether the end of a file is no end: it may grow, or another may take its
  ///   name.
  init(_ name: String, follows: Bool) throws {
    self.name = name
    path = name == "-" ? nil : name
    data = ArrivingData(named: name)
    descriptor = path == nil ? 0 : -1
    self.follows = follows
    if let path { try open(path) }
    isRegular = LogInput.status(of: descriptor).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
  }

  deinit {
    buffer.deallocate()
    if path != nil, descriptor >= 0 { close(descriptor) }
  }

  private func open(_ path: String) throws {
    descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InputError(file: path, reason: String(cString: strerror(errno)))
    }
    guard let status = LogInput.status(of: descriptor), status.st_mode & S_IFMT != S_IFDIR else {
      throw InputError(file: path, reason: "it is a folder")
    }
  }

  /// What poll(2) waits for; nil where waiting makes no sense, as for a file.
  var waitable: Int32? { isRegular ? nil : descriptor }

  /// Reads once and gives what came to `body`, whose false ends the piece.
  func step(_ body: (Bytes) throws -> Bool) throws -> Step {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count < 0 {
      if errno == EINTR || errno == EAGAIN { return .nothing }
      throw InputError(file: name, reason: String(cString: strerror(errno)))
    }
    if count == 0 {
      if follows, isRegular, !data.isCompressed { return try next() ? .read : .nothing }
      try data.finish(body)
      return .ended
    }
    place += Int64(count)
    _ = try data.take(Bytes(rebasing: buffer[..<count]), body)
    return .read
  }

  /// At a file's end: goes on with the file that has its name now, or from the start of one that was
  /// emptied.
  private func next() throws -> Bool {
    guard let path, let mine = LogInput.status(of: descriptor) else { return false }
    if mine.st_size < place {
      lseek(descriptor, 0, SEEK_SET)
      place = 0
      return true
    }
    var named = stat()
    guard stat(path, &named) == 0, named.st_ino != mine.st_ino || named.st_dev != mine.st_dev else {
      return false
    }
    // Once more: it may have been written to until it was renamed.
    guard mine.st_size == place else { return true }
    close(descriptor)
    try open(path)
    data = ArrivingData(named: name)
    place = 0
    return true
  }

  private static func status(of descriptor: Int32) -> stat? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? status : nil
  }
}

/// A log cannot be read.
public struct InputError: Failure {
  var file: String
  var reason: String
  /// Which and why.
  public var message: String { "cannot read \"\(file)\": \(reason)" }
}
