import ClusterStandIn
import Diagnostics
import KubeExec
import Quantities
import Synchronization
import SystemPackage
import Testing

@Suite struct CredentialTests {
  /// A kubeconfig whose user has a plugin: a script that counts its runs in the file `runs`.
  private func source(
    _ script: String, mode: String = "Never", version: String = "v1", more: String = "",
    in folder: ScratchFolder, clock: Clock = Clock()
  ) throws -> CredentialSource {
    try folder.write(
      "#!/bin/sh\necho run >>runs\n" + script, to: "bin/plugin",
      mode: [.ownerReadWriteExecute])
    try folder.write(
      """
      current-context: a
      clusters:
      - name: c
        cluster:
          server: https://h
          extensions:
          - {name: client.authentication.k8s.io/exec, extension: {audience: x}}
      contexts: [{name: a, context: {cluster: c, user: u}}]
      users:
      - name: u
        user:
          exec:
            apiVersion: client.authentication.k8s.io/\(version)
            command: bin/plugin
            args: [one, "two words"]
            env: [{name: PROFILE, value: prod}]
            interactiveMode: \(mode)
      \(more)
      """, to: "config")
    let surroundings = folder.surroundings(["KUBECONFIG": "config", "PATH": "/usr/bin:/bin"])
    let access = try ClusterAccess.resolve(AccessSelection(), in: surroundings)
    return CredentialSource(access.credentials, in: surroundings) { clock.now }
  }

  private func runs(_ folder: ScratchFolder) throws -> Int {
    try folder.read("runs").split(separator: "\n").count
  }

  private func answer(_ status: String, version: String = "v1") -> String {
    """
    cat <<END
    {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/\(version)","status":\(status)}
    END

    """
  }

  @Test("a plugin's token is kept until shortly before its end, and asked for once by many")
  func caching() async throws {
    try await ScratchFolder.with { folder in
      let clock = Clock()
      let expires = (clock.now + .seconds(900)).rfc3339()
      let source = try source(
        "sleep 0.1\n"
          + answer(
            "{\"token\":\"t'$(wc -l <runs | tr -d ' ')\",\"expirationTimestamp\":\"\(expires)\"}"),
        in: folder, clock: clock)
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 { group.addTask { try await source.current().authorization?.text } }
        for try await token in group { #expect(token == "Bearer t'1") }
      }
      #expect(try runs(folder) == 1)
      clock.advance(by: .seconds(830))
      #expect(try await source.current().authorization?.text == "Bearer t'1")
      clock.advance(by: .seconds(11))
      #expect(try await source.current().authorization?.text == "Bearer t'2")
    }
  }

