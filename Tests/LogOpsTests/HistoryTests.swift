import ClusterStandIn
import Diagnostics
import JSON
import Testing

@testable import LogOps

extension FakeLoki {
  /// It, as it is asked without HTTP.
  var loki: Loki {
    Loki("loki") { path, query in
      let (status, body) = self.answer(path, query)
      guard status != 200 else { return body }
      throw LokiTrouble(status == 400 ? .badRequest : .refused, body.string ?? "")
    }
  }

  /// What it has kept.
  var history: LogHistory { LogHistory(loki) }
}

@Suite("What a Loki has kept")
struct HistoryTests {
  private static let start: Int64 = 1_732_874_400_000_000_000

  private static func time(_ nanoseconds: Int64) -> LogTime { LogTime(nanoseconds: nanoseconds) }

  /// All lines of pages, and the moments that were cut.
  private func read(
    _ kept: FakeLoki, from start: Int64, to end: Int64
  ) async throws -> (lines: [LokiLine], cut: [LogTime]) {
    var pages = LokiPages("{pod=\"p\"}", from: Self.time(start), to: Self.time(end))
    var lines: [LokiLine] = []
    while let page = try await pages.next(kept.loki) { lines += page }
    return (lines, pages.cut)
  }

  @Test("comes page by page, every line once, also where pages meet within one moment")
  func pages() async throws {
    let lines = (0..<3500).map {
      FakeLoki.Line(
        Self.start + Int64($0 / 7) * 13, "line \($0 % 3)", pod: "p",
        stream: $0 % 2 == 0 ? "stdout" : "stderr")
    }
    let kept = FakeLoki(lines)
    let (found, cut) = try await read(kept, from: Self.start, to: lines[3499].time + 1)
    #expect(found.map(\.text).sorted() == lines.map(\.text).sorted())
    #expect(found.map(\.time.nanoseconds) == lines.map(\.time))
    #expect(cut.isEmpty)
    #expect(kept.queries.withLock { $0.count } == 4)
  }

  @Test(
    "more lines of one nanosecond than a page has are asked for at once; what stays cut is told")
  func sameMoment() async throws {
    func lines(_ count: Int) -> [FakeLoki.Line] {
      let same = (0..<count).map { FakeLoki.Line(Self.start, "line \($0)", pod: "p") }
      return same + [FakeLoki.Line(Self.start + 5, "last", pod: "p")]
    }
    let all = try await read(FakeLoki(lines(4000)), from: Self.start, to: Self.start + 10)
    #expect(Set(all.lines.map(\.text)).count == 4001 && all.lines.count == 4001)
    #expect(all.cut.isEmpty)
    let most = try await read(FakeLoki(lines(6000)), from: Self.start, to: Self.start + 10)
    #expect(most.lines.count == 5001 && most.lines.last?.text == "last")
    #expect(most.cut == [Self.time(Self.start)])
  }

  @Test("a server that gives less at once is asked for less")
  func limits() async throws {
    let lines = (0..<1000).map { FakeLoki.Line(Self.start + Int64($0), "line \($0)", pod: "p") }
    let kept = FakeLoki(lines, greatestLimit: 300)
    let (found, _) = try await read(kept, from: Self.start, to: Self.start + 2000)
    #expect(found.map(\.text) == lines.map(\.text))
    // What no limit mends is an error.
    await #expect(throws: LokiTrouble.self) {
      try await read(FakeLoki(lines, greatestLimit: 10), from: Self.start, to: Self.start + 2000)
    }
  }

  @Test("a long time is asked for in pieces that every server allows")
  func longTime() async throws {
    let day: Int64 = 86_400_000_000_000
    let lines = [0, 20, 39].map { FakeLoki.Line(Self.start + $0 * day, "day \($0)", pod: "p") }
    let (found, _) = try await read(
      FakeLoki(lines), from: Self.start, to: Self.start + 40 * day)
    #expect(found.map(\.text) == ["day 0", "day 20", "day 39"])
  }

  @Test("names in queries may hold anything")
  func selectors() async throws {
    var selector = LokiSelector()
    selector.require("namespace", "a\"b\\c")
    selector.require("pod", among: ["web.1", "web|2"])
    selector.require("container", nil)
    #expect(
      selector.text
        == #"{namespace="a\"b\\c",pod=~"web\\.1|web\\|2",container=~".+"}"#)
    let lines = ["web.1", "webx1", "web|2"].map {
      FakeLoki.Line(Self.start, "of \($0)", pod: $0, namespace: "a\"b\\c")
    }
    let range = LokiRange(
      selector.text, from: Self.time(Self.start), to: Self.time(Self.start + 1), limit: 10)
    let found = try await FakeLoki(lines).loki.lines(range)
    #expect(Set(found.map(\.text)) == ["of web.1", "of web|2"])
  }

  @Test("how far back it reaches: only what has nothing older, and begins later, does not")
  func reach() async throws {
    let second: Int64 = 1_000_000_000
    let kept = FakeLoki([FakeLoki.Line(Self.start, "first", pod: "p")]).history
    func reach(_ seconds: Int64, of namespace: String = "n") async throws -> LogHistory.Reach {
      try await kept.reach(of: namespace, to: Self.time(Self.start + seconds * second))
    }
    #expect(try await reach(10) == .whole)
    #expect(try await reach(-100) == .from(Self.time(Self.start)))
    #expect(try await reach(-100, of: "m") == .nothing)
  }

  @Test("an answer that is none is an error")
  func troubles() async throws {
    for odd in [JSON.object([:]), ["data": ["result": [["values": [["x"]]]]]]] {
      let loki = Loki("loki") { _, _ in odd }
      let range = LokiRange("{}", from: Self.time(0), to: Self.time(1), limit: 1)
      await #expect(throws: LokiTrouble.self) { try await loki.lines(range) }
    }
  }
}

