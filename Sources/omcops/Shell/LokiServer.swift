internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import LogOps

extension Loki {
  /// An environment's Loki, for who reads much of it: it is connected to with the first question, and
  /// asked again with patience where it wants less at once (429) or is not ready.
  init(of targets: EnvironmentTargets) {
    let server = LokiServer(targets: targets)
    self.init("loki of \"\(targets.environment)\"") { path, query in
      try await server.answer(path, query)
    }
  }
}

/// The way to an environment's Loki, opened when it is needed.
private actor LokiServer {
  /// So often it is asked where it wants less at once, or is not ready: between the rounds stand pauses
  /// of seconds, within one what it asks for itself.
  private static let rounds = 4
  private static let retry = HTTPRetry(
    attempts: 2, delay: .milliseconds(250), maximumDelay: .seconds(30))
  private static let timeout = Duration.seconds(60)
  /// Live logs wait for what comes before them.
  private static let connectTimeout = Duration.seconds(5)

  private let targets: EnvironmentTargets
  private var client: Task<ServerClient, any Error>?

  init(targets: EnvironmentTargets) { self.targets = targets }

  func answer(_ path: String, _ query: ServerClient.Query) async throws -> JSON {
    do {
      for round in 1..<Self.rounds {
        do { return try await ask(path, query) } catch let error as ServerFailure
          where [429, 502, 503, 504].contains(error.answerStatus)
        { try await Task.sleep(for: .seconds(1 << round)) }
      }
      return try await ask(path, query)
    } catch let error as ServerFailure {
      throw LokiTrouble(LokiTrouble.Kind(error), error.message, hint: error.hint)
    } catch let error as any Failure {
      throw LokiTrouble(.unreachable, error.message, hint: error.hint)
    }
  }

  private func ask(_ path: String, _ query: ServerClient.Query) async throws -> JSON {
    try await connected().json(.get, path, query, timeout: Self.timeout, retry: Self.retry)
  }

  private func connected() async throws -> ServerClient {
    let targets = targets
    let task =
      client ?? Task { try await targets.server(.loki, connectTimeout: Self.connectTimeout) }
    client = task
    do { return try await task.value } catch {
      // It may be there the next time.
      client = nil
      throw error
    }
  }
}

extension LokiTrouble.Kind {
  fileprivate init(_ failure: ServerFailure) {
    switch failure.kind {
    case .connection, .timeout: self = .unreachable
    case .tooLarge: self = .tooLarge
    case .http: self = failure.answerStatus == 400 ? .badRequest : .refused
    }
  }
}
