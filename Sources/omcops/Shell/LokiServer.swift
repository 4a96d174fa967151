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
  /// So often it is asked again where it wants less at once, beside what every server is granted.
  private static let rounds = 4
  private static let timeout = Duration.seconds(60)

  private let targets: EnvironmentTargets
  private var client: Task<ServerClient, any Error>?

  init(targets: EnvironmentTargets) { self.targets = targets }

  func answer(_ path: String, _ query: ServerClient.Query) async throws -> JSON {
    do {
      for round in 1..<Self.rounds {
        do {
          return try await connected().json(.get, path, query, timeout: Self.timeout)
        } catch let error as ServerFailure where error.answerStatus == 429 {
          try await Task.sleep(for: .seconds(1 << round))
        }
      }
      return try await connected().json(.get, path, query, timeout: Self.timeout)
    } catch let error as ServerFailure {
      throw LokiTrouble(LokiTrouble.Kind(error), error.message, hint: error.hint)
    } catch let error as any Failure {
      throw LokiTrouble(.unreachable, error.message, hint: error.hint)
    }
  }

  private func connected() async throws -> ServerClient {
    let targets = targets
    let task = client ?? Task { try await targets.server(.loki) }
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
