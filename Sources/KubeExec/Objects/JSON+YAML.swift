internal import JSON
internal import OrderedCollections
internal import YAML

extension JSON {
  /// The same value; numbers that JSON does not know (`.inf`, `.nan`) become their texts.
  init(yaml node: YAMLNode) {
    switch node.content {
    case .sequence(let items): self = .array(items.map(JSON.init(yaml:)))
    case .mapping(let mapping):
      self = .object(
        OrderedDictionary(
          mapping.entries.map { ($0.key, JSON(yaml: $0.value)) }, uniquingKeysWith: { $1 }))
    case .scalar(let scalar):
      switch scalar.value {
      case .null: self = .null
      case .bool(let flag): self = .bool(flag)
      case .int(let value): self = .int(value)
      case .double(let value): self = value.isFinite ? .double(value) : .string(scalar.text)
      case .string: self = .string(scalar.text)
      }
    }
  }
}
