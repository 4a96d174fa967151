internal import Glibc

/// Bytes that grow at their end: what is written in batches, and what waits for the rest of a line.
final class ByteBuffer {
  private var storage: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = max(64, capacity)
    storage = .allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { storage.deallocate() }

  /// What it holds, valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: count) }

  var isEmpty: Bool { count == 0 }

  /// Forgets everything; a buffer that one large line has blown up gives its memory back.
  func removeAll(keeping limit: Int = 1 << 18) {
    count = 0
    guard capacity > limit else { return }
    storage.deallocate()
    capacity = limit
    storage = .allocate(byteCount: capacity, alignment: 16)
  }

  /// Forgets what was added last.
  func truncate(to count: Int) { self.count = min(self.count, count) }

  @inline(__always)
  func append(_ more: UnsafeRawBufferPointer) {
    guard let base = more.baseAddress else { return }
    reserve(more.count)
    memcpy(storage + count, base, more.count)
    count &+= more.count
  }

  @inline(__always)
  func append(_ byte: UInt8) {
    reserve(1)
    storage.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  @inline(__always)
  private func reserve(_ more: Int) {
    if count &+ more > capacity { grow(to: count + more) }
  }

  @inline(never)
  private func grow(to needed: Int) {
    capacity = max(needed, capacity * 2)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    memcpy(larger, storage, count)
    storage.deallocate()
    storage = larger
  }
}
