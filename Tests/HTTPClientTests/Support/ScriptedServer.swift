import Glibc
import Synchronization

/// A server on loopback that does to each connection what a test's script says, byte by byte.
final class ScriptedServer: Sendable {
  let port: Int
  private let listener: Int32
  private let accepted = Mutex(0)

  /// The script runs once per connection, on a thread that may wait.
  init(_ script: @escaping @Sendable (Peer) throws -> Void) throws {
    (listener, port) = try Loopback.listen()
    OwnThread.run { [listener, weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        if descriptor < 0 {
          // Here and not by whoever ends the server: its number could be another socket's by then.
          close(listener)
          return
        }
        self?.accepted.withLock { $0 += 1 }
        OwnThread.run {
          let peer = Peer(descriptor)
          // Who goes in the middle of a script has got what was to be shown.
          try? script(peer)
          peer.close()
        }
      }
    }
  }

  /// Has accept(2) fail.
  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// How many connections were made.
  var connections: Int { accepted.withLock { $0 } }
  func url(_ target: String = "/") -> String { "http://127.0.0.1:\(port)\(target)" }
}

/// One connection of a scripted server.
final class Peer: Sendable {
  private let descriptor: Int32
  private let isOpen = Mutex(true)

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// A request: its head as it came, and its body by `Content-Length` or in chunks, raw.
  struct Request: Sendable {
    var head = ""
    var body = ""
    func field(_ name: String) -> [String] {
      head.split(separator: "\r\n").filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
        .map { $0.dropFirst(name.count + 1).drop { $0 == " " }.description }
    }
  }

  func request() throws -> Request {
    var request = Request()
    while !request.head.hasSuffix("\r\n\r\n") { request.head += try text(1) }
    if let length = request.field("Content-Length").first.flatMap({ Int($0) }) {
      request.body = try text(length)
    } else if request.field("Transfer-Encoding") == ["chunked"] {
      while !request.body.hasSuffix("0\r\n\r\n") { request.body += try text(1) }
    }
    return request
  }

  private func text(_ count: Int) throws -> String {
    String(decoding: try bytes(count), as: UTF8.self)
  }

  func bytes(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var piece = [UInt8](repeating: 0, count: count - bytes.count)
      let got = recv(descriptor, &piece, piece.count, 0)
      if got <= 0 { throw Gone() }
      bytes += piece.prefix(got)
    }
    return bytes
  }

  /// POLLRDHUP, which the C library's Swift module does not have.
  private static let hasGone: Int16 = 0x2000

  /// Waits until the client has gone, and leaves all that it sends in the connection.
  func waitWithoutReading() {
    var wanted = pollfd(fd: descriptor, events: Peer.hasGone, revents: 0)
    _ = poll(&wanted, 1, 60_000)
  }

  /// Reads until the client has gone.
  func waitForEnd() { while (try? bytes(1)) != nil {} }

  func write(_ text: String) throws { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent <= 0 { throw Gone() }
      rest = rest.dropFirst(sent)
    }
  }

  /// An answer with a length.
  func answer(_ status: String, _ fields: [String] = [], _ body: String = "") throws {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields
    try write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// Ends the connection with a reset instead of an end.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    close()
  }

  func close() {
    let isFirst = isOpen.withLock { isOpen in
      defer { isOpen = false }
      return isOpen
    }
    if isFirst { Glibc.close(descriptor) }
  }

  struct Gone: Error {}
}

/// Sockets on loopback.
enum Loopback {
  struct Failure: Error { let number = errno }

  static func listen(port: Int = 0) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var (address, length) = (address(port), socklen_t(MemoryLayout<sockaddr_in>.size))
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw Failure() }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A port that nobody listens on.
  static func freePort() throws -> Int {
    let (descriptor, port) = try listen()
    close(descriptor)
    return port
  }

  static func isListening(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = address(port)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

/// A thread that may wait as long as it likes: those of Dispatch are few.
enum OwnThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  static func run(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context)
    pthread_detach(thread)
  }
}
