internal import Glibc
internal import SystemPackage

/// Reads a file from a place onwards, a buffer at a time.
final class FileCursor {
  private static let bufferSize = 256 << 10

  let fileName: String
  private let descriptor: FileDescriptor
  private let buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var used = 0
  /// The place in the file of the buffer's end.
  private var end: Int64

  init(_ path: FilePath, at offset: Int64) throws {
    fileName = path.lastComponent?.string ?? path.string
    descriptor = try DurableFile.attempt("read", fileName) {
      try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    }
    buffer = .allocate(byteCount: FileCursor.bufferSize, alignment: 16)
    end = offset
  }

  deinit {
    buffer.deallocate()
    try? descriptor.close()
  }

  /// The place in the file of the next byte.
  var place: Int64 { end - Int64(filled - used) }

  /// The next bytes, at least one of them and at most so many; none at the end of the file. Valid
  /// until the next call.
  func next(atMost limit: Int) throws -> UnsafeRawBufferPointer {
    if used == filled { try fill() }
    let piece = buffer[used..<filled].prefix(limit)
    used += piece.count
    return UnsafeRawBufferPointer(rebasing: piece)
  }

  /// The first bytes of a file, fewer where it has no more.
  static func start(of path: FilePath, _ count: Int) throws -> [UInt8] {
    let cursor = try FileCursor(path, at: 0)
    // The buffer goes with the cursor.
    return try withExtendedLifetime(cursor) { Array(try cursor.next(atMost: count)) }
  }

  /// The next byte; nil at the end of the file.
  func byte() throws -> UInt8? { try next(atMost: 1).first }

  /// A number as archives write them: a sign, then so many bytes, the least significant first.
  func integer(size: Int) throws -> Int {
    let start = place
    var isNegative = false
    var value: UInt64 = 0
    for index in -1..<size {
      guard let byte = try byte() else { throw truncated() }
      if index < 0 {
        isNegative = byte != 0
      } else if index < 8 {
        value |= UInt64(byte) << UInt64(8 * index)
      } else if byte != 0 {
        value = .max
      }
    }
    guard value <= UInt64(Int32.max) else {
      throw ArchiveError(.corrupt, "a number is out of range", file: fileName, offset: start)
    }
    return isNegative ? -Int(value) : Int(value)
  }

  /// Leaves bytes out. Whether they are there is seen by what reads the next.
  func skip(_ count: Int) throws {
    let inside = min(count, filled - used)
    used += inside
    guard count > inside else { return }
    end += Int64(count - inside)
    filled = 0
    used = 0
  }

  func truncated() -> ArchiveError {
    ArchiveError(.truncated, "the archive ends early", file: fileName, offset: place)
  }

  private func fill() throws {
    let (descriptor, buffer, end) = (descriptor, buffer, end)
    filled = try DurableFile.attempt("read", fileName) {
      try descriptor.read(fromAbsoluteOffset: end, into: buffer)
    }
    self.end += Int64(filled)
    used = 0
  }
}
