internal import OrderedCollections

/// The shell variables that stand in a document for what only a run knows.
///
/// Whoever works by the document sets them on the way, and every command can be pasted as it is.
struct Variables {
  /// Where a variable's value comes from.
  enum Origin: Hashable {
    case input(String)
    /// A member of the environment, such as `database.name`.
    case target(String)
    /// A member of `run`.
    case run(String)
    case output(step: String, name: String)
    /// Another member of a step: `status`, `started-at`.
    case step(String, member: String)
    case secret(String)
    case environment(String)
    /// What an expression gives.
    case expression(String)
  }

  /// The variables in the order in which they were first needed.
  private(set) var names: OrderedDictionary<Origin, String> = [:]
  private var taken: Set<String> = []

  /// Variables that the shell itself works by: an input `path` must not become `PATH`.
  private static let reserved: Set<String> = [
    "PATH", "HOME", "USER", "SHELL", "IFS", "PWD", "OLDPWD", "LANG", "TERM", "UID", "EUID", "HOST",
    "HOSTNAME", "EDITOR", "OPTIND", "RANDOM", "SECONDS", "TMPDIR", "CDPATH", "ENV", "PS1",
  ]

  /// The variable for a value.
  mutating func name(for origin: Origin) -> String {
    if let name = names[origin] { return name }
    let wish = Variables.wish(for: origin)
    var name = Variables.reserved.contains(wish) ? "THE_\(wish)" : wish
    var number = 2
    while taken.contains(name) {
      name = "\(wish)_\(number)"
      number += 1
    }
    names[origin] = name
    taken.insert(name)
    return name
  }

  private static func wish(for origin: Origin) -> String {
    switch origin {
    case .input(let name), .secret(let name): word(name)
    case .target(let path): word(path)
    case .run("short-id"): "RUN"
    case .run(let member): word("run-\(member)")
    case .output(let step, let name), .step(let step, let name): word("\(step)-\(name)")
    case .environment(let name): name
    case .expression: "VALUE"
    }
  }

  /// In capitals, as variables are.
  private static func word(_ name: String) -> String {
    String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  // MARK: Values

  /// The value of a field as far as the file says it, with a mark (see `ShellText.expand`) for each
  /// part that only a run knows.
  mutating func value(of template: Template) -> Value {
    switch template.form {
    case .literal(let value): return value
    case .deferred(let expression): return .string(expression.source)
    case .expression(let expression): return .string(ShellText.mark(name(of: expression)))
    case .text(let parts):
      return .string(
        parts.map { part in
          switch part {
          case .literal(let text): text
          case .expression(let expression): ShellText.mark(name(of: expression))
          }
        }.joined())
    case .array(let items): return .array(items.map { value(of: $0) })
    case .object(let members): return .object(members.mapValues { value(of: $0) })
    }
  }

  /// A text for people, with `$NAME` for what only a run knows.
  mutating func text(of template: Template) -> String {
    switch template.form {
    case .literal, .deferred: template.spelling
    case .text, .expression: ShellText.readable(value(of: template).text ?? "")
    case .array, .object: ShellText.readable(value(of: template).json.text())
    }
  }

  /// The variable for what an expression gives.
  mutating func name(of expression: Expression) -> String {
    if let origin = Variables.origin(of: expression.root) { return name(for: origin.origin) }
    return name(for: .expression(text(of: expression)))
  }

  // MARK: Expressions for people

  /// An expression with variables for the paths in it; what the answer gave stands without
  /// `result.`.
  mutating func text(of expression: Expression) -> String {
    let scalars = Array(expression.source.unicodeScalars)
    let base = expression.root.range.lowerBound
    var text = String.UnicodeScalarView()
    var position = 0
    for (range, replacement) in replacements(in: expression.root) {
      let from = range.lowerBound - base
      guard from >= position, range.upperBound - base <= scalars.count else { continue }
      text.append(contentsOf: scalars[position..<from])
      text.append(contentsOf: replacement.unicodeScalars)
      position = range.upperBound - base
    }
    text.append(contentsOf: scalars[position...])
    return String(text).singleLine
  }

  /// A length of time for people.
  mutating func text(of span: TimeSpan) -> String {
    switch span {
    case .fixed(let duration): duration.canonical
    case .computed(let expression): text(of: expression)
    }
  }

  private mutating func replacements(
    in node: ExpressionNode
  ) -> [(range: Range<Int>, text: String)] {
    if let (origin, range) = Variables.origin(of: node) {
      return [(range, "$" + name(for: origin))]
    }
    // Of `result.rows[0].n` the beginning goes: what is left reads as the answer does.
    if case .member(let base, _) = node.kind, case .context("result") = base.kind {
      return [(base.range.lowerBound..<base.range.upperBound + 1, "")]
    }
    return node.children.flatMap { replacements(in: $0) }.sorted {
      $0.range.lowerBound < $1.range.lowerBound
    }
  }

  /// What a path leads to, if that is something a person can be given before.
  private static func origin(of node: ExpressionNode) -> (origin: Origin, range: Range<Int>)? {
    guard let path = path(of: node), path.count > 1 else { return nil }
    let origin: Origin?
    switch (path[0], path.count) {
    case ("inputs", 2): origin = .input(path[1])
    case ("secrets", 2): origin = .secret(path[1])
    case ("env", 2): origin = .environment(path[1])
    case ("run", 2): origin = .run(path[1])
    // The environment's sections as such are there or not.
    case ("target", 2) where TargetMember.optional.contains(path[1]): origin = nil
    case ("target", _): origin = .target(path.dropFirst().joined(separator: "."))
    case ("steps", 3): origin = .step(path[1], member: path[2])
    case ("steps", 4) where path[2] == "outputs": origin = .output(step: path[1], name: path[3])
    default: origin = nil
    }
    return origin.map { ($0, node.range) }
  }

  /// The names of a path such as `steps.swap.status`; nil for what is no path of names.
  private static func path(of node: ExpressionNode) -> [String]? {
    if case .context(let name) = node.kind { return [name] }
    guard let (base, name) = node.constantMember else { return nil }
    return path(of: base).map { $0 + [name] }
  }
}
