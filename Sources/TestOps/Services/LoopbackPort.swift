internal import Dispatch
internal import Glibc

/// Ports of this host alone.
enum LoopbackPort {
  /// The address, `127.0.0.1` or `::1`, at which somebody takes connections at a port; nil where nobody
  /// does.
  static func host(listeningAt port: UInt16) async -> String? {
    await onThread { ["127.0.0.1", "::1"].first { connected($0, port) { _ in true } ?? false } }
  }

  /// The status of the answer to a request for a path; nil where none comes.
  static func status(ofRequestFor path: String, at host: String, _ port: UInt16) async -> Int? {
    await onThread {
      connected(host, port) { descriptor in
        let request =
          "GET \(path) HTTP/1.1\r\nHost: \(host.contains(":") ? "[\(host)]" : host):\(port)\r\n"
          + "Accept: */*\r\nConnection: close\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
          return nil
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256)
        while answer.count < 12 {
          let count = recv(descriptor, &buffer, buffer.count, 0)
          guard count > 0 else { return nil }
          answer += buffer[..<count]
        }
        let words = String(decoding: answer.prefix(12), as: UTF8.self).split(separator: " ")
        return words.count == 2 && words[0].hasPrefix("HTTP/") ? Int(words[1]) : nil
      } ?? nil
    }
  }

  // MARK: Sockets

  private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

  private static func address4(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func connected<Result>(
    _ host: String, _ port: UInt16, _ body: (Int32) -> Result
  ) -> Result? {
    let isSix = host == "::1"
    let descriptor = socket(isSix ? AF_INET6 : AF_INET, stream, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // One that accepts and says nothing must not keep us.
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, size)
    }
    func reach<Address>(_ address: Address) -> Bool {
      withUnsafeBytes(of: address) { bytes in
        guard let base = bytes.baseAddress else { return false }
        return connect(
          descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
      }
    }
    if isSix {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      address.sin6_addr = in6addr_loopback
      return reach(address) ? body(descriptor) : nil
    }
    return reach(address4(port: port)) ? body(descriptor) : nil
  }

  /// These calls block; the shared pool has as many threads as cores.
  private static func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "omcops.service").async { continuation.resume(returning: body()) }
    }
  }
}
