internal import Postgres

/// The services of a suite, and who starts which of them when.
public struct TestServices: Sendable {
  /// In the order in which they are started.
  private let all: [TestService]
  private let environment: [String: String]
  private let traces: RunTraces

  /// Knows the services of a suite.
  ///
  /// - Parameters:
  ///   - services: in an order in which each comes behind those that it needs.
  ///   - environment: what they have in their environment, beside variables of their own.
  public init(_ services: [TestService], environment: [String: String], _ traces: RunTraces) {
    all = services
    self.environment = environment
    self.traces = traces
  }

  /// Those that serve one worker or shard each, once those of the whole run are there.
  ///
  /// - Parameter variables: what is known of those of the run.
  func ofWorkers(_ variables: [String: String]) -> TestServices {
    TestServices(
      all.filter { $0.scope == .worker }, environment: environment.merging(variables) { $1 }, traces
    )
  }

  /// Runs `body` while the services of the whole run are there.
  ///
  /// - Parameters:
  ///   - say: is told what is waited for.
  ///   - body: is told what the tests have to know of them, and how those of workers are started; gives
  ///     the run, to which what befell the services is added.
  /// - Throws: `TestFailure` where one does not come up.
  public func with(
    _ say: @Sendable (String) -> Void,
    _ body: ([String: String], TestServices) async throws -> TestRun
  ) async throws -> TestRun {
    let shared = TestServices(
      all.filter { $0.scope == .run }, environment: environment, traces)
    for service in shared.all { say("starting service \(service.name)") }
    let running = try await shared.start(for: "run")
    do {
      var run = try await body(running.variables, ofWorkers(running.variables))
      run.troubles += await running.stop()
      return run
    } catch {
      // A task of its own: they have to go when this one was cancelled, too.
      await Task { _ = await running.stop() }.value
      throw error
    }
  }

  /// Starts all of them, one after the other.
  ///
  /// - Parameters:
  ///   - client: names in marks whom they serve.
  ///   - variables: what they have to know beside: the worker's database.
  func start(for client: String, _ variables: [String: String] = [:]) async throws
    -> RunningServices
  {
    let running = RunningServices()
    do {
      for service in all {
        let known = environment.merging(variables) { $1 }.merging(running.variables) { $1 }
        running.add(
          try await ServiceProcess.start(
            service, known, mark: "service-\(service.name)-\(client)", traces))
      }
      return running
    } catch {
      await Task { _ = await running.stop() }.value
      throw error
    }
  }
}