@Suite("Where what was kept meets what the cluster has")
struct HistorySeamTests {
  private func kept(_ texts: String...) -> [KeptLine] {
    texts.enumerated().map {
      KeptLine(
        LokiLine(time: LogTime(nanoseconds: Int64($0.offset)), text: $0.element, labels: [:]))
    }
  }

  private func head(_ text: String) -> LogHead? { LogHead(Array(text.utf8)) }

  @Test("the first lines of a log are read, the cut one too")
  func heads() throws {
    let stamp = "2026-11-29T10:00:00.000000001Z"
    let head = try #require(self.head("rest of a line\n\(stamp) one\n\(stamp) two\n\(stamp) thr"))
    #expect(head.time.nanoseconds == 1_795_946_400_000_000_001)
    #expect(head.texts == ["one", "two", "thr"] && head.isCut)
    #expect(self.head("") == nil && self.head("no stamp\n") == nil)
    #expect(self.head("\(stamp) one\n")?.isCut == false)
  }

  @Test("what the lines say tells it, where it is said once")
  func texts() throws {
    let stamp = "2026-11-29T10:00:00.000000001Z"
    let head = try #require(self.head("\(stamp) tick\n\(stamp) b\n\(stamp) cc"))
    #expect(HistorySeam(kept("tick", "a", "tick", "b", "ccc", "tick"), head) == .ambiguous)
    #expect(HistorySeam(kept("tick", "a", "tick", "b", "ccc", "d"), head) == .at(2))
    #expect(HistorySeam(kept("tick", "a", "tick", "b"), head) == .at(2))
    #expect(HistorySeam(kept("a", "b"), head) == .unknown)
  }

  @Test("what the runtime wrote tells its own stamp, and which lines go on")
  func runtime() {
    func line(_ text: String) -> KeptLine {
      KeptLine(LokiLine(time: LogTime(nanoseconds: 7), text: text, labels: [:]))
    }
    let whole = line("2026-11-29T10:00:00.000000001Z stdout F hello\n")
    #expect(whole.time.nanoseconds == 1_795_946_400_000_000_001)
    #expect(whole.text == "hello" && !whole.isPart && whole.isRuntime)
    #expect(line("2026-11-29T10:00:00Z hello").time.nanoseconds == 7)
    var text = KeptText()
    text.append(line("2026-11-29T10:00:00.000000001Z stderr P hel"))
    text.append(line("2026-11-29T10:00:00.000000002Z stderr F lo"))
    text.append(line("one\ntwo"))
    #expect(
      String(decoding: text.take(), as: UTF8.self) == """
        2026-11-29T10:00:00.000000001Z hello
        1970-01-01T00:00:00.000000007Z one
        1970-01-01T00:00:00.000000007Z two

        """)
  }

  @Test(
    "names of pods that are gone",
    arguments: [
      ("Deployment", "web", "web-7f9c6b54d8-x2v4k", true),
      ("Deployment", "web", "web-x2v4k", false),
      ("Deployment", "web", "web-api-7f9c6b54d8-x2v4k", false),
      ("StatefulSet", "db", "db-12", true), ("StatefulSet", "db", "db-12-x", false),
      ("DaemonSet", "agent", "agent-x2v4k", true), ("ReplicaSet", "web", "web-x2v4k", true),
      ("Job", "load", "load-x2v4k", true), ("Job", "load", "load-3-x2v4k", true),
      ("CronJob", "night", "night-28345670-x2v4k", true), ("Pod", "web.1", "webx1", false),
    ])
  func names(_ kind: String, _ name: String, _ pod: String, _ isOne: Bool) throws {
    #expect(try PastNames.made(by: kind, name)?.matches(pod) == isOne)
  }

  @Test("the revision in a pod's name")
  func generations() {
    #expect(PastNames.generation(of: "web-7f9c6b54d8-x2v4k") == "7f9c6b54d8")
    #expect(PastNames.generation(of: "web-api-x2v4k") == nil)
    #expect(PastNames.generation(of: "db-0") == nil)
  }
}
