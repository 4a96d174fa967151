internal import HTTPClient
internal import Synchronization

/// The HTTP client of the certificate in force: a plugin that gives another certificate needs other
/// connections, another token does not.
final class Connections: Sendable {
  private let access: ClusterAccess
  private let variables: [String: String]
  private let userAgent: String
  private let held = Mutex<(certificate: ClientCertificate?, client: HTTPClient)?>(nil)

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
      held = (certificate, client)
      return client
    }
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
