/// A program that a suite's tests need while they run: an API, a queue, a stand-in of another service.
public struct TestService: Sendable {
  /// How it is known to be ready.
  public enum Readiness: Sendable, Hashable {
    /// It takes connections at its port.
    case port
    /// It answers a request for that path with a status below 400.
    case http(path: String)
    /// A line that it writes holds that text.
    case log(String)
    /// That program ends with exit code 0.
    case command([String])
    /// It is started: that is enough.
    case none
  }

  /// Whom one of it serves.
  public enum Scope: String, Sendable, CaseIterable {
    /// All of the run.
    case run
    /// One worker or shard, whose database it gets.
    case worker
  }

  /// A part of its address.
  public enum Part: String, Sendable, CaseIterable {
    case host, port, url
  }

  /// Its name in the suite.
  public var name: String
  /// The program and its arguments; `${port}` stands for its port.
  public var command: [String]
  /// The folder that it is run in.
  public var folder: String
  /// Variables of its own beside those of the suite; `${port}` stands for its port.
  public var environment: [String: String] = [:]
  /// The port that it always has; nil gives it a free one.
  public var port: UInt16?
  /// How it is known to be ready.
  public var readiness = Readiness.none
  /// How long it has for that.
  public var patience = Duration.seconds(60)
  /// Whom it serves.
  public var scope = Scope.run
  /// The services that have to be ready before it is started.
  public var needs: [String] = []
  /// The names under which the tests, and services that need it, find its address.
  public var variables: [String: Part] = [:]

  /// Describes a service.
  public init(_ name: String, command: [String], in folder: String) {
    self.name = name
    self.command = command
    self.folder = folder
  }

  /// What its address is under its names.
  func values(host: String, port: UInt16) -> [String: String] {
    variables.mapValues { part in
      switch part {
      case .host: host
      case .port: String(port)
      case .url: "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
      }
    }
  }

  /// In an order in which each comes behind those that it needs; nil where there is none.
  public static func ordered(_ services: [TestService]) -> [TestService]? {
    var (left, ordered) = (services, [TestService]())
    while !left.isEmpty {
      let open = Set(left.map(\.name))
      guard let place = left.firstIndex(where: { open.isDisjoint(with: $0.needs) }) else {
        return nil
      }
      ordered.append(left.remove(at: place))
    }
    return ordered
  }
}
