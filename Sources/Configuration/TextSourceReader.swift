internal import Diagnostics
internal import YAML

/// Reads paths that stand there, and texts that may stand elsewhere: in a variable, a file or the
/// environment's cluster.
struct TextSourceReader {
  let folder: String
  let home: String?
  let problems: YAMLProblems

  /// A path; relative ones are seen from the configuration's folder.
  func path(_ key: String, _ reader: MappingReader) -> Located<String>? {
    reader.word(key).map(path)
  }

  /// A word as a path.
  func path(_ word: Located<String>) -> Located<String> {
    Located(Configuration.absolute(word.value, in: folder, home: home), at: word.location)
  }

  /// A program: one without a folder in its name is looked for in `PATH`.
  func program(_ key: String, _ reader: MappingReader) -> Located<String>? {
    reader.word(key).map { $0.value.contains("/") ? path($0) : $0 }
  }

  /// A text that stands there, or `{from-env: VAR}`, `{from-file: PATH}` or
  /// `{from-kubernetes: secret/NAME/KEY}`.
  func text(
    _ key: String, _ reader: MappingReader, allowsNumber: Bool = false
  ) -> Located<TextSource>? {
    reader.node(key).flatMap { text($0, named: key, allowsNumber: allowsNumber) }
  }

  /// The same of a node that stands under `key`.
  func text(
    _ node: YAMLNode, named key: String, allowsNumber: Bool = false
  ) -> Located<TextSource>? {
    if let text = node.string { return Located(.literal(text), at: node.location) }
    if allowsNumber, let scalar = node.scalar, case .int = scalar.value {
      return Located(.literal(scalar.text), at: node.location)
    }
    guard node.mapping != nil,
      let inner = MappingReader(node, as: "\"\(key)\"", problems: problems)
    else {
      problems.report(
        "\"\(key)\" must be text, {from-env: NAME}, {from-file: PATH} or "
          + "{from-kubernetes: KIND/NAME/KEY}, but is \(node.kind)", at: node.location)
      return nil
    }
    let source = reference(inner)
    if source == nil, !inner.has("from-kubernetes") {
      problems.report(
        "\"\(key)\" has none of from-env, from-file and from-kubernetes", at: inner.location)
    }
    inner.finish()
    return source.map { Located($0.source.value, at: node.location) }
  }

  /// Which of `from-env`, `from-file` and `from-kubernetes` a mapping has, and what it points at.
  func reference(
    _ reader: MappingReader
  ) -> (key: String, source: Located<TextSource>)? {
    let found = ["from-env", "from-file", "from-kubernetes"].compactMap { key in
      reader.string(key).map { (key: key, text: $0) }
    }
    if found.count > 1 {
      problems.report(
        "\(found[0].key) and \(found[1].key) stand side by side; only one can be meant",
        at: reader.location(of: found[1].key))
    }
    guard let (key, text) = found.first else { return nil }
    let source: TextSource
    switch key {
    case "from-env": source = .variable(text)
    case "from-file": source = .file(Configuration.absolute(text, in: folder, home: home))
    default:
      guard let place = KubernetesKey(parsing: text) else {
        problems.report(
          "\"\(text)\" names no value of a cluster",
          at: reader.node(key)?.location ?? reader.location(of: key),
          hint: "Write configmap/NAME/KEY or secret/NAME/KEY.")
        return nil
      }
      source = .kubernetes(place)
    }
    return (key, Located(source, at: reader.location(of: key)))
  }
}

extension MappingReader {
  /// A text that stands there and says something.
  func word(_ key: String) -> Located<String>? {
    guard let text = string(key), let node = node(key) else { return nil }
    if text.isEmpty { problems.report("\"\(key)\" is empty", at: node.location) }
    return Located(text, at: node.location)
  }
}
