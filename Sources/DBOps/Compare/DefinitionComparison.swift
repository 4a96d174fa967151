/// One object that is not defined as it ought to be.
public struct DefinitionDifference: Hashable, Sendable {
  /// In which way.
  public enum Change: String, Sendable {
    /// It ought to be there and is not.
    case missing
    /// It is there and ought not to be.
    case extra
    /// It is another one.
    case changed
    /// It belongs to another role.
    case owner
  }

  /// In which way.
  public var change: Change
  /// The object.
  public var object: Definitions.Key
  /// How it ought to be defined, or whom it ought to belong to; nil where it ought not to be there.
  public var expected: String?
  /// How it is defined, or whom it belongs to; nil where it is not there.
  public var actual: String?

  /// The lines that differ: `- ` what ought to be, `+ ` what is, two blanks what is the same.
  public var lines: [String] {
    LineDifference.lines(expected?.trimmedLines ?? [], actual?.trimmedLines ?? [])
  }
}

/// Compares how the objects of two databases are defined.
public struct DefinitionComparison: Sendable {
  /// What is looked at.
  public struct Options: Sendable {
    /// Whether the owners of objects matter.
    public var owners: Bool
    /// Whether rights matter.
    public var privileges: Bool
    /// Objects to leave out, with all that belongs to them: names as `public.tmp_*`, or a kind
    /// before the name as `TABLE public.tmp_*`. `*` stands for any characters, `?` for one.
    public var ignored: [String]

    /// Chooses.
    public init(owners: Bool = false, privileges: Bool = false, ignored: [String] = []) {
      self.owners = owners
      self.privileges = privileges
      self.ignored = ignored
    }
  }

  private let options: Options

  /// Chooses what is looked at.
  public init(_ options: Options = Options()) { self.options = options }

  /// Every difference, in the order of the names. What belongs to an object that is missing or
  /// extra is not listed by itself.
  public func differences(
    expected: Definitions, actual: Definitions
  ) -> [DefinitionDifference] {
    let keys = Set(expected.objects.keys).union(actual.objects.keys)
    var found: [DefinitionDifference] = []
    for key in keys.sorted() where isCompared(key, expected, actual) {
      let (wanted, there) = (expected.objects[key], actual.objects[key])
      guard let wanted else {
        if isNamedByParent(there, in: actual, not: expected) { continue }
        found.append(DefinitionDifference(.extra, key, nil, there?.definition ?? ""))
        continue
      }
      guard let there else {
        if isNamedByParent(wanted, in: expected, not: actual) { continue }
        found.append(DefinitionDifference(.missing, key, wanted.definition ?? "", nil))
        continue
      }
      // Of some only the presence is known.
      if let text = wanted.definition, let other = there.definition, text != other {
        found.append(DefinitionDifference(.changed, key, wanted.definition, there.definition))
      }
      if options.owners, wanted.owner != there.owner {
        found.append(DefinitionDifference(.owner, key, wanted.owner, there.owner))
      }
    }
    return found.map(\.withoutSecrets)
  }

  private func isCompared(
    _ key: Definitions.Key, _ expected: Definitions, _ actual: Definitions
  ) -> Bool {
    if !options.privileges, ["ACL", "DEFAULT ACL"].contains(key.kind) { return false }
    var next: Definitions.Key? = key
    // A part may hang on a part: a comment on an index.
    for _ in 0..<4 {
      guard let current = next else { return true }
      if isIgnored(current) { return false }
      next = expected.objects[current]?.parent ?? actual.objects[current]?.parent
    }
    return true
  }

  private func isIgnored(_ key: Definitions.Key) -> Bool {
    options.ignored.contains { pattern in
      NamePattern(pattern).matches(key.identity)
        || NamePattern(pattern).matches("\(key.kind) \(key.identity)")
    }
  }

  private func isNamedByParent(
    _ object: Definitions.Object?, in own: Definitions, not other: Definitions
  ) -> Bool {
    guard let parent = object?.parent else { return false }
    return own.objects[parent] != nil && other.objects[parent] == nil
  }
}

extension DefinitionDifference {
  fileprivate init(
    _ change: Change, _ object: Definitions.Key, _ expected: String?, _ actual: String?
  ) {
    self.init(change: change, object: object, expected: expected, actual: actual)
  }
}

extension String {
  fileprivate var trimmedLines: [String] {
    // A comma at the end of a line belongs to the next one.
    split(separator: "\n").map { String($0.hasSuffix(",") ? $0.dropLast() : $0) }
      .filter { !$0.allSatisfy(\.isWhitespace) }
  }
}

/// A pattern of names: `*` stands for any characters, `?` for one.
struct NamePattern {
  private let pattern: [Character]

  init(_ pattern: String) { self.pattern = Array(pattern) }

  /// Compares without going back more than to the last `*`, so that no pattern takes long.
  func matches(_ name: String) -> Bool {
    let name = Array(name)
    var (place, index) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while index < name.count {
      if place < pattern.count, pattern[place] == "*" {
        star = (place, index)
        place += 1
      } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[index] {
        place += 1
        index += 1
      } else if let back = star {
        star = (back.pattern, back.name + 1)
        place = back.pattern + 1
        index = back.name + 1
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == "*" }
  }
}

/// Shows which lines of two texts differ.
enum LineDifference {
  /// The lines of both in one list: `- ` for those of the first alone, `+ ` for those of the second.
  static func lines(_ old: [String], _ new: [String]) -> [String] {
    let difference = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in difference {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [String] = []
    var (first, second) = (0, 0)
    while first < old.count || second < new.count {
      if removed.contains(first) {
        lines.append("- " + old[first])
        first += 1
      } else if inserted.contains(second) {
        lines.append("+ " + new[second])
        second += 1
      } else {
        lines.append("  " + old[first])
        first += 1
        second += 1
      }
    }
    return lines
  }
}
