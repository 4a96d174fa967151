internal import JSON
internal import OrderedCollections

/// A place in the tree that a value is encoded into: filled after others have a hold of it.
final class Node {
  enum Content {
    case value(JSON)
    case object([(name: String, node: Node)])
    case array([Node])
  }

  var content = Content.value(.null)

  var json: JSON {
    switch content {
    case .value(let value): value
    case .array(let nodes): .array(nodes.map(\.json))
    case .object(let members):
      .object(OrderedDictionary(members.map { ($0.name, $0.node.json) }) { $1 })
    }
  }

  func member(_ name: String) -> Node {
    var members: [(name: String, node: Node)] = []
    if case .object(let present) = content { members = present }
    let node = Node()
    members.append((name, node))
    content = .object(members)
    return node
  }

  func element() -> Node {
    var nodes: [Node] = []
    if case .array(let present) = content { nodes = present }
    let node = Node()
    nodes.append(node)
    content = .array(nodes)
    return node
  }
}

/// Encodes a value into a node.
struct NodeEncoder: Encoder {
  let node: Node
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if case .value = node.content { node.content = .object([]) }
    return KeyedEncodingContainer(Members(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .value = node.content { node.content = .array([]) }
    return Elements(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    Single(node: node, codingPath: codingPath)
  }

  fileprivate static func encode(
    _ value: some Encodable, into node: Node, at path: [any CodingKey]
  ) throws {
    switch value {
    case let value as String: node.content = .value(.string(value))
    case let value as Bool: node.content = .value(.bool(value))
    case let value as any BinaryInteger & Encodable:
      node.content = .value(.int(try int(value, at: path)))
    case let value as Double: node.content = .value(.double(value))
    case let value as Float: node.content = .value(.double(Double(value)))
    default: try value.encode(to: NodeEncoder(node: node, codingPath: path))
    }
  }

  private static func int(_ value: any BinaryInteger, at path: [any CodingKey]) throws -> Int64 {
    guard let number = Int64(exactly: value) else {
      throw EncodingError.invalidValue(
        value, .init(codingPath: path, debugDescription: "it does not fit into 64 bits"))
    }
    return number
  }
}

private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { node.member(key.stringValue).content = .value(.null) }

  func encode(_ value: some Encodable, forKey key: Key) throws {
    try NodeEncoder.encode(value, into: node.member(key.stringValue), at: codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(key.stringValue, key).container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key.stringValue, key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    NodeEncoder(node: node.member("super"), codingPath: codingPath)
  }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key.stringValue, key) }

  private func encoder(_ name: String, _ key: any CodingKey) -> NodeEncoder {
    NodeEncoder(node: node.member(name), codingPath: codingPath + [key])
  }
}

private struct Elements: UnkeyedEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]
  var count: Int { if case .array(let nodes) = node.content { nodes.count } else { 0 } }

  func encodeNil() { node.element().content = .value(.null) }

  func encode(_ value: some Encodable) throws {
    try NodeEncoder.encode(value, into: node.element(), at: codingPath)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    NodeEncoder(node: node.element(), codingPath: codingPath).container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    NodeEncoder(node: node.element(), codingPath: codingPath).unkeyedContainer()
  }

  func superEncoder() -> any Encoder {
    NodeEncoder(node: node.element(), codingPath: codingPath)
  }
}

private struct Single: SingleValueEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]

  func encodeNil() { node.content = .value(.null) }

  func encode(_ value: some Encodable) throws {
    try NodeEncoder.encode(value, into: node, at: codingPath)
  }
}
