public import Diagnostics

/// Takes a mapping apart key by key and knows afterwards which keys nobody asked for.
///
/// Every wrong type, missing key and unknown key goes to the list of problems with its place;
/// reading goes on, so that one run shows all of them. Call `finish()` when all is read.
public final class MappingReader {
  /// Where the mapping begins.
  public let location: SourceLocation
  /// Where problems go.
  public let problems: YAMLProblems
  private let mapping: YAMLMapping
  private let subject: String
  private var known: Set<String> = []

  /// Begins to read; reports and gives nil when the node is no mapping.
  ///
  /// - Parameter subject: what the mapping is, for messages: `step "swap"`, `input`.
  public init?(_ node: YAMLNode, as subject: String, problems: YAMLProblems) {
    guard let mapping = node.mapping else {
      problems.report("\(subject) must be a mapping, but is \(node.kind)", at: node.location)
      return nil
    }
    self.mapping = mapping
    self.subject = subject
    self.problems = problems
    location = node.location
  }

  /// The keys in the order of the file.
  public var keys: [String] { mapping.entries.map(\.key) }

  /// Whether a key is there, even with the value null.
  public func has(_ key: String) -> Bool { mapping.entry(key) != nil }

  /// The value of a key, whatever it is; the key counts as known from now on.
  public func node(_ key: String) -> YAMLNode? {
    known.insert(key)
    return mapping[key]
  }

  /// The value of a key that must be there.
  public func requiredNode(_ key: String) -> YAMLNode? {
    let node = node(key)
    if node == nil { problems.report("\(subject) has no \"\(key)\"", at: location) }
    return node
  }

  /// Where a key stands, or the mapping when it does not.
  public func location(of key: String) -> SourceLocation {
    mapping.entry(key)?.location ?? location
  }

  /// The text of a key; numbers, booleans and null are not text.
  public func string(_ key: String, required: Bool = false) -> String? {
    guard let node = required ? requiredNode(key) : node(key) else { return nil }
    if let text = node.string { return text }
    wrong(key, node, "text", hint: quotingHint(node))
    return nil
  }

  /// The boolean of a key.
  public func bool(_ key: String) -> Bool? {
    guard let node = node(key) else { return nil }
    if case .bool(let flag)? = node.scalar?.value { return flag }
    wrong(key, node, "true or false")
    return nil
  }

  /// The whole number of a key.
  public func int(_ key: String) -> Int64? {
    guard let node = node(key) else { return nil }
    if case .int(let value)? = node.scalar?.value { return value }
    wrong(key, node, "a whole number")
    return nil
  }

  /// The number of a key.
  public func number(_ key: String) -> Double? {
    guard let node = node(key) else { return nil }
    switch node.scalar?.value {
    case .int(let value)?: return Double(value)
    case .double(let value)? where value.isFinite: return value
    default:
      wrong(key, node, "a number")
      return nil
    }
  }

  /// One of several words.
  public func choice(_ key: String, of words: [String], required: Bool = false) -> String? {
    guard let text = string(key, required: required) else { return nil }
    if words.contains(text) { return text }
    let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
    problems.report(
      "\"\(key)\" is \"\(text)\"\(Suggestion.phrase(for: text, among: words))",
      at: mapping[key]?.location ?? location, hint: "It can be \(list).")
    return nil
  }

  /// The elements of a list.
  public func sequence(_ key: String, required: Bool = false) -> [YAMLNode]? {
    guard let node = required ? requiredNode(key) : node(key) else { return nil }
    if let items = node.sequence { return items }
    wrong(key, node, "a list")
    return nil
  }

  /// A list of texts.
  public func strings(_ key: String) -> [String]? {
    sequence(key)?.compactMap { node in
      if let text = node.string { return text }
      problems.report(
        "an entry of \"\(key)\" must be text, but is \(node.kind)", at: node.location,
        hint: quotingHint(node))
      return nil
    }
  }

  /// The entries of a mapping whose keys are names that the user chose.
  public func entries(_ key: String) -> [YAMLMapping.Entry]? {
    guard let node = node(key) else { return nil }
    if let mapping = node.mapping { return mapping.entries }
    wrong(key, node, "a mapping")
    return nil
  }

  /// Begins to read the mapping of a key.
  public func mapping(_ key: String, as subject: String? = nil) -> MappingReader? {
    node(key).flatMap { MappingReader($0, as: subject ?? "\"\(key)\"", problems: problems) }
  }

  /// Makes a key known that is read elsewhere or only sometimes.
  public func expect(_ keys: String...) { known.formUnion(keys) }

  /// Reports every key that was never asked for.
  public func finish() {
    for entry in mapping.entries where !known.contains(entry.key) {
      let candidates = known.subtracting(mapping.entries.map(\.key)).sorted()
      problems.report(
        "\(subject) has no key \"\(entry.key)\""
          + Suggestion.phrase(for: entry.key, among: candidates), at: entry.location,
        hint: "Known keys: \(known.sorted().joined(separator: ", ")).")
    }
  }

  /// Reports that the value of a key is of the wrong kind.
  public func wrong(_ key: String, _ node: YAMLNode, _ expected: String, hint: String? = nil) {
    problems.report(
      "\"\(key)\" must be \(expected), but is \(node.kind)", at: node.location, hint: hint)
  }

  private func quotingHint(_ node: YAMLNode) -> String? {
    guard let scalar = node.scalar, !scalar.text.isEmpty else { return nil }
    return "Put it in quotes: \"\(scalar.text)\"."
  }
}
