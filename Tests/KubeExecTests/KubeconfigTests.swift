import ClusterStandIn
import Diagnostics
import HTTPClient
import KubeExec
import Testing

@Suite struct KubeconfigTests {
  private func resolve(
    _ files: [String: String], _ selection: AccessSelection = AccessSelection(),
    variables: [String: String] = ["KUBECONFIG": "config"]
  ) throws -> ClusterAccess {
    try ScratchFolder.with { folder in
      for (name, text) in files { try folder.write(text, to: name) }
      return try ClusterAccess.resolve(selection, in: folder.surroundings(variables))
    }
  }

  private func refusal(
    _ files: [String: String], _ selection: AccessSelection = AccessSelection(),
    variables: [String: String] = ["KUBECONFIG": "config"]
  ) throws -> any Failure {
    let error = #expect(throws: (any Error).self) {
      try resolve(files, selection, variables: variables)
    }
    return try #require(error as? any Failure)
  }

  @Test("a context gives server, user and namespace; JSON is YAML")
  func simple() throws {
    let access = try resolve([
      "config": """
      {"apiVersion": "v1", "kind": "Config", "current-context": "a", "preferences": {},
       "clusters": [{"name": "c", "cluster": {"server": "https://h.example:6443/k8s/clusters/x/"}}],
       "users": [{"name": "u", "user": {"token": "t0ken", "args": null}}],
       "contexts": [{"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "team"}}]}
      """
    ])
    #expect(access.server.description == "https://h.example:6443/k8s/clusters/x")
    #expect(access.server.pathPrefix == "/k8s/clusters/x")
    #expect(access.namespace == "team")
    #expect((access.context, access.cluster, access.user) == ("a", "c", "u"))
    guard case .token(let token) = access.credentials.header else {
      Issue.record("no token")
      return
    }
    #expect(token.text == "t0ken")
    #expect("\(access)".contains("t0ken") == false)
  }

  @Test("of several files the first that has a name wins whole, and missing ones are passed over")
  func merge() throws {
    let first = """
      clusters: [{name: c, cluster: {server: "https://first"}}]
      contexts:
      - {name: a, context: {cluster: c, user: u}}
      current-context: ""
      """
    let second = """
      current-context: a
      clusters:
      - {name: c, cluster: {server: "https://second", tls-server-name: never}}
      - {name: d, cluster: {server: "https://d"}}
      users: [{name: u, user: {username: me, password: 12345}}]
      """
    let files = ["one": first, "two": second]
    let variables = ["KUBECONFIG": "none::one:two:one"]
    let access = try resolve(files, variables: variables)
    #expect(access.server.host == "first")
    #expect(access.tlsServerName == nil)
    guard case .basic("me", let password) = access.credentials.header else {
      Issue.record("no basic authentication")
      return
    }
    #expect(password.text == "12345")
    var selection = AccessSelection()
    selection.cluster = "d"
    selection.namespace = "elsewhere"
    let other = try resolve(files, selection, variables: variables)
    #expect((other.server.host, other.namespace) == ("d", "elsewhere"))
  }

  @Test("without KUBECONFIG the home folder's file counts; --kubeconfig stands above both")
  func places() throws {
    func config(_ host: String) -> String {
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "https://\(host)"}}]
      contexts: [{name: a, context: {cluster: c}}]
      """
    }
    let files = [".kube/config": config("home"), "env": config("env"), "flag": config("flag")]
    let home = ["HOME": "$FOLDER"]
    #expect(try resolve(files, variables: home).server.host == "home")
    let both = home.merging(["KUBECONFIG": "env"]) { $1 }
    #expect(try resolve(files, variables: both).server.host == "env")
    var selection = AccessSelection()
    selection.kubeconfig = "flag"
    #expect(try resolve(files, selection, variables: both).server.host == "flag")
    selection.kubeconfig = "none"
    let missing = try refusal(files, selection, variables: both)
    #expect(missing.message.contains("there is no kubeconfig"))
    #expect(missing.status == .usage)
  }

  @Test("certificates come from data or from files beside the kubeconfig, data first")
  func material() throws {
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    let key = "-----BEGIN EC PRIVATE KEY-----\nBBBB\n-----END EC PRIVATE KEY-----\n"
    let data = Base64.encode(certificate.utf8)
    let config = """
      current-context: a
      clusters:
      - name: c
        cluster:
          server: https://h
          certificate-authority: nowhere.crt
          certificate-authority-data: \(data)
      users: [{name: u, user: {client-certificate: pki/me.crt, client-key: pki/me.key}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      """
    let files = [
      "deep/config": config, "deep/pki/me.crt": certificate, "deep/pki/me.key": key,
    ]
    let access = try resolve(files, variables: ["KUBECONFIG": "deep/config"])
    #expect(access.certificateAuthority == Array(certificate.utf8))
    #expect(access.credentials.certificate?.key == Array(key.utf8))
    var swapped = files
    swapped["deep/pki/me.key"] = certificate
    let wrong = try refusal(swapped, variables: ["KUBECONFIG": "deep/config"])
    #expect(wrong.message.contains("config:8:"))
    #expect(wrong.message.contains("holds no private key"))
    swapped["deep/pki/me.key"] = nil
    let gone = try refusal(swapped, variables: ["KUBECONFIG": "deep/config"])
    #expect(gone.message.contains("client key of user \"u\""))
    #expect(gone.message.contains("pki/me.key: No such file or directory"))
  }

  @Test("what does not fit together is refused with its place")
  func mistakes() throws {
    let head = "current-context: a\n"
    let context = "contexts: [{name: a, context: {cluster: cc, user: u}}]\n"
    let cluster = "clusters: [{name: c, cluster: {server: https://h}}]\n"
    let dangling = try refusal(["config": head + context + cluster])
    #expect(dangling.message.contains("config:2:41: context \"a\" names cluster \"cc\""))
    #expect(dangling.message.contains("did you mean \"c\"?"))

    let unknown = try refusal(["config": "current-context: b\n" + context + cluster])
    #expect(unknown.message.contains("config:1:18: there is no context \"b\""))

    let none = try refusal(["config": context + cluster])
    #expect(none.message.contains("no context is chosen"))
    #expect(none.hint == "pass --context; there are a")

    let twice = try refusal([
      "config": "users:\n- {name: u, user: {}}\n- {name: u, user: {}}\n"
    ])
    #expect(twice.message.contains("config:3:10: there are two users \"u\""))

    let both = try refusal([
      "config": """
      clusters:
      - name: c
        cluster:
          server: https://h
          insecure-skip-tls-verify: true
          certificate-authority: ca.crt
      """
    ])
    #expect(both.message.contains("config:5:31:"))

    let base64 = try refusal([
      "config": "clusters: [{name: c, cluster: {certificate-authority-data: 'no base64!'}}]"
    ])
    #expect(base64.message.contains("certificate-authority-data is not base64"))

    let provider = try refusal([
      "config": head + cluster
        + "contexts: [{name: a, context: {cluster: c, user: u}}]\n"
        + "users: [{name: u, user: {auth-provider: {name: gcp}}}]"
    ])
    #expect(provider.status == .refused)
    #expect(provider.message.contains("auth-provider \"gcp\""))

    let server = try refusal([
      "config": head + "clusters: [{name: c, cluster: {server: 'ftp://h'}}]\n"
        + "contexts: [{name: a, context: {cluster: c}}]\n"
    ])
    #expect(server.message.contains("\"ftp://h\", which is no URL"))
    let kind = try refusal(["config": "apiVersion: v1\nkind: Pod\n"])
    #expect(kind.message.contains("this is a Pod, not a kubeconfig"))
  }

  @Test("proxy, TLS name, impersonation and the insecure flag arrive; the last with a warning")
  func settings() throws {
    let access = try resolve([
      "config": """
      current-context: a
      clusters:
      - name: c
        cluster:
          server: https://[::1]:6443
          proxy-url: socks5://127.0.0.1:1080
          tls-server-name: kubernetes.default
          insecure-skip-tls-verify: true
          disable-compression: true
      users:
      - name: u
        user: {as: alice, as-uid: "7", as-groups: [a, b], as-user-extra: {scopes: [x, y]}}
      contexts: [{name: a, context: {cluster: c, user: u}}]
      """
    ])
    #expect(access.server.host == "[::1]")
    #expect(access.server.port == 6443)
    #expect(access.proxy == "socks5://127.0.0.1:1080")
    #expect(access.tlsServerName == "kubernetes.default")
    #expect(!access.allowsCompression)
    #expect(access.warnings.count == 1)
    #expect(access.warnings.first?.contains("is not checked") == true)
    let alice = Impersonation(
      user: "alice", uid: "7", groups: ["a", "b"], extra: ["scopes": ["x", "y"]])
    #expect(access.impersonation == alice)
  }

  @Test(
    "a server's URL is taken apart",
    arguments: [
      ("https://h", "https://h"), ("http://h:8080/", "http://h:8080"), ("h:6443", "https://h:6443"),
      ("https://h:443/a/b/", "https://h/a/b"), ("HTTPS://[fe80::1]", "https://[fe80::1]"),
    ])
  func addresses(_ text: String, _ expected: String) {
    #expect(ServerAddress(text)?.description == expected)
  }

  @Test(
    "what is no server's URL is not taken for one",
    arguments: [
      "", "ftp://h", "https://", "https://h:0", "https://h:65536", "https://h:x", "https://u@h",
      "https://h?x=1", "https://[::1", "https://h h",
    ])
  func noAddresses(_ text: String) {
    #expect(ServerAddress(text) == nil)
  }

  @Test("a pod finds its server, its token and its namespace by itself")
  func inCluster() throws {
    try ScratchFolder.with { folder in
      try folder.write("first\n", to: "token")
      try folder.write("-----BEGIN CERTIFICATE-----", to: "ca.crt")
      try folder.write("jobs", to: "namespace")
      var surroundings = folder.surroundings([
        "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443",
      ])
      let nothing = #expect(throws: KubeError.self) {
        try ClusterAccess.resolve(AccessSelection(), in: surroundings)
      }
      #expect(nothing?.message == "there is no kubeconfig")
      surroundings.serviceAccountFolder = folder.path.string
      let access = try ClusterAccess.resolve(AccessSelection(), in: surroundings)
      #expect(access.server.description == "https://[fd00::1]")
      #expect(access.namespace == "jobs")
      #expect(access.certificateAuthority != nil)
      guard case .tokenFile(let path, nil) = access.credentials.header else {
        Issue.record("no token file")
        return
      }
      #expect(path == folder.path.appending("token").string)
    }
  }
}
