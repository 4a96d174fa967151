import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
  private func failure(_ tls: HTTPTLS, _ url: String) async -> HTTPError? {
    await #expect(throws: HTTPError.self) {
      try await HTTPClient(HTTPConfiguration(tls: tls)).send(HTTPRequest(.get, url))
    }
  }

  @Test func anUnknownAuthorityIsRefusedUnlessNobodyIsVerified() async throws {
    try await RealServers.openSSL([]) { url in
      let error = await failure(HTTPTLS(), url)
      #expect(error?.kind == .tls)
      #expect(error?.message.contains("unable to get local issuer certificate") == true)
      #expect(error?.hint?.contains("authority") == true)
      let client = HTTPClient(HTTPConfiguration(tls: HTTPTLS(isVerified: false)))
      let answer = try await client.send(HTTPRequest(.get, url))
      #expect(answer.status == 200)
    }
  }

  @Test func aCertificateForAnotherNameIsRefusedUnlessTheNameIsAskedFor() async throws {
    let certificates = try await TestCertificates.shared.value
    let authority = try certificates.authorityPEM()
    try await TestFolder.with { folder in
      try await RealServers.nghttpd(files: folder, identity: certificates.otherName) { url in
        let error = await failure(HTTPTLS(authorities: authority), url)
        #expect(error?.kind == .tls)
        #expect(error?.message.contains("127.0.0.1") == true)
        #expect(error?.hint?.contains("TLS server name") == true)
        let tls = HTTPTLS(authorities: authority, serverName: "other.example")
        let client = HTTPClient(HTTPConfiguration(tls: tls))
        let answer = try await client.send(HTTPRequest(.get, url))
        #expect(answer.status == 404)
        #expect(answer.head.version == .http2)
        let wrong = await failure(HTTPTLS(authorities: authority, serverName: "x.example"), url)
        #expect(wrong?.kind == .tls)
      }
    }
  }

  @Test func anExpiredCertificateIsRefused() async throws {
    let certificates = try await TestCertificates.shared.value
    try await TestFolder.with { folder in
      try await RealServers.nghttpd(files: folder, identity: certificates.expired) { url in
        let error = await failure(HTTPTLS(authorities: try certificates.authorityPEM()), url)
        #expect(error?.kind == .tls)
        #expect(error?.message.contains("certificate has expired") == true)
        #expect(error?.hint?.contains("renewed") == true)
      }
    }
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func aServerThatDemandsACertificateGetsOneFromMemory(version: String) async throws {
    let certificates = try await TestCertificates.shared.value
    let authority = try certificates.authorityPEM()
    let arguments = [
      version, "-Verify", "1", "-verify_return_error", "-CAfile",
      "\(certificates.authority.certificate)",
    ]
    try await RealServers.openSSL(arguments) { url in
      let none = await failure(HTTPTLS(authorities: authority), url)
      #expect(none?.kind == .tls)
      if version == "-tls1_3" {
        #expect(none?.message.hasSuffix("the server demands a client certificate") == true)
      }
      let stranger = await failure(
        HTTPTLS(
          authorities: authority,
          certificate: try TestFolder.read(certificates.stranger.certificate),
          key: try TestFolder.read(certificates.stranger.key)), url)
      #expect(stranger?.kind == .tls)
      #expect(stranger?.message.contains("does not know who issued") == true)
      let tls = HTTPTLS(
        authorities: authority, certificate: try TestFolder.read(certificates.client.certificate),
        key: try TestFolder.read(certificates.client.key))
      let answer = try await HTTPClient(HTTPConfiguration(tls: tls)).send(HTTPRequest(.get, url))
      #expect(String(decoding: answer.body, as: UTF8.self).contains("CN=client"))
    }
  }

  @Test(arguments: ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
  func whatIsNoCertificateIsSaidSo(text: String) async throws {
    try await RealServers.openSSL([]) { url in
      let error = await failure(HTTPTLS(authorities: Array(text.utf8)), url)
      #expect(error?.kind == .tls)
    }
  }

  @Test func aKeyThatDoesNotFitIsSaidSo() async throws {
    let certificates = try await TestCertificates.shared.value
    try await RealServers.openSSL([]) { url in
      let tls = HTTPTLS(
        certificate: try TestFolder.read(certificates.client.certificate),
        key: try TestFolder.read(certificates.stranger.key), isVerified: false)
      #expect(await failure(tls, url)?.kind == .tls)
    }
  }

  @Test func aServerWithoutTLSIsSaidSo() async throws {
    let server = try ScriptedServer { peer in try peer.write("HTTP/1.1 400 Bad Request\r\n\r\n") }
    let error = await failure(HTTPTLS(), "https://127.0.0.1:\(server.port)/")
    #expect(error?.kind == .tls)
    #expect(error?.message.hasSuffix("the server does not speak TLS on this port") == true)
  }
}
