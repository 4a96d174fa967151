internal import JSON
internal import LogOps
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// What Prometheus and Loki answer to a query (`data` of their APIs, which agree), as expressions
/// see it.
struct MonitoringAnswer {
  /// `vector`, `matrix`, `scalar`, `string`, `streams`.
  var type: String
  /// The samples: labels, and a value or several.
  var samples: [Value] = []
  /// The lines of logs.
  var lines: [Value] = []
  /// The value, where there is just one.
  var value = Value.null

  /// Reads `data`; nil where it is not what the API describes.
  init?(_ data: JSON?) {
    guard let type = data?["resultType"]?.string, let result = data?["result"] else { return nil }
    self.type = type
    switch type {
    case "vector":
      samples = (result.array ?? []).map(MonitoringAnswer.sample)
      if samples.count == 1 { value = samples[0]["value"] ?? .null }
    case "matrix": samples = (result.array ?? []).map(MonitoringAnswer.series)
    case "scalar", "string":
      let (moment, value) = MonitoringAnswer.point(result)
      samples = [["labels": [:], "value": value, "at": moment]]
      self.value = value
    case "streams":
      guard let found = LokiLine.all(in: result.array ?? []) else { return nil }
      lines = found.map(MonitoringAnswer.line)
    default: return nil
    }
  }

  /// Whether it says nothing.
  var isEmpty: Bool { samples.isEmpty && lines.isEmpty }

  private static func sample(_ json: JSON) -> Value {
    let (moment, value) = point(json["value"] ?? .null)
    return ["labels": labels(json["metric"]), "value": value, "at": moment]
  }

  private static func series(_ json: JSON) -> Value {
    let values = (json["values"]?.array ?? []).map { json -> Value in
      let (moment, value) = point(json)
      return ["at": moment, "value": value]
    }
    return ["labels": labels(json["metric"]), "values": .array(values)]
  }

  /// `[1795421355.555, "0"]`: seconds, and a number as a text, which may be `NaN` or `+Inf`.
  private static func point(_ json: JSON) -> (at: Value, value: Value) {
    let seconds = json[0]?.double ?? 0
    let text = json[1]?.string ?? ""
    let moment = Timestamp(microseconds: Int64((seconds * 1_000_000).rounded()))
    if let whole = Int64(text) { return (.timestamp(moment), .int(whole)) }
    return (.timestamp(moment), Double(text).map(Value.double) ?? .string(text))
  }

  private static func labels(_ json: JSON?) -> Value {
    .object((json?.object ?? [:]).mapValues { Value($0) })
  }

  private static func line(_ line: LokiLine) -> Value {
    let labels = line.labels.sorted { $0.key < $1.key }.map { ($0.key, Value.string($0.value)) }
    return [
      "at": .timestamp(line.time.timestamp),
      "labels": .object(OrderedDictionary(uniqueKeysWithValues: labels)),
      "line": .string(line.text),
    ]
  }
}

extension Timestamp {
  /// As Prometheus and Loki read it.
  var secondsText: String {
    let fraction = String(1_000_000 + microseconds % 1_000_000).dropFirst()
    return "\(microseconds / 1_000_000).\(fraction)"
  }
}

extension ActionCall {
  /// A moment of `with`.
  func moment(_ key: String) -> Timestamp? {
    if case .timestamp(let moment)? = with[key] { moment } else { nil }
  }

  /// Whether an answer without anything in it is an answer.
  func takesNothing() throws -> Bool {
    guard let word = with["empty"]?.string else { return false }
    guard ["ok", "error"].contains(word) else {
      throw ActionError(.other, "empty is \"\(word)\"; it can be ok or error")
    }
    return word == "ok"
  }
}
