internal import Dispatch
internal import Glibc
internal import SystemPackage

/// A TCP connection of this machine, read and written as tasks wait for it.
package final class LocalSocket: Sendable {
  private let descriptor: Int32
  private static let queue = DispatchQueue(label: "omcops.sockets")

  /// Takes a connected socket over.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(descriptor) }

  /// The port of the other end; nil where it has none, or is gone.
  var peerPort: Int? { LocalListener.port { getpeername(descriptor, $0, $1) } }

  /// What came, at least a byte; nothing at the end.
  package func read(upTo limit: Int) async throws -> [UInt8] {
    while true {
      var buffer = [UInt8](repeating: 0, count: limit)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count >= 0 { return Array(buffer.prefix(count)) }
      try await pause(after: errno, writes: false)
    }
  }

  /// Sends all of the bytes.
  package func write(_ bytes: ArraySlice<UInt8>) async throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else {
        try await pause(after: errno, writes: true)
      }
    }
  }

  /// Waits for another attempt; throws what is no reason for one.
  private func pause(after code: Int32, writes: Bool) async throws {
    if code == EINTR { return }
    guard code == EAGAIN else { throw Errno(rawValue: code) }
    try await LocalSocket.ready(descriptor, writes: writes)
  }

  /// Waits until a descriptor can be read or written.
  static func ready(_ descriptor: Int32, writes: Bool) async throws {
    let source = Watch(descriptor, writes: writes, on: queue)
    await withTaskCancellationHandler {
      await withCheckedContinuation { source.start($0) }
    } onCancel: {
      source.cancel()
    }
    try Task.checkCancellation()
  }

  /// One wait. It is over only when Dispatch has let go of the descriptor, which may be closed then.
  private final class Watch: @unchecked Sendable {
    // @unchecked: Dispatch's sources may be used from all threads; nothing else is kept.
    private let source: any DispatchSourceProtocol

    init(_ descriptor: Int32, writes: Bool, on queue: DispatchQueue) {
      source =
        writes
        ? DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        : DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    }

    func start(_ continuation: CheckedContinuation<Void, Never>) {
      source.setEventHandler { @Sendable [self] in cancel() }
      source.setCancelHandler { @Sendable in continuation.resume() }
      source.resume()
    }

    func cancel() { source.cancel() }
  }
}

/// A port of this machine that takes connections.
package final class LocalListener: Sendable {
  private let descriptor: Int32
  /// `127.0.0.1:8080`.
  package let address: String
  /// The port, also where the system has chosen it.
  package let port: Int

  /// Listens; port 0 is any that is free.
  package init(_ host: String, port: Int) throws(KubeError) {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST
    var found: UnsafeMutablePointer<addrinfo>?
    let name = host == "localhost" ? "127.0.0.1" : host
    guard getaddrinfo(name, String(port), &hints, &found) == 0, let info = found?.pointee else {
      throw KubeError(.invalidRequest, "\"\(host)\" is no address of this machine")
    }
    defer { freeaddrinfo(found) }
    let socket = Glibc.socket(info.ai_family, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard bind(socket, info.ai_addr, info.ai_addrlen) == 0, listen(socket, 1024) == 0 else {
      let reason = Errno(rawValue: errno)
      close(socket)
      throw KubeError(
        .invalidRequest, "cannot listen on \(host):\(port): \(reason)",
        hint: port == 0 ? nil : "choose another port, as in \(port + 1):REMOTE, or any with :REMOTE"
      )
    }
    _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    descriptor = socket
    self.port = LocalListener.port { getsockname(socket, $0, $1) } ?? 0
    address = (name.contains(":") ? "[\(name)]" : name) + ":\(self.port)"
  }

  deinit { close(descriptor) }

  /// The next connection.
  package func accept() async throws -> LocalSocket {
    while true {
      let connection = Glibc.accept(descriptor, nil, nil)
      if connection >= 0 { return LocalSocket(connection) }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EMFILE, ENFILE, ENOBUFS, ENOMEM:
        // Connections that end make room; who waits is not refused.
        try await Task.sleep(for: .milliseconds(50))
      case EAGAIN: try await LocalSocket.ready(descriptor, writes: false)
      default: throw Errno(rawValue: errno)
      }
    }
  }

  /// The port in the address that a call gives; nil where it gives none.
  static func port(
    _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Int? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      let status = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask($0, &length) }
      guard status == 0 else { return nil }
      // The port stands at the same place for both families.
      return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        Int(UInt16(bigEndian: $0.pointee.sin_port))
      }
    }
  }
}
