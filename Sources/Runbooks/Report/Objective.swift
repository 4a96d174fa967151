public import JSON
internal import Quantities

/// What a drill was to reach, and what it came to.
///
/// A run carries its objectives in `drill.json` of its folder; the report shows them where they are:
/// `{"objectives": [{"name": "rto", "limit": "4h", "measured": "3m12s", "met": true}]}`, where
/// `measured` is null when it could not be measured.
public struct Objective: Hashable, Sendable {
  /// `rto`, `rpo`, or another.
  public var name: String
  /// What it may be at most.
  public var limit: Duration
  /// What it was; nil when it could not be measured.
  public var measured: Duration?
  /// Whether it was reached.
  public var isMet: Bool

  /// Describes an objective.
  public init(name: String, limit: Duration, measured: Duration?, isMet: Bool) {
    self.name = name
    self.limit = limit
    self.measured = measured
    self.isMet = isMet
  }

  /// The name in words.
  var title: String {
    switch name {
    case "rto": "Recovery time"
    case "rpo": "Data loss"
    default: name
    }
  }
}

extension Objective {
  /// Reads what `json` gives; nil for anything else.
  init?(_ json: JSON) {
    guard let name = json["name"]?.string,
      let limit = json["limit"]?.string.flatMap({ Duration(parsing: $0) }),
      let isMet = json["met"]?.bool
    else { return nil }
    self.init(
      name: name, limit: limit,
      measured: json["measured"]?.string.flatMap { Duration(parsing: $0) }, isMet: isMet)
  }

  /// As it stands in `drill.json` and in reports.
  public var json: JSON {
    [
      "name": .string(name), "limit": .string(limit.canonical),
      "measured": JSON(measured?.canonical), "met": .bool(isMet),
    ]
  }
}
