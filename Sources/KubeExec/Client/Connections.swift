internal import HTTPClient
internal import Synchronization

/// The HTTP client of the certificate in force: a plugin that gives another certificate needs other
/// connections, another token does not.
final class Connections: Sendable {
  private let access: ClusterAccess
  private let variables: [String: String]
  private let userAgent: String
  private let held = Mutex<Held?>(nil)

  private struct Held {
    let certificate: ClientCertificate?
    let client: HTTPClient
    let made = ContinuousClock.now
  }

  init(_ access: ClusterAccess, variables: [String: String], userAgent: String) {
    self.access = access
    self.variables = variables
    self.userAgent = userAgent
  }

  /// The client whose connections show this certificate.
  func client(for certificate: ClientCertificate?) -> HTTPClient {
    held.withLock { held in
      if let held, held.certificate == certificate { return held.client }
      let client = HTTPClient(configuration(certificate))
      held = Held(certificate: certificate, client: client)
      return client
    }
  }

  /// A connection has given no answer, though nobody has ended it, as behind a balancer that has lost
  /// its other half: requests from now on go over new ones, and what streams over the old ones is
  /// ended, so that it is gone on with. Nothing is done where that was done since `asked`.
  func renew(askedAt asked: ContinuousClock.Instant) {
    let old = held.withLock { held -> HTTPClient? in
      guard let old = held, old.made <= asked else { return nil }
      held = nil
      return old.client
    }
    old?.endStreams(because: "the connection gives no answer any more")
  }

  private func configuration(_ certificate: ClientCertificate?) -> HTTPConfiguration {
    HTTPConfiguration(
      tls: HTTPTLS(
        authorities: access.certificateAuthority, certificate: certificate?.certificate,
        key: certificate?.key, serverName: access.tlsServerName, isVerified: !access.isInsecure),
      proxies: access.proxy.map { HTTPProxies(all: $0) } ?? HTTPProxies(environment: variables),
      userAgent: userAgent)
  }
}
