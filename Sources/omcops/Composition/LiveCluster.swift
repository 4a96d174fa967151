internal import Configuration
internal import Digest
internal import KubeExec
internal import Runbooks
internal import Terminal

extension Configuration {
  /// The cluster of an environment; nil where it says nothing of one.
  func cluster(of name: String, _ context: Context) throws -> KubeSession? {
    guard let cluster = environments[name]?.kubernetes else { return nil }
    var selection = AccessSelection()
    selection.kubeconfig = cluster.kubeconfig?.value
    selection.context = cluster.context?.value
    selection.namespace = cluster.namespace?.value
    let style = Style(for: context.error, environment: context.environment, disabled: false)
    return try KubeSession(
      self, environment: name, selection, context, isInteractive: context.canPrompt,
      requestTimeout: .seconds(30), warn: KubeSession.warnings(context, style))
  }
}

extension Target {
  /// The same with its cluster: `target.kubernetes`, and what proves which cluster it is.
  ///
  /// That is the unique id of the namespace that each cluster has and nobody can make again. Who may
  /// not read it is told from others by the server's address alone. A cluster that gives no answer
  /// stops only the steps that need it: a database can be mended without.
  func with(
    _ session: KubeSession?, named configuration: KubernetesTarget? = nil, warn: (String) -> Void
  ) async throws -> Target {
    guard let session, case .object(var members) = value else { return self }
    let access = session.client.access
    members["kubernetes"] = [
      "namespace": .string(session.namespace), "server": .string("\(access.server)"),
      "context": Value(access.context),
      "cluster": Value(configuration?.clusterName?.value ?? access.cluster),
      "probe-image": Value(configuration?.probeImage?.value),
    ]
    var target = self
    target.value = .object(members)
    // Another address, or another authority that vouches for it, is another cluster until somebody
    // says otherwise.
    let authority =
      access.certificateAuthority.map { "its authority \(SHA256.hex(of: $0).prefix(16))" }
      ?? (access.isInsecure ? "unverified" : "the system's authorities")
    target.identities["kubernetes server"] = "\(access.server), \(authority)"
    do {
      let system = try await session.client.get(.namespaces, "kube-system", in: nil)
      target.identities["kubernetes"] = system.uid
    } catch let error as KubeError where error.code == .forbidden {
      target.identities["kubernetes"] = "\(access.server)"
    } catch let error as KubeError {
      warn("\(error.message); steps that need the cluster will fail")
    }
    return target
  }
}
