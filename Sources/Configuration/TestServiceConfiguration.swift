public import OrderedCollections

/// A program that a suite's tests need while they run.
public struct TestServiceConfiguration: Sendable {
  /// Whom one of it serves.
  public enum Scope: String, Sendable, CaseIterable {
    case run, worker
  }

  /// How it is known to be ready.
  public enum Readiness: Hashable, Sendable {
    /// It takes connections at its port.
    case port
    /// It answers a request for that path well.
    case http(String)
    /// It writes that.
    case log(String)
    /// That program ends with exit code 0.
    case command([String])
  }

  /// The parts of its address that a variable may hold.
  public static let parts = ["host", "port", "url"]

  /// Its name in the suite.
  public var name: Located<String>
  /// The program and its arguments.
  public var command: [Located<String>] = []
  /// The folder that it is run in, absolute.
  public var folder: Located<String>
  /// Variables of its own.
  public var environment: OrderedDictionary<String, Located<TextSource>> = [:]
  /// The port that it always has; nil is a free one.
  public var port: Located<Int>?
  /// How it is known to be ready.
  public var readiness = Readiness.port
  /// How long it has for that.
  public var startTimeout: Located<Duration>?
  /// Whom one of it serves.
  public var scope = Scope.run
  /// The services that have to be ready before it.
  public var needs: [Located<String>] = []
  /// The names under which tests find its address.
  public var variables: OrderedDictionary<String, Located<String>> = [:]
}
