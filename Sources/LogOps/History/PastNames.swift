public import Patterns

/// What the pods of a scope that are gone were called.
public struct PastNames: Sendable {
  /// Each of these must be so: one of its patterns matches the name.
  private var conditions: [[Pattern]]

  /// Any name.
  public static let any = PastNames(conditions: [])

  private init(conditions: [[Pattern]]) { self.conditions = conditions }

  /// Names that match one of these.
  public init(_ patterns: [Pattern]) { conditions = [patterns] }

  /// Names that both mean.
  public func both(_ other: PastNames) -> PastNames {
    PastNames(conditions: conditions + other.conditions)
  }

  func matches(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    return conditions.allSatisfy { patterns in
      bytes.withUnsafeBytes { bytes in patterns.contains { $0.matches(bytes) } }
    }
  }

  /// The characters of the random words in names.
  private static let letters = "[bcdfghjklmnpqrstvwxz2456789]"

  /// The names of pods that an object of this kind and name makes; nil where its kind tells none.
  public static func made(by kind: String, _ name: String) throws -> PastNames? {
    // The beginning of a name that is too long is cut.
    let base = "\(name)-".prefix(58)
    let patterns: [String]
    switch kind {
    case "Pod": patterns = ["^\\Q\(name)\\E$"]
    case "Deployment":
      patterns = [
        name.utf8.count > 46
          ? "^\\Q\(name)\\E-" : "^\\Q\(name)\\E-\(letters){6,10}-\(letters){5}$"
      ]
    case "StatefulSet": patterns = ["^\\Q\(name)\\E-[0-9]+$"]
    case "ReplicaSet", "DaemonSet", "ReplicationController":
      patterns = ["^\\Q\(base)\\E\(letters){5}$"]
    case "Job": patterns = ["^\\Q\(base)\\E(?:[0-9]+-)?\(letters){5}$"]
    case "CronJob": patterns = ["^\\Q\(name)\\E-[0-9]+-[a-z0-9]+$"]
    default: return nil
    }
    return PastNames(try patterns.map { try Pattern($0) })
  }

  /// Names that one of these means.
  public static func any(of names: [PastNames]) -> PastNames {
    PastNames(names.flatMap { $0.conditions.flatMap(\.self) })
  }

  /// The hash of a deployment's revision in a pod's name; nil where it has none.
  static func generation(of pod: String) -> String? {
    let words = pod.split(separator: "-")
    guard words.count > 2, let last = words.last, last.utf8.count == 5, isRandom(last) else {
      return nil
    }
    let hash = words[words.count - 2]
    return (6...10).contains(hash.utf8.count) && isRandom(hash) ? String(hash) : nil
  }

  private static func isRandom(_ word: Substring) -> Bool {
    word.utf8.allSatisfy("bcdfghjklmnpqrstvwxz2456789".utf8.contains)
  }
}
