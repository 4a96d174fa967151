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

  /// How long one probe may take where the file does not say it.
  static let defaultTimeout = Duration.seconds(60)

  /// Asks once.
  func once(_ assertion: Assertion, in scope: Scope) async throws -> Verdict {
    do {
      if let condition = assertion.condition, !(try condition.isTrue(in: scope)) { return .holds }
      let timeout = try assertion.timeout?.evaluate(in: scope) ?? Prober.defaultTimeout
      let performer = performer
      return try await Bounds(clock: performer.surroundings.clock, time: timeout).run {
        try await ask(assertion, of: performer, in: scope)
      }
    } catch let obstacle as Obstacle {
      guard case .timedOut(let time) = obstacle else { throw obstacle }
      return .unknown("no answer within \(time.readable)")
    } catch {
      return try verdict(on: error, in: assertion)
    }
  }

  private func ask(
    _ assertion: Assertion, of performer: Performer, in scope: Scope
  ) async throws -> Verdict {
    var scope = scope
    if let probe = assertion.probe {
      let performance = try await performer.perform(probe, in: scope)
      if assertion.expectation == nil { try performance.requireSuccess(of: probe) }
      scope = scope.with("result", performance.result)
    }
    guard let expectation = assertion.expectation else { return .holds }
    return try expectation.isTrue(in: scope)
      ? .holds : .fails("not true: \(expectation.source.singleLine)")
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
  ) async throws -> Verdict {
    let times: Times
    do {
      times = try Times(of: assertion, in: scope())
    } catch {
      return .unknown(performer.masker.mask(error.message))
    }
    let clock = performer.surroundings.clock
    let deadline = clock.elapsed + (waits ? times.within : .zero)
    var heldSince: Duration?
    while true {
      let asked = clock.elapsed
      let verdict = try await once(assertion, in: scope())
      let left: Duration
      if verdict == .holds {
        let since = heldSince ?? asked
        heldSince = since
        left = times.holdFor - (clock.elapsed - since)
        if left <= .zero { return .holds }
      } else {
        heldSince = nil
        left = deadline - clock.elapsed
        if left <= .zero { return verdict }
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
