public import JSON
internal import OrderedCollections
internal import Text

/// One field that a change makes different.
public struct FieldChange: Hashable, Sendable {
  /// Where it is: `.spec.template.spec.containers[name=app].image`.
  public var path: String
  /// What was there; nil where it is new.
  public var old: JSON?
  /// What will be there; nil where it goes.
  public var new: JSON?

  /// All fields that differ between two states of an object, but those that the server keeps for
  /// itself. The values of a Secret are masked.
  public static func between(_ old: KubeObject?, _ new: KubeObject) -> [FieldChange] {
    let isSecret = new.kind == "Secret"
    var changes: [FieldChange] = []
    // A new object is compared with an empty one, so that each of its parts has a line.
    compare(old.map(bare) ?? [:], bare(new), at: "", into: &changes)
    return isSecret ? changes.map(\.masked) : changes
  }

  private static func bare(_ object: KubeObject) -> JSON {
    var json = object.json.removing("status")
    for key in [
      "managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink",
    ] {
      json = json.removing("metadata", key)
    }
    return json
  }

  private static func compare(
    _ old: JSON?, _ new: JSON?, at path: String, into changes: inout [FieldChange]
  ) {
    if old == new { return }
    if let a = old?.object, let b = new?.object {
      for key in a.keys.elements + b.keys.filter({ a[$0] == nil }) {
        compare(a[key], b[key], at: path + step(key), into: &changes)
      }
    } else if let a = old?.array, let b = new?.array {
      compareLists(a, b, at: path, into: &changes)
    } else if old == nil, let b = new?.object, !b.isEmpty {
      compare([:], new, at: path, into: &changes)
    } else if new == nil, let a = old?.object, !a.isEmpty {
      compare(old, [:], at: path, into: &changes)
    } else {
      changes.append(FieldChange(path: path.isEmpty ? "." : path, old: old, new: new))
    }
  }

  /// Lists of things with names are compared by name, others by place.
  private static func compareLists(
    _ old: [JSON], _ new: [JSON], at path: String, into changes: inout [FieldChange]
  ) {
    if let a = named(old), let b = named(new) {
      for name in a.keys.elements + b.keys.filter({ a[$0] == nil }) {
        compare(a[name], b[name], at: "\(path)[name=\(name)]", into: &changes)
      }
      return
    }
    for index in 0..<max(old.count, new.count) {
      compare(
        old.indices.contains(index) ? old[index] : nil,
        new.indices.contains(index) ? new[index] : nil, at: "\(path)[\(index)]", into: &changes)
    }
  }

  private static func named(_ items: [JSON]) -> OrderedDictionary<String, JSON>? {
    var result: OrderedDictionary<String, JSON> = [:]
    for item in items {
      guard let name = item["name"]?.string, result.updateValue(item, forKey: name) == nil else {
        return nil
      }
    }
    return result
  }

  private static func step(_ key: String) -> String {
    let isPlain = key.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == 0x2D || $0 == 0x5F
    }
    return isPlain ? ".\(key)" : "['\(key)']"
  }

  private var masked: FieldChange {
    let isSecret =
      path == "." || path.hasPrefix(".data") || path.hasPrefix(".stringData")
      || path.contains(text: "last-applied-configuration")
    guard isSecret else { return self }
    return FieldChange(path: path, old: old.map(FieldChange.mask), new: new.map(FieldChange.mask))
  }

  /// The same with asterisks for each value, so that the keys can be seen.
  private static func mask(_ value: JSON) -> JSON {
    if case .object(let members) = value { return .object(members.mapValues(mask)) }
    return "********"
  }
}
