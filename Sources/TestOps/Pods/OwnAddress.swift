internal import Glibc

/// The address by which other pods reach this process, where it runs in one itself.
public enum OwnAddress {
  /// That of the way to the API server, which `KUBERNETES_SERVICE_HOST` names in every pod. Nothing is sent.
  ///
  /// - Returns: nil where this is no pod, or one of a network without IPv4.
  public static func inCluster(_ variables: [String: String]) -> String? {
    guard let host = variables["KUBERNETES_SERVICE_HOST"] else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(443).bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
    guard isKnown, inet_ntop(AF_INET, &address.sin_addr, &text, socklen_t(text.count)) != nil else {
      return nil
    }
    let found = String(
      decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return found.hasPrefix("127.") ? nil : found
  }
}
