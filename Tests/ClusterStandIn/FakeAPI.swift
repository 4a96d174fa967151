internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A server on loopback that answers as a test says: for what a real cluster does not do when asked.
public final class FakeAPI: Sendable {
  /// What came.
  public struct Request: Sendable {
    /// The method.
    public var method: String
    /// The path, without the query.
    public var path: String
    /// Parameters, decoded as far as the tests need.
    public var query: [String: String]
    /// The fields, their names in small letters.
    public var headers: [String: String]
    /// What came behind the head.
    public var body = ""

    /// A request, for who answers without a connection.
    public init(
      method: String, path: String, query: [String: String], headers: [String: String]
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.headers = headers
    }
  }

  /// What goes back: a body in one piece, after which the connection ends.
  public struct Answer: Sendable {
    /// The status.
    public var status: Int
    /// The body.
    public var body: String
    /// More fields.
    public var headers: [String: String]

    /// An answer; a success unless it says otherwise.
    public init(status: Int = 200, body: String, headers: [String: String] = [:]) {
      self.status = status
      self.body = body
      self.headers = headers
    }

    /// No answer: the connection is reset.
    public static let reset = Answer(status: 0, body: "")
  }

  private let socket: Int32
  private let answer: @Sendable (Request) -> Answer
  private let log = Mutex<[Request]>([])
  /// Where it listens.
  public let port: Int

  /// All that came, in its order.
  public var requests: [Request] { log.withLock { $0 } }

  /// Listens until it is stopped.
  public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    self.answer = answer
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, length) == 0 && listen(socket, 64) == 0
          && getsockname(socket, address, &length) == 0
      }
    }
    guard bound else { throw Errno(rawValue: errno) }
    self.socket = socket
    port = Int(UInt16(bigEndian: address.sin_port))
    start { [self] in
      while true {
        let connection = accept(socket, nil, nil)
        if connection < 0 { return }
        start { self.serve(connection) }
      }
    }
  }

  /// Ends listening.
  public func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
      let count = read(connection, &buffer, buffer.count)
      if count <= 0 { return }
      bytes += buffer[..<count]
    }
    var request = FakeAPI.parse(String(decoding: bytes, as: UTF8.self))
    let length = request.headers["content-length"].flatMap { Int($0) } ?? 0
    let head = bytes.count - (FakeAPI.body(of: bytes)?.count ?? 0)
    while bytes.count < head + length {
      let count = read(connection, &buffer, buffer.count)
      if count <= 0 { return }
      bytes += buffer[..<count]
    }
    request.body = String(decoding: bytes[head...], as: UTF8.self)
    let whole = request
    log.withLock { $0.append(whole) }
    let answer = answer(whole)
    if answer.status == 0 {
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
      return
    }
    var text = "HTTP/1.1 \(answer.status) X\r\nContent-Type: application/json\r\n"
    for (name, value) in answer.headers { text += "\(name): \(value)\r\n" }
    text += "Content-Length: \(answer.body.utf8.count)\r\nConnection: close\r\n\r\n\(answer.body)"
    let all = Array(text.utf8)
    _ = send(connection, all, all.count, Int32(MSG_NOSIGNAL))
  }

  private static func body(of bytes: [UInt8]) -> ArraySlice<UInt8>? {
    let end = Array("\r\n\r\n".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: end) }.map { bytes[($0 + 4)...] }
  }

  private static func parse(_ text: String) -> Request {
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ").map(String.init)
    let parts = words[1].split(separator: "?", maxSplits: 1).map(String.init)
    var query: [String: String] = [:]
    for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
      let both = pair.split(separator: "=", maxSplits: 1).map(String.init)
      query[both[0]] = both.count > 1 ? both[1] : ""
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let both = line.split(separator: ":", maxSplits: 1).map(String.init)
      if both.count == 2 { headers[both[0].lowercased()] = String(both[1].dropFirst()) }
    }
    return Request(method: words[0], path: parts[0], query: query, headers: headers)
  }

  private func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let failed = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    if failed != 0 { box.release() } else { pthread_detach(thread) }
  }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
