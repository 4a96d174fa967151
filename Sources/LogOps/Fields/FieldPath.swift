/// A way to a field of a structured record: `status`, `log.level`, `http.headers[0]`.
struct FieldPath: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    case member([UInt8])
    case element(Int)
  }

  /// The whole as one key: `log.level` may be one name.
  let whole: [UInt8]
  let steps: [Step]

  /// Reads a path; nil where it is none.
  init?(_ text: String) {
    var steps: [Step] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      let name = part.prefix { $0 != "[" }
      var rest = part.dropFirst(name.count)
      if !name.isEmpty {
        steps.append(.member(Array(name.utf8)))
      } else if rest.isEmpty || steps.isEmpty {
        return nil
      }
      while rest.first == "[" {
        let digits = rest.dropFirst().prefix { $0 != "]" }
        guard let index = Int(digits), index >= 0, rest.dropFirst(digits.count + 1).first == "]"
        else { return nil }
        steps.append(.element(index))
        rest = rest.dropFirst(digits.count + 2)
      }
      guard rest.isEmpty else { return nil }
    }
    if steps.isEmpty { return nil }
    whole = Array(text.utf8)
    self.steps = steps
  }

  /// The field's value as it is written; nil where the record has none.
  func value(in record: Bytes, _ shape: Shape) -> Bytes? {
    switch shape {
    case .json(let start):
      let object = record.part(start..<record.count)
      if let value = FieldPath.member(of: object, whole) { return value }
      return steps.count > 1 ? FieldPath.follow(steps[...], from: object) : nil
    case .logfmt:
      var found: Bytes?
      LogfmtScan.pairs(of: record.firstLine) { key, value in
        if key.equals(whole) { found = value }
        return found == nil
      }
      return found
    case .plain: return nil
    }
  }

  private static func member(of object: Bytes, _ name: [UInt8]) -> Bytes? {
    var found: Bytes?
    JSONScan.members(of: object) { key, value in
      if key.equals(name) { found = value }
      return found == nil
    }
    return found
  }

  private static func follow(_ steps: ArraySlice<Step>, from start: Bytes) -> Bytes? {
    var value = start
    for step in steps {
      switch step {
      case .member(let name):
        guard let next = member(of: value, name) else { return nil }
        value = next
      case .element(let index):
        var left = index
        var found: Bytes?
        JSONScan.elements(of: value) { element in
          if left == 0 { found = element }
          left -= 1
          return found == nil
        }
        guard let found else { return nil }
        value = found
      }
    }
    return value
  }
}