  @Test("after a 401 the plugin runs once more, however many requests were refused")
  func replacement() async throws {
    try await ScratchFolder.with { folder in
      let source = try source(
        answer("{\"token\":\"t$(wc -l <runs | tr -d ' ')\"}"), in: folder)
      let refused = try await source.current()
      try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask { try await source.replacement(for: refused)?.authorization?.text }
        }
        for try await token in group { #expect(token == "Bearer t2") }
      }
      #expect(try runs(folder) == 2)
    }
  }

  @Test("a plugin gets arguments, variables, and what it wants to know of the cluster")
  func question() async throws {
    try await ScratchFolder.with { folder in
      let source = try source(
        """
        printf '%s\\n' "$#" "$2" "$PROFILE" "$KUBERNETES_EXEC_INFO" >asked

        """ + answer("{\"token\":\"t\"}", version: "v1beta1"), version: "v1beta1",
        more: "      provideClusterInfo: true", in: folder)
      _ = try await source.current()
      let lines = try folder.read("asked").split(separator: "\n").map(String.init)
      #expect(lines.prefix(3) == ["2", "two words", "prod"])
      #expect(
        lines.last == """
          {"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","spec":\
          {"cluster":{"server":"https://h","config":{"audience":"x"}},"interactive":false}}
          """)
    }
  }

  @Test(
    "what a plugin does wrong is one clear line that holds nothing of its answer",
    arguments: [
      ("exit 3", "ended with status 3"),
      ("echo s3cret", "printed no JSON"),
      ("echo '{\"kind\":\"s3cret\"}'", "printed no ExecCredential"),
      (
        "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\"}'",
        "where the kubeconfig says \"client.authentication.k8s.io/v1\""
      ),
    ])
  func misbehaviour(_ script: String, _ reason: String) async throws {
    try await ScratchFolder.with { folder in
      let source = try source(script + "\n", in: folder)
      let error = await #expect(throws: KubeError.self) { try await source.current() }
      let message = try #require(error?.message)
      #expect(message.contains("bin/plugin\" of user \"u\" ("))
      #expect(message.contains("config:12:5)"))
      #expect(message.contains(reason))
      #expect(!message.contains("s3cret"))
    }
  }

  @Test(
    "an answer must be whole",
    arguments: [
      ("{}", "gave neither a token nor a certificate"),
      ("{\"clientCertificateData\":\"c\"}", "gave a certificate without its key"),
      ("{\"clientKeyData\":\"s3cret\"}", "gave a key without its certificate"),
      ("{\"token\":\"s3cret\",\"expirationTimestamp\":\"soon\"}", "that is no time"),
    ])
  func halves(_ status: String, _ reason: String) async throws {
    try await ScratchFolder.with { folder in
      let source = try source(answer(status), in: folder)
      let error = await #expect(throws: KubeError.self) { try await source.current() }
      #expect(error?.message.contains(reason) == true)
      #expect(error?.message.contains("s3cret") == false)
    }
  }

  @Test("a plugin that needs a terminal is not run without one; a missing one says how to get it")
  func unavailable() async throws {
    try await ScratchFolder.with { folder in
      let source = try source("exit 0\n", mode: "Always", in: folder)
      let error = await #expect(throws: KubeError.self) { try await source.current() }
      #expect(error?.message.contains("needs a terminal") == true)
    }
    try await ScratchFolder.with { folder in
      let source = try source(
        "", more: "      installHint: \"get it \\e[31mthere\"", in: folder)
      try folder.write("", to: "bin/plugin")
      let error = await #expect(throws: KubeError.self) { try await source.current() }
      #expect(error?.message.contains("not executable") == true)
      #expect(error?.hint == "get it  [31mthere")
    }
  }

  @Test("a token's file is read again each minute, and what was read stays while it cannot be")
  func tokenFile() async throws {
    try await ScratchFolder.with { folder in
      let clock = Clock()
      try folder.write("first\n", to: "token")
      var plan = CredentialPlan()
      plan.header = .tokenFile(folder.path.appending("token").string, fallback: nil)
      let source = CredentialSource(plan, in: folder.surroundings([:])) { clock.now }
      let first = try await source.current()
      #expect(first.authorization?.text == "Bearer first")
      try folder.write("second", to: "token")
      #expect(try await source.current().authorization?.text == "Bearer first")
      #expect(try await source.replacement(for: first)?.authorization?.text == "Bearer second")
      try folder.write("", to: "token")
      clock.advance(by: .seconds(61))
      #expect(try await source.current().authorization?.text == "Bearer second")
      let second = try await source.current()
      #expect(try await source.replacement(for: second) == nil)
      try folder.write("third", to: "token")
      clock.advance(by: .seconds(61))
      #expect(try await source.current().authorization?.text == "Bearer third")
    }
  }

  @Test("basic authentication is encoded; what stands in the kubeconfig cannot be replaced")
  func fixed() async throws {
    try await ScratchFolder.with { folder in
      var plan = CredentialPlan()
      plan.header = .basic(user: "Aladdin", password: Secret("open sesame"))
      let source = CredentialSource(plan, in: folder.surroundings([:]))
      let credential = try await source.current()
      #expect(credential.authorization?.text == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
      #expect("\(credential)".contains("QWxh") == false)
      #expect(try await source.replacement(for: credential) == nil)
    }
  }
}

/// A clock that a test turns.
final class Clock: Sendable {
  private let time = Mutex(Timestamp.now())

  var now: Timestamp { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

extension ScratchFolder {
  /// The text of a file.
  func read(_ name: String) throws -> String {
    let descriptor = try FileDescriptor.open(path.appending(name), .readOnly)
    return try descriptor.closeAfter {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
      return String(decoding: buffer[..<count], as: UTF8.self)
    }
  }
}
