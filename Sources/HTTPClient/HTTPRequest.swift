/// A request method.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible {
  /// The word as it is sent.
  public let description: String

  /// A method by its word, in capitals.
  public init(_ word: String) { description = word }

  /// `GET`.
  public static let get = HTTPMethod("GET")
  /// `HEAD`: the answer has no body.
  public static let head = HTTPMethod("HEAD")
  /// `POST`.
  public static let post = HTTPMethod("POST")
  /// `PUT`.
  public static let put = HTTPMethod("PUT")
  /// `PATCH`.
  public static let patch = HTTPMethod("PATCH")
  /// `DELETE`.
  public static let delete = HTTPMethod("DELETE")

  /// Whether doing it twice is doing it once (RFC 9110, 9.2.2).
  public var isIdempotent: Bool {
    ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(description)
  }
}

/// A body that is read while it is sent.
///
/// The methods are called on the client's thread, one at a time; while one waits, all transfers of
/// that client wait.
public protocol HTTPSource: AnyObject, Sendable {
  /// Fills the buffer as far as it can; 0 is the end. What it throws ends the request and is thrown
  /// to the caller.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
  /// Goes back to the first byte, for another attempt; false if that cannot be.
  func rewind() -> Bool
}

/// What a request sends.
public enum HTTPBody: Sendable {
  /// Nothing.
  case none
  /// Bytes that are there.
  case bytes([UInt8])
  /// Bytes that are read while they are sent; without a length they go in chunks (HTTP/1.1) or
  /// frames (HTTP/2).
  case source(any HTTPSource, length: Int?)
}

/// One request.
public struct HTTPRequest: Sendable {
  /// The method.
  public var method: HTTPMethod
  /// An absolute `http` or `https` URL, percent-encoded. A user and password in it are sent as a
  /// Basic `Authorization` field, unless there is one, and never shown.
  public var url: String
  /// Fields beside those that the protocol itself needs.
  public var headers: HTTPHeaders
  /// What is sent.
  public var body: HTTPBody
  /// How long one attempt may take, from its start to the last byte of the answer; nil for ever,
  /// which is right for logs and watches.
  public var timeout: Duration?
  /// The greatest body that `send` takes, in bytes, after unpacking.
  public var maximumBody: Int
  /// Whether the server may send the body packed with gzip.
  public var acceptsCompression: Bool
  /// When `send` tries again.
  public var retry: HTTPRetry
  /// Whether it has a connection to itself, by HTTP/1.1, for answers without an end whose parts are rare
  /// and must come at once: with HTTP/2 the last of what libcurl 7.88 has read may lie in its buffers until
  /// the server sends anything else.
  public var hasOwnConnection = false

  /// A request; the defaults are those of a short question: 60 seconds, 64 MiB, a few attempts.
  public init(
    _ method: HTTPMethod = .get, _ url: String, headers: HTTPHeaders = [:],
    body: HTTPBody = .none, timeout: Duration? = .seconds(60), maximumBody: Int = 64 << 20,
    acceptsCompression: Bool = false, retry: HTTPRetry = .standard
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeout = timeout
    self.maximumBody = maximumBody
    self.acceptsCompression = acceptsCompression
    self.retry = retry
  }
}

/// Takes an answer as it comes.
///
/// The methods are called on the client's thread, one at a time. While one waits, all transfers of
/// that client wait, their connections fill, and the servers wait: that is how a sink holds back
/// what it cannot take. (Single HTTP/2 streams cannot be held back cheaply: libcurl would take up to
/// 32 MB of each into memory.) What a method throws ends the transfer and is thrown to the caller.
public protocol HTTPSink: AnyObject, Sendable {
  /// Status and fields, before the first byte of the body.
  func head(_ head: HTTPHead) throws
  /// The next bytes of the body: libcurl's own buffer, which must not be kept.
  func body(_ bytes: UnsafeRawBufferPointer) throws
}
