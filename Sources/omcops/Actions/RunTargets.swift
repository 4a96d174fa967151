internal import Configuration
internal import Diagnostics
internal import Runbooks
internal import Synchronization

/// The servers, the account and the repository that the steps of this process's run mean.
///
/// Like `RunTarget`: actions are registered before the engine knows the environment. Who has been
/// asked once is not looked up again.
final class RunTargets: Sendable {
  private struct State {
    var targets: EnvironmentTargets?
    var servers: [ServerKind: ServerClient] = [:]
    var repository: (name: String, client: ServerClient)?
    var hasProvenAccount = false
  }

  private let state = Mutex(State())

  /// Makes an environment the one that is meant; nil for none of omcops.yaml.
  func choose(_ targets: EnvironmentTargets?) {
    state.withLock { $0 = State(targets: targets) }
  }

  /// Whether the credentials for AWS are known to be those of the environment's account.
  var hasProvenAccount: Bool { state.withLock { $0.hasProvenAccount } }

  /// They are.
  func noteProvenAccount() { state.withLock { $0.hasProvenAccount = true } }

  /// What the environment says.
  func chosen() throws -> EnvironmentTargets {
    guard let targets = state.withLock({ $0.targets }) else {
      throw ActionError(NoTarget(environment: nil, section: "servers"))
    }
    return targets
  }

  /// Speaks with one of its servers.
  func server(_ kind: ServerKind) async throws -> ServerClient {
    if let known = state.withLock({ $0.servers[kind] }) { return known }
    let targets = try chosen()
    let server = try await serverErrors { try await targets.server(kind) }
    state.withLock { $0.servers[kind] = server }
    return server
  }

  /// Speaks with the repository's API.
  func repository() async throws -> (name: String, client: ServerClient) {
    if let known = state.withLock({ $0.repository }) { return known }
    let targets = try chosen()
    let repository = try await serverErrors { try await targets.repository() }
    state.withLock { $0.repository = repository }
    return repository
  }
}

/// Runs `body` and words what it throws as the engine reads it.
///
/// - Parameter writes: whether a lost connection leaves it open if the effect happened.
func serverErrors<Result>(
  writes: Bool = false, _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as ServerFailure {
    let kind: ActionError.Kind =
      switch error.kind {
      case .connection: .connection
      case .timeout: .timeout
      case .http, .tooLarge: .http
      }
    throw ActionError(
      kind, error.message, hint: error.hint,
      isInDoubt: writes && error.wasSent && error.kind != .http)
  } catch let error as NoTarget {
    throw ActionError(error)
  } catch let error as any Failure {
    return try await kubeErrors(writes: writes) { throw error }
  }
}

extension ActionError {
  /// What an environment lacks can be mended in omcops.yaml only.
  init(_ error: NoTarget) {
    self.init(.refused, error.message, hint: error.hint)
  }
}
