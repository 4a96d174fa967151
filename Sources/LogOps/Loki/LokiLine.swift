public import JSON

/// A line that a Loki gives.
public struct LokiLine: Hashable, Sendable {
  /// Its stamp: that of the container runtime where the collector takes it over (Promtail and Alloy with
  /// their stage `cri`), otherwise the time at which it was collected.
  public var time: LogTime
  /// What it says; several lines where the collector has joined them.
  public var text: String
  /// The labels of its stream.
  public var labels: [String: String]

  /// The lines of all streams of an answer (`data.result` of type `streams`), the oldest first; those of
  /// one stream keep their order where their stamps are the same. Nil where one has no stamp or no text.
  public static func all(in streams: [JSON]) -> [LokiLine]? {
    var lines: [LokiLine] = []
    for stream in streams {
      let labels = Dictionary(
        (stream["stream"]?.object ?? [:]).map { ($0.key, $0.value.string ?? "") },
        uniquingKeysWith: { $1 })
      for value in stream["values"]?.array ?? [] {
        guard let time = value[0]?.string.flatMap({ Int64($0) }), let text = value[1]?.string else {
          return nil
        }
        lines.append(LokiLine(time: LogTime(nanoseconds: time), text: text, labels: labels))
      }
    }
    let order = lines.indices.sorted { (lines[$0].time, $0) < (lines[$1].time, $1) }
    return order.map { lines[$0] }
  }
}
