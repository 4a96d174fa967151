internal import CDeflate

/// The CRC-32 of gzip (RFC 1952) over a stream of bytes.
///
/// It costs next to nothing beside a SHA-256 and finds what a disk or memory does to bytes; it is no
/// protection against somebody who changes them on purpose.
public struct Checksum: Hashable, Sendable {
  private var value: UInt32 = 0

  /// That of no bytes.
  public init() {}

  /// Adds bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    value = libdeflate_crc32(value, bytes.baseAddress, bytes.count)
  }
}
