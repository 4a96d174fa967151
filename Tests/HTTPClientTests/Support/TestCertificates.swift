import ProgramRunner
import SystemPackage

/// An authority and certificates, made once for all tests of a process.
struct TestCertificates: Sendable {
  struct Identity: Sendable {
    let certificate: FilePath
    let key: FilePath
  }

  let authority: Identity
  /// For localhost and 127.0.0.1.
  let server: Identity
  let otherName: Identity
  let expired: Identity
  let client: Identity
  /// Made by another authority.
  let stranger: Identity

  static let shared = Task { try await make() }

  /// The authority's certificate as a client takes it.
  func authorityPEM() throws -> [UInt8] { try TestFolder.read(authority.certificate) }

  private static func make() async throws -> TestCertificates {
    let folder = try TestFolder.make()
    TestFolder.removeAtExit(folder)
    let authority = try await Maker(folder: folder).authority("authority")
    let other = try await Maker(folder: folder).authority("other-authority")
    let maker = Maker(folder: folder)
    let local = "DNS:localhost,IP:127.0.0.1"
    return TestCertificates(
      authority: authority,
      server: try await maker.certificate("server", local, by: authority),
      otherName: try await maker.certificate("other", "DNS:other.example", by: authority),
      expired: try await maker.certificate("expired", local, by: authority, days: -1),
      client: try await maker.certificate("client", "DNS:client", by: authority),
      stranger: try await maker.certificate("stranger", "DNS:stranger", by: other))
  }

  private struct Maker {
    let folder: FilePath

    func authority(_ name: String) async throws -> Identity {
      let identity = identity(name)
      try await openssl(
        ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-out", "\(identity.certificate)"]
          + newKey(identity))
      return identity
    }

    func certificate(
      _ name: String, _ names: String, by authority: Identity, days: Int = 2
    ) async throws -> Identity {
      let identity = identity(name)
      let request = folder.appending("\(name).csr").string
      try await openssl(
        [
          "req", "-new", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)", "-out",
          request,
        ]
          + newKey(identity))
      try await openssl([
        "x509", "-req", "-in", request, "-CA", "\(authority.certificate)", "-CAkey",
        "\(authority.key)", "-set_serial", "\(UInt32.random(in: 1 ... .max))", "-copy_extensions",
        "copy", "-days", "\(days)", "-out", "\(identity.certificate)",
      ])
      return identity
    }

    private func identity(_ name: String) -> Identity {
      Identity(certificate: folder.appending("\(name).pem"), key: folder.appending("\(name).key"))
    }

    private func newKey(_ identity: Identity) -> [String] {
      [
        "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
        "\(identity.key)",
      ]
    }

    private func openssl(_ arguments: [String]) async throws {
      let result = try await Program("/usr/bin/openssl").run(arguments)
      guard result.exitCode == 0 else { throw Failed(words: result.errorOutput) }
    }
  }

  struct Failed: Error { let words: String }
}
