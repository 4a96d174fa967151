internal import JSON

/// What somebody waits for: the words of `--for`.
public enum WaitCondition: Hashable, Sendable, CustomStringConvertible {
  /// A condition of the object has a value.
  case condition(String, value: String)
  /// The object is gone.
  case deleted
  /// The object is there.
  case created
  /// The value at a path is this one, or, with nil, is there at all.
  case path(FieldPath, value: String?)

  /// Reads `condition=Ready`, `condition=Ready=False`, `delete`, `create`,
  /// `jsonpath='{.status.phase}'=Running`; nil for anything else.
  public init?(parsing text: String) {
    switch text.lowercased() {
    case "delete": self = .deleted
    case "create": self = .created
    default:
      if let rest = text.dropPrefix("condition=") {
        let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return nil }
        self = .condition(String(name), value: parts.count > 1 ? String(parts[1]) : "True")
      } else if let rest = text.dropPrefix("jsonpath=") {
        guard let parsed = WaitCondition.path(rest) else { return nil }
        self = parsed
      } else {
        return nil
      }
    }
  }

  private static func path(_ text: Substring) -> WaitCondition? {
    var rest = text.first == "'" ? text.dropFirst() : text
    guard rest.first == "{", let end = rest.lastIndex(of: "}"),
      let path = FieldPath(parsing: String(rest[..<end].dropFirst()))
    else { return nil }
    rest = rest[rest.index(after: end)...]
    if rest.first == "'" { rest = rest.dropFirst() }
    if rest.isEmpty { return .path(path, value: nil) }
    guard rest.first == "=" else { return nil }
    return .path(path, value: String(rest.dropFirst()))
  }

  /// As `--for` takes it.
  public var description: String {
    switch self {
    case .condition(let name, "True"): "condition=\(name)"
    case .condition(let name, let value): "condition=\(name)=\(value)"
    case .deleted: "delete"
    case .created: "create"
    case .path(let path, let value): "jsonpath={\(path)}" + (value.map { "=\($0)" } ?? "")
    }
  }

  /// Whether an object that is there fulfils it.
  public func holds(for object: KubeObject) -> Bool {
    switch self {
    case .deleted: return false
    case .created: return true
    case .condition(let name, let value):
      guard let condition = object.condition(name) else { return false }
      // A condition of a state before the last change does not count.
      let observed =
        condition["observedGeneration"]?.int ?? object["status", "observedGeneration"]?.int
      if let observed, observed < object.generation { return false }
      return condition["status"]?.string?.lowercased() == value.lowercased()
    case .path(let path, let value):
      guard let found = path.value(in: object.json) else { return false }
      guard let value else { return true }
      return (found.string ?? found.text()) == value
    }
  }

  /// Why it cannot hold any more: a Job that failed will not complete.
  func hopelessness(of object: KubeObject) -> String? {
    guard object.kind == "Job", case .condition(let name, let value) = self,
      value.lowercased() == "true"
    else { return nil }
    let other = ["complete": "Failed", "failed": "Complete"][name.lowercased()]
    guard let other, let condition = object.condition(other),
      condition["status"]?.string == "True"
    else { return nil }
    let words = [condition["reason"]?.string, condition["message"]?.string].compactMap { $0 }
    return "is \(other.lowercased())" + (words.isEmpty ? "" : ": " + words.joined(separator: ": "))
  }
}

/// A way into an object: `.status.conditions[0].type`, `.metadata.labels['a.b/c']`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  /// One step.
  enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  private var steps: [Step] = []

  /// Reads a path; nil for what is none, filters and wildcards among that.
  public init?(parsing text: String) {
    var rest = text[...]
    while let first = rest.first {
      rest = rest.dropFirst()
      switch first {
      case ".":
        var key = ""
        while let next = rest.first, next != ".", next != "[" {
          rest = rest.dropFirst()
          if next == "\\", let escaped = rest.popFirst() {
            key.append(escaped)
          } else {
            key.append(next)
          }
        }
        guard !key.isEmpty, key != "*" else { return nil }
        steps.append(.key(key))
      case "[":
        guard let end = rest.firstIndex(of: "]") else { return nil }
        let inner = rest[..<end]
        rest = rest[rest.index(after: end)...]
        if inner.count >= 2, let quote = inner.first, quote == "'" || quote == "\"",
          inner.last == quote
        {
          steps.append(.key(String(inner.dropFirst().dropLast())))
        } else if let index = Int(inner), index >= 0 {
          steps.append(.index(index))
        } else {
          return nil
        }
      default: return nil
      }
    }
    if steps.isEmpty { return nil }
  }

  /// The value at its end.
  func value(in json: JSON) -> JSON? {
    steps.reduce(Optional(json)) { value, step in
      switch step {
      case .key(let key): value?[key]
      case .index(let index): value?[index]
      }
    }
  }

  /// As it is written.
  public var description: String {
    steps.map { step in
      switch step {
      case .key(let key):
        key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
          ? ".\(key)" : "['\(key)']"
      case .index(let index): "[\(index)]"
      }
    }.joined()
  }
}

extension StringProtocol {
  /// What stands behind a prefix; nil where it does not begin with it.
  func dropPrefix(_ prefix: String) -> SubSequence? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}
