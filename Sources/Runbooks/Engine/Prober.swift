internal import Quantities

/// Finds out whether assertions hold.
struct Prober: Sendable {
  let performer: Performer

  /// What an assertion turned out to be.
  enum Verdict: Sendable, Equatable {
    case holds
    /// It was asked and does not hold.
    case fails(String)
    /// It could not be asked: no connection, no answer in time.
    case unknown(String)

    var reason: String? {
      switch self {
      case .holds: nil
      case .fails(let reason), .unknown(let reason): reason
      }
    }
  }

  /// What an assertion turned out to be, and what its expectation saw; masked.
  struct Finding: Sendable {
    var verdict: Verdict
    var saw: String?
  }

  /// How long one probe may take where the file does not say it.
  static let defaultTimeout = Duration.seconds(60)

  /// Asks once.
  func once(_ assertion: Assertion, in scope: Scope) async throws -> Verdict {
    try await look(assertion, in: scope).verdict
  }

  private func look(_ assertion: Assertion, in scope: Scope) async throws -> Finding {
    do {
      if let condition = assertion.condition, !(try condition.isTrue(in: scope)) {
        return Finding(verdict: .holds, saw: "not asked: \(condition.source.singleLine) is false")
      }
      let timeout = try assertion.timeout?.evaluate(in: scope) ?? Prober.defaultTimeout
      let performer = performer
      return try await Bounds(clock: performer.surroundings.clock, time: timeout).run {
        try await ask(assertion, of: performer, in: scope)
      }
    } catch let obstacle as Obstacle {
      guard case .timedOut(let time) = obstacle else { throw obstacle }
      return Finding(verdict: .unknown("no answer within \(time.readable)"))
    } catch {
      return Finding(verdict: try verdict(on: error, in: assertion))
    }
  }

  private func ask(
    _ assertion: Assertion, of performer: Performer, in scope: Scope
  ) async throws -> Finding {
    var scope = scope
    if let probe = assertion.probe {
      let performance = try await performer.perform(probe, in: scope)
      if assertion.expectation == nil { try performance.requireSuccess(of: probe) }
      scope = scope.with("result", performance.result)
    }
    guard let expectation = assertion.expectation else { return Finding(verdict: .holds) }
    let isTrue = try expectation.isTrue(in: scope)
    let saw = expectation.values(in: scope, masker: performer.masker)
    if isTrue { return Finding(verdict: .holds, saw: saw) }
    let reason = "not true: \(expectation.source.singleLine)"
    return Finding(verdict: .fails(saw.map { "\(reason); \($0)" } ?? reason), saw: saw)
  }

  /// What an error says: a server that answers "there is no such database" has answered.
  private func verdict(on error: any Error, in assertion: Assertion) throws -> Verdict {
    switch error {
    case let error as ActionError:
      let masked = performer.masker.mask(error.message)
      return error.isAnswer ? .fails(masked) : .unknown(masked)
    case let error as ExpressionError:
      // Something that is not in the result is an answer too; a wrong type is a fault of the file.
      let masked = performer.masker.mask(error.message)
      return error.kind == .absent ? .fails(masked) : .unknown(masked)
    case is CancellationError: throw error
    case let error as RunError where error.code != .unsupported: throw error
    default: return .unknown(performer.masker.mask("\(error)"))
    }
  }

  /// Asks until it holds for as long as it must, at most `within`; both may be absent.
  ///
  /// - Parameter waits: whether `within` counts. Asked whether it holds already, an assertion is not
  ///   waited for; that it has to hold without a break is part of its truth even then.
  func settle(
    _ assertion: Assertion, waits: Bool = true, in scope: @Sendable () -> Scope
  ) async throws -> Finding {
    let times: Times
    do {
      times = try Times(of: assertion, in: scope())
    } catch {
      return Finding(verdict: .unknown(performer.masker.mask(error.message)))
    }
    let clock = performer.surroundings.clock
    let deadline = clock.elapsed + (waits ? times.within : .zero)
    var heldSince: Duration?
    while true {
      let asked = clock.elapsed
      let finding = try await look(assertion, in: scope())
      let left: Duration
      if finding.verdict == .holds {
        let since = heldSince ?? asked
        heldSince = since
        left = times.holdFor - (clock.elapsed - since)
        if left <= .zero { return finding }
      } else {
        heldSince = nil
        left = deadline - clock.elapsed
        if left <= .zero { return finding }
      }
      try await clock.pause(min(times.every, left))
    }
  }

  /// The times of one assertion.
  private struct Times {
    var within: Duration
    var every: Duration
    var holdFor: Duration

    init(of assertion: Assertion, in scope: Scope) throws(ExpressionError) {
      within = try assertion.within?.evaluate(in: scope) ?? .zero
      every = max(.milliseconds(10), try assertion.every.evaluate(in: scope))
      holdFor = try assertion.holdFor?.evaluate(in: scope) ?? .zero
    }
  }
}

extension ActionError {
  /// Whether the system was asked and has answered, if only with an error.
  fileprivate var isAnswer: Bool {
    // 3D000: there is no such database. The server says so while the connection is being made.
    if sqlState == "3D000" { return true }
    switch kind {
    case .sql, .exit, .assertion, .refused, .http: return true
    case .connection, .timeout, .other: return false
    }
  }
}

extension String {
  /// On one line, with blanks for line breaks.
  var singleLine: String {
    split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
