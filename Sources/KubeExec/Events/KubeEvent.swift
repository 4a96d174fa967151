internal import JSON
public import Quantities

/// Something that happened to an object, as the cluster's parts write it down; kept for an hour or so.
public struct KubeEvent: Sendable {
  /// As it came.
  public var object: KubeObject

  /// Takes an event of the core group over.
  public init(_ object: KubeObject) { self.object = object }

  /// `Normal` or `Warning`.
  public var type: String { object["type"]?.string ?? "" }
  /// A word for programs.
  public var reason: String { object["reason"]?.string ?? "" }
  /// A sentence for people.
  public var message: String { object["message"]?.string ?? object["note"]?.string ?? "" }
  /// How often it happened.
  public var count: Int64 {
    object["series", "count"]?.int ?? object["count"]?.int.flatMap { $0 > 0 ? $0 : nil } ?? 1
  }
  /// What it happened to: `pod/web-1`.
  public var subject: String {
    let involved = object["involvedObject"] ?? object["regarding"]
    return "\(involved?["kind"]?.string?.lowercased() ?? "")/\(involved?["name"]?.string ?? "")"
  }
  /// Where that is.
  public var namespace: String { object.namespace ?? "" }
  /// When it happened last.
  public var time: Timestamp? {
    [
      object["series", "lastObservedTime"], object["lastTimestamp"], object["eventTime"],
      object["metadata", "creationTimestamp"],
    ].lazy.compactMap { $0?.string.flatMap(Timestamp.init(parsing:)) }.first
  }
}

extension KubeClient {
  /// The query for events, of all objects or of some.
  ///
  /// - Parameter subject: an object that they are about; nil for all.
  public static func events(
    about subject: ObjectReference? = nil, in namespace: String?
  ) -> ObjectQuery {
    guard let subject else { return ObjectQuery(.events, namespace: namespace) }
    let fields =
      "involvedObject.kind=\(subject.resource.kind),involvedObject.name=\(subject.name)"
    return ObjectQuery(
      .events, namespace: subject.namespace ?? namespace, fieldSelector: fields)
  }
}
