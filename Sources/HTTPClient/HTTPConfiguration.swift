/// How a client verifies servers and shows who it is. Everything is in memory, nothing on disk.
public struct HTTPTLS: Sendable, Hashable {
  /// The authorities that are believed, as PEM, in the place of the system's.
  public var authorities: [UInt8]?
  /// The client's certificate, as PEM, the authorities between behind it if there are any.
  public var certificate: [UInt8]?
  /// Its key, as PEM without a passphrase.
  public var key: [UInt8]?
  /// The name that the server's certificate must have, where it is not the URL's host.
  public var serverName: String?
  /// False: whoever answers is believed.
  public var isVerified: Bool

  /// The system's authorities, no certificate of one's own.
  public init(
    authorities: [UInt8]? = nil, certificate: [UInt8]? = nil, key: [UInt8]? = nil,
    serverName: String? = nil, isVerified: Bool = true
  ) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.serverName = serverName
    self.isVerified = isVerified
  }
}

/// What is the same for all requests of a client.
public struct HTTPConfiguration: Sendable, Hashable {
  /// Certificates.
  public var tls: HTTPTLS
  /// The proxies that requests go through.
  public var proxies: HTTPProxies
  /// The `User-Agent` field.
  public var userAgent: String
  /// How long it may take until a connection stands, TLS included.
  public var connectTimeout: Duration
  /// The most connections to one host; nil: as many as the running transfers need.
  ///
  /// libcurl of Debian 12 opens a connection for each transfer that is over the first one's limit of
  /// streams, so there must be a limit with HTTP/2. With HTTP/1.1 each transfer needs its own.
  public var maximumHostConnections: Int?
  /// How many transfers share one HTTP/2 connection where `maximumHostConnections` is nil. Kubernetes
  /// allows 100 streams, proxies usually 128. A server that allows fewer than are set here makes some
  /// transfers wait: set what it allows.
  public var streamsPerConnection: Int
  /// Whether HTTP/2 is spoken with servers that offer it by TLS.
  public var usesHTTP2: Bool
  /// A connection on which what was sent is not acknowledged for so long is given up; one for another
  /// protocol only after the system's own limit, as its server need not read what comes.
  public var silence: Duration
  /// How long an answer over HTTP/2 that is collected may pause in the middle, where the request can be
  /// repeated: then it counts as broken off.
  ///
  /// Where several streams of a connection end together, libcurl 7.88 may put the end of one aside until
  /// the server sends anything else on that connection, which it need not do ever again.
  public var pauseWithinAnswer: Duration

  /// A configuration; without proxies, with the system's authorities.
  public init(
    tls: HTTPTLS = HTTPTLS(), proxies: HTTPProxies = HTTPProxies(), userAgent: String = "omcops",
    connectTimeout: Duration = .seconds(15), maximumHostConnections: Int? = nil,
    streamsPerConnection: Int = 90, usesHTTP2: Bool = true, silence: Duration = .seconds(60),
    pauseWithinAnswer: Duration = .seconds(10)
  ) {
    self.tls = tls
    self.proxies = proxies
    self.userAgent = userAgent
    self.connectTimeout = connectTimeout
    self.maximumHostConnections = maximumHostConnections
    self.streamsPerConnection = streamsPerConnection
    self.usesHTTP2 = usesHTTP2
    self.silence = silence
    self.pauseWithinAnswer = pauseWithinAnswer
  }
}
