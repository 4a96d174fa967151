internal import Digest
internal import JSON
internal import OrderedCollections
internal import YAML

/// What a node says, whatever its comments, quotes, layout and the order of its keys.
enum CanonicalForm {
  static func digest(of node: YAMLNode) -> String {
    SHA256.hex(of: json(node).text(sortedKeys: true))
  }

  private static func json(_ node: YAMLNode) -> JSON {
    switch node.content {
    case .sequence(let items): return .array(items.map(json))
    case .mapping(let mapping):
      var members: OrderedDictionary<String, JSON> = [:]
      for entry in mapping.entries { members[entry.key] = json(entry.value) }
      return .object(members)
    case .scalar(let scalar):
      switch scalar.value {
      case .null: return .null
      case .bool(let flag): return .bool(flag)
      case .int(let number): return .int(number)
      case .double(let number) where number.isFinite: return .double(number)
      case .double: return .array([.string(scalar.text)])  // JSON has no infinity
      case .string: return .string(scalar.text)
      }
    }
  }
}
