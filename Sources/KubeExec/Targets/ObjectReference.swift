/// One object by its name.
public struct ObjectReference: Hashable, Sendable, CustomStringConvertible {
  /// Its kind.
  public var resource: KubeResource
  /// Its name.
  public var name: String
  /// Its namespace; nil for kinds without.
  public var namespace: String?

  /// Names an object.
  public init(_ resource: KubeResource, _ name: String, in namespace: String?) {
    self.resource = resource
    self.name = name
    self.namespace = resource.isNamespaced ? namespace : nil
  }

  /// `deployment.apps/web`, as kubectl names it.
  public var description: String {
    let group = resource.group.isEmpty ? "" : ".\(resource.group)"
    return "\(resource.singular)\(group)/\(name)"
  }
}
