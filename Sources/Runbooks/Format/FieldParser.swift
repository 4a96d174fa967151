internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import YAML

// The kinds of values that fields hold.
extension RunbookParser {
  /// A text that is not empty.
  func text(_ key: String, in reader: MappingReader, required: Bool = false) -> String? {
    guard let text = reader.string(key, required: required) else { return nil }
    if text.allSatisfy(\.isWhitespace) {
      problems.report("\"\(key)\" is empty", at: reader.location(of: key))
    }
    return text
  }

  /// A word such as `find-backup`.
  func identifier(_ key: String, in reader: MappingReader, required: Bool = false) -> String? {
    guard let text = reader.string(key, required: required), let node = reader.node(key) else {
      return nil
    }
    guard NameShape.isIdentifier(text) else {
      reportIdentifier(text, at: node.location)
      return nil
    }
    return text
  }

  private func reportIdentifier(_ text: String, at location: SourceLocation) {
    problems.report(
      "\"\(text.prefix(80))\" is no name", at: location,
      hint: "Names are lower-case letters and digits in words joined by single hyphens, at most 64 "
        + "characters: find-backup.")
  }

  /// A list of texts of which none stands twice.
  func unique(
    _ key: String, in reader: MappingReader, identifiers: Bool = false
  ) -> [String] {
    var seen: Set<String> = []
    for node in reader.node(key)?.sequence ?? [] {
      guard let text = node.string else { continue }
      if !seen.insert(text).inserted {
        problems.report("\"\(text)\" stands twice in \"\(key)\"", at: node.location)
      }
      if identifiers, !NameShape.isIdentifier(text) { reportIdentifier(text, at: node.location) }
    }
    return reader.strings(key) ?? []
  }

  /// A word that is a case of an enumeration.
  func choice<Case: RawRepresentable<String> & CaseIterable>(
    _ key: String, in reader: MappingReader
  ) -> Case? {
    reader.choice(key, of: Case.allCases.map(\.rawValue)).flatMap(Case.init(rawValue:))
  }

  /// A mapping whose keys are names that the author chose.
  func named<Element>(
    _ key: String, in reader: MappingReader, _ read: (YAMLMapping.Entry) -> Element?
  ) -> OrderedDictionary<String, Element> {
    var result: OrderedDictionary<String, Element> = [:]
    for entry in reader.entries(key) ?? [] {
      if !NameShape.isIdentifier(entry.key) { reportIdentifier(entry.key, at: entry.location) }
      if let element = read(entry) { result[entry.key] = element }
    }
    return result
  }

  /// A duration, or an expression that gives one.
  func span(_ key: String, in reader: MappingReader) -> TimeSpan? {
    guard let node = reader.node(key) else { return nil }
    let hint = "Durations are written as 90s, 5m, 1h30m or 2d."
    guard let scalar = node.scalar, scalar.value == .string else {
      reader.wrong(key, node, "a duration", hint: hint)
      return nil
    }
    if scalar.text.hasPrefix("${{") { return expression(node, "\"\(key)\"").map { .computed($0) } }
    guard let duration = Duration(parsing: scalar.text) else {
      problems.report(
        "\"\(key)\" is \"\(scalar.text)\", no duration", at: node.location, hint: hint)
      return nil
    }
    return .fixed(duration)
  }

  /// An expression, with or without its braces.
  func expression(_ node: YAMLNode, _ what: String) -> Expression? {
    guard let scalar = node.scalar, scalar.value == .string else {
      // `if: true` is fine; the braces may be left out and the schema wants text.
      let hint = node.scalar == nil ? nil : "Put it in ${{ }}."
      problems.report(
        "\(what) must be an expression, but is \(node.kind)", at: node.location, hint: hint)
      return nil
    }
    do throws(ExpressionError) {
      return try Expression(parsing: scalar, at: node.location)
    } catch {
      report(error)
      return nil
    }
  }

  private func report(_ error: ExpressionError) {
    problems.report(error.reason, at: error.location, hint: error.hint)
  }

  /// A value that may hold expressions anywhere.
  func template(_ node: YAMLNode) -> Template? {
    switch node.content {
    case .scalar(let scalar):
      do throws(ExpressionError) {
        return try Template(parsing: scalar, at: node.location)
      } catch {
        report(error)
        return nil
      }
    case .sequence(let items):
      return Template(.array(items.compactMap { template($0) }), at: node.location)
    case .mapping(let mapping):
      var members: OrderedDictionary<String, Template> = [:]
      for entry in mapping.entries { members[entry.key] = template(entry.value) }
      return Template(.object(members), at: node.location)
    }
  }

  /// A value without expressions.
  func literal(_ node: YAMLNode) -> Value? {
    switch node.content {
    case .scalar(let scalar):
      switch scalar.value {
      case .null: return .null
      case .bool(let flag): return .bool(flag)
      case .int(let number): return .int(number)
      case .double(let number): return .double(number)
      case .string: return .string(scalar.text)
      }
    case .sequence(let items): return .array(items.compactMap { literal($0) })
    case .mapping(let mapping):
      var members: OrderedDictionary<String, Value> = [:]
      for entry in mapping.entries { members[entry.key] = literal(entry.value) }
      return .object(members)
    }
  }

  /// Variables for a shell: scalars by names that a shell can read.
  func environment(_ reader: MappingReader) -> OrderedDictionary<String, Template> {
    var result: OrderedDictionary<String, Template> = [:]
    for entry in reader.entries("env") ?? [] {
      guard NameShape.isVariable(entry.key) else {
        problems.report(
          "\"\(entry.key)\" is no name of a variable", at: entry.location,
          hint: "Variables are letters, digits and underscores.")
        continue
      }
      guard entry.value.scalar != nil, !entry.value.isNull else {
        problems.report(
          "\"\(entry.key)\" must be a text, a number or a boolean, but is \(entry.value.kind)",
          at: entry.value.location)
        continue
      }
      result[entry.key] = template(entry.value)
    }
    return result
  }
}
