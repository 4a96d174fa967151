public import JSON
internal import Quantities

extension LogSummary {
  /// For people: counts, the rate as a row of blocks, and the most frequent warnings and errors.
  ///
  /// - Parameters:
  ///   - limit: how many clusters are shown.
  ///   - newest: the newest generation of the sources: what only it says is marked as new.
  public func text(limit: Int = 20, zone: Int = 0, newest: String? = nil) -> String {
    var text = "\(records) records of \(sources.count) source\(sources.count == 1 ? "" : "s")"
    let counts = levels.sorted { ($0.key?.rawValue ?? -1) > ($1.key?.rawValue ?? -1) }
    for (level, count) in counts { text += ", \(count) \(level?.name ?? "without level")" }
    text += "\n"
    let steps = histogram.all
    if let start = histogram.start, steps.count > 1 {
      text += "from \(TimeText.full(start, zone: zone)), a block for \(histogram.width.canonical)\n"
      text += "all    \(Histogram.blocks(steps.map(\.records)))\n"
      if steps.contains(where: { $0.errors > 0 }) {
        text += "errors \(Histogram.blocks(steps.map(\.errors)))\n"
      }
    }
    for cluster in ranked.prefix(limit) {
      let span = [cluster.first, cluster.last].compactMap { $0 }.map {
        TimeText.clock($0, zone: zone).prefix(8)
      }
      let isNew = newest.map { cluster.generations == [$0] && hasOlder($0) } ?? false
      text += "\(cluster.count)x \(cluster.level.name) \(Set(span).sorted().joined(separator: "-"))"
      text += cluster.sources.count > 1 ? " in \(cluster.sources.count) sources" : ""
      text += "\(isNew ? " NEW" : "")  \(SummaryText.harmless(cluster.template))\n"
    }
    let hidden = max(0, ranked.count - limit)
    if hidden > 0 { text += "and \(hidden) more different warnings and errors\n" }
    if unclustered > 0 { text += "and \(unclustered) more that were not told apart\n" }
    return text
  }

  /// Whether something is known about generations beside one.
  private func hasOlder(_ generation: String) -> Bool {
    generations.contains { $0 != generation }
  }

  /// For programs: the same as an object.
  public func json(newest: String? = nil) -> JSON {
    let clusters = ranked.map { cluster -> JSON in
      [
        "template": .string(cluster.template), "example": .string(cluster.example),
        "level": .string(cluster.level.name), "count": JSON(cluster.count),
        "first": JSON(cluster.first?.timestamp.rfc3339(fractionDigits: 6)),
        "last": JSON(cluster.last?.timestamp.rfc3339(fractionDigits: 6)),
        "sources": .array(cluster.sources.sorted().map(JSON.string)),
        "new": JSON(newest.map { cluster.generations == [$0] && hasOlder($0) }),
      ]
    }
    let byLevel = levels.sorted { ($0.key?.rawValue ?? -1) > ($1.key?.rawValue ?? -1) }.map {
      JSON.object(["level": JSON($0.key?.name), "records": JSON($0.value)])
    }
    return [
      "records": JSON(records), "levels": .array(byLevel),
      "sources": .array(sources.sorted().map(JSON.string)),
      "histogram": [
        "start": JSON(histogram.start?.timestamp.rfc3339(fractionDigits: 0)),
        "step": .string(histogram.width.canonical),
        "records": .array(histogram.all.map { JSON($0.records) }),
        "errors": .array(histogram.all.map { JSON($0.errors) }),
      ],
      "clusters": .array(clusters), "unclustered": JSON(unclustered),
    ]
  }
}

/// Text of logs within a summary.
enum SummaryText {
  static func harmless(_ text: String) -> String {
    let buffer = ByteBuffer()
    Array(text.utf8).withUnsafeBytes { TerminalText.append($0, to: buffer) }
    return buffer.bytes.text
  }
}
