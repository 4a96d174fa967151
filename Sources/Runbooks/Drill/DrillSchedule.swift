internal import JSON
public import Quantities
public import SystemPackage

/// When runbooks were drilled last with success, and when they are due.
public struct DrillSchedule: Sendable {
  /// How a runbook stands.
  public enum Standing: Sendable, Hashable {
    /// The runbook says nothing of drills.
    case none
    /// It can be drilled, but was not, or never with success.
    case never(isDue: Bool)
    /// The last good drill.
    case last(Timestamp, isDue: Bool)

    /// Whether a drill is due.
    public var isDue: Bool {
      switch self {
      case .none: false
      case .never(let isDue), .last(_, let isDue): isDue
      }
    }
  }

  private let lastGood: [String: Timestamp]
  private let now: Timestamp

  /// Reads the records of the drills in a folder of runs.
  public init(_ runs: FilePath, now: Timestamp) throws {
    var lastGood: [String: Timestamp] = [:]
    for folder in try RunFolder.all(in: runs) {
      guard let bytes = try? DurableFile.read(folder.drill), let json = try? JSON(parsing: bytes),
        json["good"]?.bool == true, let name = json["runbook"]?.string,
        let end = json["finished-at"]?.string.flatMap(Timestamp.init(parsing:))
      else { continue }
      lastGood[name] = max(lastGood[name] ?? end, end)
    }
    self.lastGood = lastGood
    self.now = now
  }

  /// How a runbook stands; `every:` of its drill says when the next one is due.
  public func standing(of runbook: Runbook) -> Standing {
    guard let drill = runbook.drill else { return .none }
    guard let last = lastGood[runbook.name] else { return .never(isDue: drill.every != nil) }
    guard let every = drill.every?.fixed else { return .last(last, isDue: false) }
    return .last(last, isDue: now - last > every)
  }
}
