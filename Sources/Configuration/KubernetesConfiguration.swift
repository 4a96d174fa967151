internal import Diagnostics
internal import OrderedCollections
internal import YAML

/// The cluster of an environment, in the file's words; each part may be left to the kubeconfig.
public struct KubernetesTarget: Sendable {
  /// The kubeconfig to read, absolute.
  public var kubeconfig: Located<String>?
  /// Its context.
  public var context: Located<String>?
  /// The namespace.
  public var namespace: Located<String>?
  /// What its provider calls the cluster; the kubeconfig's name for it where it is left out.
  public var clusterName: Located<String>?
  /// The image of pods that procedures start to try something.
  public var probeImage: Located<String>?

  init() {}
}

/// A part of the service that runs in a cluster: a selector of its pods, or one object by kind and
/// name.
public struct ComponentConfiguration: Sendable {
  /// What it is called here.
  public var name: Located<String>
  /// Its pods' and workloads' labels.
  public var selector: Located<String>?
  /// The kind of its object; a Deployment where only the name is given.
  public var kind: Located<String>?
  /// The name of its object.
  public var objectName: Located<String>?
  /// Its namespace; that of the environment where it is left out.
  public var namespace: Located<String>?
  /// The container that is meant when a pod has several.
  public var container: Located<String>?
}

extension Configuration {
  /// The environment whose cluster is meant, and what the file says of it; nil where no environment
  /// is, or it says nothing of a cluster. Nothing of its database is looked up.
  public func kubernetes(
    _ named: String?, variables: [String: String]
  ) throws -> (name: String, target: KubernetesTarget)? {
    let variable = variables["OMCOPS_ENVIRONMENT"].flatMap { $0.isEmpty ? nil : $0 }
    guard
      let name = named ?? variable ?? defaultEnvironment?.value
        ?? (environments.count == 1 ? environments.keys.first : nil)
    else { return nil }
    guard let environment = environments[name] else {
      throw unknown(name)
    }
    guard let target = environment.kubernetes else {
      // Who names an environment means its cluster, not whichever is current.
      if named == nil { return nil }
      throw ConfigurationError(
        "\(environment.name.location): environment \"\(name)\" says nothing of a cluster",
        hint: "give it a kubernetes section, or name the cluster with --context")
    }
    return (name, target)
  }

  /// The environment that asks for the operator's word before its cluster is changed: the one that
  /// is meant, or any other whose context this is.
  public func protectedEnvironment(_ name: String?, context: String?) -> String? {
    let isMeant = { (environment: EnvironmentConfiguration) in
      environment.name.value == name
        || context != nil && environment.kubernetes?.context?.value == context
    }
    return environments.values.first { $0.isProtected?.value == true && isMeant($0) }?.name.value
  }
}

/// Reads what `omcops.yaml` says about clusters.
struct KubernetesReader {
  let texts: TextSourceReader

  private var problems: YAMLProblems { texts.problems }

  func target(_ reader: MappingReader) -> KubernetesTarget {
    var target = KubernetesTarget()
    target.kubeconfig = texts.path("kubeconfig", reader)
    target.context = reader.word("context")
    target.namespace = reader.word("namespace")
    target.clusterName = reader.word("cluster-name")
    target.probeImage = reader.word("probe-image")
    reader.finish()
    return target
  }

  func components(
    _ entries: [YAMLMapping.Entry]
  ) -> OrderedDictionary<String, ComponentConfiguration> {
    var components: OrderedDictionary<String, ComponentConfiguration> = [:]
    for entry in entries {
      if entry.key.isEmpty || entry.key.contains(where: { "/=,! ".contains($0) }) {
        problems.report(
          "\"\(entry.key)\" cannot be the name of a component", at: entry.location,
          hint: "Leave out blanks and the characters / = , and !")
      }
      components[entry.key] = component(entry)
    }
    return components
  }

  private func component(_ entry: YAMLMapping.Entry) -> ComponentConfiguration {
    var component = ComponentConfiguration(name: Located(entry.key, at: entry.location))
    guard
      let reader = MappingReader(
        entry.value, as: "component \"\(entry.key)\"", problems: problems)
    else { return component }
    component.selector = reader.word("selector")
    component.kind = reader.word("kind")
    component.objectName = reader.word("name")
    component.namespace = reader.word("namespace")
    component.container = reader.word("container")
    if component.selector == nil, component.objectName == nil {
      problems.report(
        "component \"\(entry.key)\" has neither a selector nor a name", at: reader.location)
    }
    if let selector = component.selector, component.objectName != nil {
      problems.report(
        "component \"\(entry.key)\" has a selector and a name; only one can be meant",
        at: selector.location)
    }
    if let kind = component.kind, component.objectName == nil {
      problems.report(
        "component \"\(entry.key)\" has a kind without a name", at: kind.location)
    }
    reader.finish()
    return component
  }
}
