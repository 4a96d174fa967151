import Glibc

/// Takes connections on a Unix socket and says nothing.
final class SilentServer {
  let folder: String
  private let listener: Int32
  private var accepted: Int32 = -1

  init() throws {
    var template = Array("/tmp/omcops-silent-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
    let name = mkdtemp(&template)
    folder = name.map { String(cString: $0) } ?? ""
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: "\(folder)/.s.PGSQL.5432".utf8)
    }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(listener, 8) == 0 else { throw SocketFailure(number: errno) }
  }

  deinit {
    for descriptor in [accepted, listener] where descriptor >= 0 { close(descriptor) }
    unlink("\(folder)/.s.PGSQL.5432")
    rmdir(folder)
  }

  /// Waits until somebody has connected.
  func accept() throws {
    accepted = Glibc.accept(listener, nil, nil)
    if accepted < 0 { throw SocketFailure(number: errno) }
  }
}

struct SocketFailure: Error {
  let number: Int32
}
