import Testing

@testable import LogOps

@Suite("What records come to")
struct SummaryTests {
  @Test(
    "messages that say the same have one template",
    arguments: [
      ("order 17 of \"al\" failed at 10.0.0.3", "order <n> of \"…\" failed at <ip>"),
      ("id 123e4567-e89b-12d3-a456-426614174000 gone", "id <id> gone"),
      ("commit 9fceb02d3 at 0xFFee", "commit <hex> at <hex>"),
      ("took 1.5s, don't", "took <n><s>, don't"),
      ("worker-12 v2", "worker-<n> v<n>"), ("plain words", "plain words"),
    ])
  func templates(_ message: String, _ expected: String) {
    let expected = expected.replacing("<n><s>", with: "<n>s")
    message.bytes { bytes in
      #expect(String(decoding: MessageTemplate.of(bytes), as: UTF8.self) == expected)
    }
  }

  private func summary(_ text: String) throws -> LogSummary {
    let options = options {
      $0.summarizes = true
      $0.prints = false
    }
    let pipeline = try LogPipeline(options, descriptor: -1)
    let source = pipeline.add(SourceLabel(file: "a.log"))
    _ = try text.bytes { try pipeline.feed($0, from: source) }
    try pipeline.end(source)
    _ = try pipeline.finish()
    return try #require(pipeline.summary)
  }

  @Test("levels, the rate and clusters")
  func clusters() throws {
    var text = ""
    for index in 0..<300 {
      let time = "2026-11-29T10:0\(index / 60):\(index % 60 < 10 ? "0" : "")\(index % 60)Z"
      text += "\(time) INFO ok \(index)\n"
      if index % 3 == 0 { text += "\(time) ERROR order \(index) failed: password=abc\n" }
      if index % 100 == 0 { text += "\(time) WARN slow\n" }
    }
    let summary = try summary(text)
    #expect(summary.records == 403)
    #expect(summary.levels[.error] == 100)
    #expect(summary.histogram.width == .seconds(10))
    #expect(summary.histogram.all.map(\.records).reduce(0, +) == 403)
    #expect(summary.histogram.all.map(\.errors).reduce(0, +) == 100)
    let ranked = summary.ranked
    #expect(ranked.map(\.count) == [100, 3])
    #expect(ranked[0].template == "ERROR order <n> failed: password=********")
    #expect(ranked[0].example == "2026-11-29T10:00:00Z ERROR order 0 failed: password=********")
    #expect(summary.text().contains("100x error 10:00:00-10:04:57"))
    #expect(!summary.text().contains("password=abc"))
  }

  @Test("its memory is bounded")
  func bounded() throws {
    let letters = Array("abcdefghij")
    let text = (0..<3000).map { number in
      "ERROR " + String(String(number).map { letters[$0.wholeNumberValue ?? 0] }) + "\n"
    }.joined()
    let summary = try summary(text)
    #expect(summary.ranked.count == LogSummary.maximumClusters)
    #expect(summary.unclustered == 1000)
  }
}
