internal import COmc
internal import Glibc
internal import Synchronization

/// Ports of this host's own address, 127.0.0.1, at which nobody listens.
public enum FreePort {
  /// Those that were given: a server may take a moment to listen at its own.
  private static let given = Mutex<Set<UInt16>>([])

  /// One that was not given before; nil where the system has none left.
  public static func next() -> UInt16? {
    for _ in 0..<100 {
      guard let port = bound() else { continue }
      if given.withLock({ $0.insert(port).inserted }) { return port }
    }
    return nil
  }

  /// Binds to one that the system chooses, and lets it go.
  private static func bound() -> UInt16? {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
    }
    guard isBound else { return nil }
    let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size) == 0
      }
    }
    return isKnown ? UInt16(bigEndian: address.sin_port) : nil
  }
}
