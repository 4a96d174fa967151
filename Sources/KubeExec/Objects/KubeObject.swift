public import JSON
internal import OrderedCollections
internal import Quantities

/// An object of the API as it came, with what each object has.
public struct KubeObject: Hashable, Sendable {
  /// All of it.
  public var json: JSON

  /// Takes an object over.
  public init(_ json: JSON) { self.json = json }

  /// The value at the end of a path of keys.
  public subscript(path: String...) -> JSON? {
    path.reduce(Optional(json)) { $0?[$1] }
  }

  /// `Deployment`; empty where a list has left it out.
  public var kind: String { json["kind"]?.string ?? "" }
  /// `apps/v1`.
  public var apiVersion: String { json["apiVersion"]?.string ?? "" }
  /// The name.
  public var name: String { self["metadata", "name"]?.string ?? "" }
  /// The namespace; nil for kinds without.
  public var namespace: String? { self["metadata", "namespace"]?.string }
  /// What tells it from another of the same name.
  public var uid: String { self["metadata", "uid"]?.string ?? "" }
  /// Which state of the object it is; opaque.
  public var resourceVersion: String? { self["metadata", "resourceVersion"]?.string }
  /// How often what is wanted was changed.
  public var generation: Int64 { self["metadata", "generation"]?.int ?? 0 }
  /// Whether it is about to go.
  public var isTerminating: Bool { self["metadata", "deletionTimestamp"]?.string != nil }

  /// The same without the list of who manages which field, which people seldom want to see.
  public var withoutManagedFields: KubeObject {
    KubeObject(json.removing("metadata", "managedFields"))
  }

  /// The value of a label.
  public func label(_ name: String) -> String? { self["metadata", "labels"]?[name]?.string }
  /// The value of an annotation.
  public func annotation(_ name: String) -> String? {
    self["metadata", "annotations"]?[name]?.string
  }

  /// The object with an annotation more, for one that is going to be made.
  public func annotated(_ name: String, _ value: String) -> KubeObject {
    let annotations = (self["metadata", "annotations"] ?? [:]).merging([name: .string(value)])
    let metadata = (self["metadata"] ?? [:]).merging(["annotations": annotations])
    return KubeObject(json.merging(["metadata": metadata]))
  }

  /// Whether an object with this uid controls it.
  public func isOwned(by uid: String) -> Bool {
    (self["metadata", "ownerReferences"]?.array ?? []).contains {
      $0["uid"]?.string == uid && $0["controller"]?.bool != false
    }
  }

  /// The condition of a type, whatever its case.
  public func condition(_ type: String) -> JSON? {
    let type = type.lowercased()
    return self["status", "conditions"]?.array?.first { $0["type"]?.string?.lowercased() == type }
  }

  /// Whether a condition is there and `True`.
  public func holds(_ type: String) -> Bool { condition(type)?["status"]?.string == "True" }

  /// A number; 0 where it is missing.
  func count(_ path: String...) -> Int64 {
    path.reduce(Optional(json)) { $0?[$1] }?.int ?? 0
  }
}
