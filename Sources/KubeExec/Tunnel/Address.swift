internal import Dispatch
internal import Glibc

/// An address of the internet protocol.
struct Address: Hashable, Sendable {
  /// 4 bytes or 16.
  let bytes: [UInt8]

  /// Reads what people write; nil for a name.
  init?(_ text: String) {
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &six) == 1 {
      bytes = withUnsafeBytes(of: six) { Array($0) }
    } else {
      return nil
    }
  }

  /// Takes one over from the resolver; nil for another family.
  init?(_ info: addrinfo) {
    switch info.ai_family {
    case AF_INET:
      let address = info.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_addr
      }
      bytes = withUnsafeBytes(of: address) { Array($0) }
    case AF_INET6:
      let address = info.ai_addr.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        $0.pointee.sin6_addr
      }
      bytes = withUnsafeBytes(of: address) { Array($0) }
    default: return nil
    }
  }

  /// Whether it is this machine's own.
  var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
  }

  /// Whether it means something inside of one network only (RFC 1918, 4193, 6598, link-local).
  var isPrivate: Bool {
    if bytes.count == 16 {
      return bytes[0] & 0xFE == 0xFC || (bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80)
    }
    switch bytes[0] {
    case 10: return true
    case 100: return bytes[1] & 0xC0 == 64
    case 169: return bytes[1] == 254
    case 172: return bytes[1] & 0xF0 == 16
    case 192: return bytes[1] == 168
    default: return false
    }
  }

  /// The addresses of a name as this machine sees it; none where it knows none.
  static func all(of host: String) async -> [Address] {
    await withCheckedContinuation { continuation in
      // The resolver blocks: not in a thread that tasks share.
      DispatchQueue.global().async { @Sendable in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        var addresses: [Address] = []
        if getaddrinfo(host, nil, &hints, &found) == 0 {
          var next = found
          while let info = next?.pointee {
            if let address = Address(info) { addresses.append(address) }
            next = info.ai_next
          }
          freeaddrinfo(found)
        }
        continuation.resume(returning: addresses)
      }
    }
  }
}
