/// Which objects are meant.
public struct ObjectQuery: Hashable, Sendable {
  /// Their kind.
  public var resource: KubeResource
  /// Their namespace; nil for all.
  public var namespace: String?
  /// By labels, in the API's words: `app=web,tier in (a,b)`.
  public var labelSelector: String?
  /// By fields, in the API's words: `metadata.name=web`.
  public var fieldSelector: String?

  /// Means all objects of a kind in a namespace, or, without one, in all.
  public init(
    _ resource: KubeResource, namespace: String?, labelSelector: String? = nil,
    fieldSelector: String? = nil
  ) {
    self.resource = resource
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
  }

  /// Means the one object of that name.
  public init(_ resource: KubeResource, namespace: String?, name: String) {
    self.init(resource, namespace: namespace, fieldSelector: "metadata.name=\(name)")
  }

  /// The parameters that select.
  var parameters: [(name: String, value: String)] {
    var parameters: [(name: String, value: String)] = []
    if let labelSelector { parameters.append(("labelSelector", labelSelector)) }
    if let fieldSelector { parameters.append(("fieldSelector", fieldSelector)) }
    return parameters
  }

  /// The path of the collection.
  var path: String { resource.path(namespace: namespace) }
}

/// Several objects and the state of the cluster that they are of.
public struct ObjectList: Sendable {
  /// The objects.
  public var items: [KubeObject]
  /// From where to watch.
  public var resourceVersion: String
}
