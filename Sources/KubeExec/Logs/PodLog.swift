internal import HTTPClient
internal import Quantities

/// Which part of which container's log is wanted.
public struct PodLogQuery: Hashable, Sendable {
  /// The pod's namespace.
  public var namespace: String
  /// The pod.
  public var pod: String
  /// The container; init and ephemeral ones too.
  public var container: String
  /// Whether the answer goes on until the container ends.
  public var follows = false
  /// The last terminated instance instead of the present one.
  public var previous = false
  /// Lines of this second (since 1970, UTC) and later. The API knows no parts of seconds.
  public var sinceSecond: Int64?
  /// Only so many lines at the end.
  public var tailLines: Int?
  /// Only so many bytes, cut wherever that is.
  public var limitBytes: Int?

  /// Means the whole log of a container.
  public init(namespace: String, pod: String, container: String) {
    self.namespace = namespace
    self.pod = pod
    self.container = container
  }

  var parameters: [(name: String, value: String)] {
    var parameters = [(name: "container", value: container), (name: "timestamps", value: "true")]
    if follows { parameters.append(("follow", "true")) }
    if previous { parameters.append(("previous", "true")) }
    if let sinceSecond {
      let time = Timestamp(microseconds: max(0, sinceSecond) * 1_000_000)
      parameters.append(("sinceTime", time.rfc3339(fractionDigits: 0)))
    }
    if let tailLines { parameters.append(("tailLines", String(tailLines))) }
    if let limitBytes { parameters.append(("limitBytes", String(limitBytes))) }
    return parameters
  }
}

extension KubeClient {
  /// Gives a log to `body` as it comes, every line behind its time; comes back at the end of the
  /// answer, which need not be the end of the container.
  ///
  /// `body` is called on the client's thread with bytes that must not be kept. While it waits, every
  /// other answer waits too, and the servers: that is how a slow reader holds logs back.
  ///
  /// - Parameters:
  ///   - timeout: how long the answer may take in all; nil for ever.
  ///   - stop: ends it from outside.
  /// - Throws: `KubeError`, `CancellationError`, what it is stopped with, or what `body` throws.
  public func streamLog(
    _ query: PodLogQuery, timeout: Duration? = nil, stop: LogStop? = nil,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) async throws {
    var request = APIRequest(
      KubeResource.pods.path(
        namespace: query.namespace, name: query.pod, subresource: "log"),
      subject: "read the log of \(query.pod)/\(query.container)")
    request.query = query.parameters
    request.accept = "application/json, */*"
    request.timeout = timeout
    try await stream(request, into: LogSink(body), stop: stop?.stream)
  }
}

/// Ends a log's stream from outside: for whoever looks after many of them.
public final class LogStop: Sendable {
  fileprivate let stream = StreamStop()

  /// Stops nothing yet.
  public init() {}

  /// Has `streamLog` end with this error.
  public func stop(throwing error: any Error) { stream.stop(throwing: error) }
}

private final class LogSink: HTTPSink {
  private let take: @Sendable (UnsafeRawBufferPointer) throws -> Void

  init(_ take: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) { self.take = take }

  func head(_ head: HTTPHead) {}

  func body(_ bytes: UnsafeRawBufferPointer) throws { try take(bytes) }
}
