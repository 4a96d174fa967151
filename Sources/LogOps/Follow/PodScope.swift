public import KubeExec
public import Patterns

/// Which pods' logs are wanted.
public struct PodScope: Sendable {
  /// What was asked for, for messages.
  public var description: String
  /// The pods' query.
  public var query: ObjectQuery
  /// Only pods whose names match; nil for all.
  public var name: Pattern?
  /// Only these containers, where the target itself says so; nil for all.
  public var container: String?
  /// What pods of it that are gone were called; nil where nothing tells.
  public var past: PastNames?

  /// Means the pods of a query.
  public init(
    _ description: String, _ query: ObjectQuery, name: Pattern? = nil, container: String? = nil,
    past: PastNames? = nil
  ) {
    self.description = description
    self.query = query
    self.name = name
    self.container = container
    self.past = past
  }
}

/// What is read of pods.
public struct FollowOptions: Sendable {
  /// The pods.
  public var scopes: [PodScope]
  /// Only containers whose names match; nil for all.
  public var container: Pattern?
  /// No containers whose names match.
  public var excludedContainer: Pattern?
  /// Whether init containers are among them.
  public var includesInit = true
  /// Whether ephemeral containers are.
  public var includesEphemeral = true
  /// Whether reading goes on: what is written, new pods, restarts.
  public var follows = false
  /// The last terminated instances instead of the present ones.
  public var previous = false
  /// Only so many lines at the end of each container; nil for all. Pods that come later are read from
  /// their start.
  public var tail: Int?
  /// From this second on.
  public var sinceSecond: Int64?
  /// Only so many bytes of each container.
  public var limitBytes: Int?
  /// Whether it is waited for pods where there are none.
  public var waits = false
  /// How many logs are read at the same time; others queue.
  public var maximumStreams = 900
  /// Whether reading ends when all pods have ended.
  public var endsWithPods = false
  /// Comes back when no more pods will come, as when a Job is over: then reading ends with the logs of
  /// those that there are. What it throws ends reading at once. Nil where nobody knows.
  public var lastPods: (@Sendable () async throws -> Void)?
  /// Whether warnings of the cluster about the pods are told.
  public var showsEvents = false
  /// Whether several namespaces may be meant: then they are part of the names.
  public var showsNamespace = false
  /// What has kept the lines that the cluster has no longer; nil where nothing has.
  public var history: LogHistory?
  /// How long a log may be silent before it is asked whether there is more; one that wrote all the
  /// time is asked sooner.
  public var silence = Duration.seconds(60)

  /// Everything that the pods of some scopes have written.
  public init(_ scopes: [PodScope]) { self.scopes = scopes }

  /// What is read from before all that the cluster has: only where that is wanted from a time on.
  var startHistory: LogHistory? {
    sinceSecond != nil && tail == nil && limitBytes == nil && !previous ? history : nil
  }

  /// Whether containers of this name are meant.
  func wants(container name: String) -> Bool {
    Array(name.utf8).withUnsafeBytes { bytes in
      container?.matches(bytes) != false && excludedContainer?.matches(bytes) != true
    }
  }
}
