internal import HTTPClient
public import Quantities
internal import SystemPackage

/// What one request proves who it is with.
public struct Credential: Sendable {
  /// The value of the header `Authorization`.
  public var authorization: Secret?
  /// The certificate of the connection.
  public var certificate: ClientCertificate?
  /// Which of the source's credentials it is.
  var generation = 0
}

/// Gives requests their credentials, and gets new ones when they end: tokens in files are read
/// again each minute, plugins are run again a minute before what they gave ends, and never twice at
/// once.
public actor CredentialSource {
  private let plan: CredentialPlan
  private let surroundings: AccessSurroundings
  private let now: @Sendable () -> Timestamp
  private var held: (credential: Credential, until: Timestamp?)?
  private var generation = 0
  private var running: Task<PluginExchange.Answer, any Error>?

  /// - Parameter now: the clock.
  public init(
    _ plan: CredentialPlan, in surroundings: AccessSurroundings,
    now: @escaping @Sendable () -> Timestamp = { .now() }
  ) {
    self.plan = plan
    self.surroundings = surroundings
    self.now = now
  }

  /// The credential for a request that is made now.
  public func current() async throws -> Credential {
    if let held, held.until.map({ now() < $0 }) ?? true { return held.credential }
    return try await renew()
  }

  /// Another credential after the server has refused one (401); nil where there is none to get,
  /// because it stands in the kubeconfig.
  public func replacement(for refused: Credential) async throws -> Credential? {
    switch plan.header {
    case .none, .token, .basic: return nil
    case .tokenFile, .plugin: break
    }
    // Somebody else has had it renewed meanwhile.
    if refused.generation != generation { return try await current() }
    held?.until = now()
    let credential = try await renew()
    return credential.authorization == refused.authorization
      && credential.certificate == refused.certificate ? nil : credential
  }

  private func renew() async throws -> Credential {
    switch plan.header {
    case .none: return hold(nil, until: nil)
    case .token(let token): return hold(bearer(token), until: nil)
    case .basic(let user, let password):
      let pair = Base64.encode("\(user):\(password.text)".utf8)
      return hold(Secret("Basic " + pair), until: nil)
    case .tokenFile(let path, let fallback): return try read(path, fallback)
    case .plugin(let plugin, let info):
      while true {
        let before = generation
        do {
          let answer = try await ask(plugin, info)
          if generation != before, let held { return held.credential }
          return hold(
            answer.token.map(bearer), answer.certificate, until: answer.expires.map(deadline))
        } catch is CancellationError where !Task.isCancelled {
          // It was another request that was cancelled while both waited for the plugin.
          continue
        }
      }
    }
  }

  private func hold(
    _ authorization: Secret?, _ certificate: ClientCertificate? = nil, until: Timestamp?
  ) -> Credential {
    generation += 1
    let credential = Credential(
      authorization: authorization, certificate: certificate ?? plan.certificate,
      generation: generation)
    held = (credential, until)
    return credential
  }

  private func bearer(_ token: Secret) -> Secret { Secret("Bearer " + token.text) }

  /// A minute before the end; where the whole life is short, three quarters of it.
  private func deadline(_ expires: Timestamp) -> Timestamp {
    let left = expires - now()
    return expires - min(.seconds(60), left / 4)
  }

  /// Kubelets renew tokens long before their end, so a minute's delay does no harm. A file that
  /// cannot be read just now leaves what was read before in force.
  private func read(_ path: String, _ fallback: Secret?) throws -> Credential {
    let until = now() + .seconds(60)
    let problem: String
    do throws(Errno) {
      let token = trimmed(try SmallFile.read(path))
      if !token.isEmpty { return hold(bearer(Secret(token)), until: until) }
      problem = "is empty"
    } catch {
      problem = "cannot be read: \(error)"
    }
    if let held {
      self.held?.until = until
      return held.credential
    }
    if let fallback { return hold(bearer(fallback), until: until) }
    throw KubeError(.noCredential, "the token file \(path) of \(plan.owner) \(problem)")
  }

  /// Runs the plugin, or waits for the run that is under way.
  private func ask(
    _ plugin: CredentialPlugin, _ info: PluginClusterInfo?
  ) async throws -> PluginExchange.Answer {
    let run: Task<PluginExchange.Answer, any Error>
    if let running {
      run = running
    } else {
      let job = PluginRun(
        plugin: plugin, info: info, owner: plan.owner, surroundings: surroundings)
      run = Task { try await job.answer() }
      running = run
    }
    defer { if running == run { running = nil } }
    return try await withTaskCancellationHandler {
      try await run.value
    } onCancel: {
      run.cancel()
    }
  }
}

extension Timestamp {
  fileprivate static func - (a: Timestamp, b: Duration) -> Timestamp { a + (.zero - b) }
}
