import Glibc
import JSON
import KubeExec
import Testing

@testable import LogOps

@Suite("Pods that come and go without end")
struct GenerationTests {
  private func pod(_ number: Int, instance: Int = 1, app: String = "app") throws -> KubeObject {
    KubeObject(
      try JSON(
        parsing: """
          {"kind":"Pod","metadata":{"name":"web-\(number)","namespace":"n","uid":"u\(number)"},
           "spec":{"containers":[{"name":"\(app)"}]},"status":{"phase":"Running",
           "containerStatuses":[{"name":"\(app)","restartCount":\(instance - 1),
           "containerID":"c\(number)-\(instance)","state":{"running":{}}}]}}
          """))
  }

  private func roster(scopes: Int) -> PodRoster {
    var options = FollowOptions(
      (0..<scopes).map { PodScope("scope \($0)", ObjectQuery(.pods, namespace: "n")) })
    options.follows = true
    return PodRoster(options)
  }

  /// Takes news and counts the logs that begin.
  private func begun(_ roster: inout PodRoster, _ news: PodNews) -> Int {
    _ = roster.take(news)
    let starts = roster.starts()
    for start in starts { roster.finished(start.state.identity) }
    return starts.count
  }

  @Test("are forgotten")
  func forgotten() throws {
    var roster = roster(scopes: 1)
    _ = roster.take(.state(0, []))
    for number in 0..<3000 {
      let pod = try pod(number)
      #expect(begun(&roster, .changed(0, pod)) == 1)
      _ = roster.take(.deleted(0, pod))
      #expect(roster.remembered <= 201)
    }
  }

  @Test("are forgotten, if later, where a scope never tells of their end")
  func forgottenWithoutWord() throws {
    var roster = roster(scopes: 2)
    for number in 0..<3000 {
      let pod = try pod(number)
      #expect(begun(&roster, .changed(0, pod)) == 1)
      #expect(begun(&roster, .changed(1, pod)) == 0)
      _ = roster.take(.deleted(0, pod))
      #expect(roster.remembered <= 2001)
    }
  }

  @Test("are not read again by late news of another scope")
  func lateNews() throws {
    var roster = roster(scopes: 2)
    let pods = try (0..<1000).map { try pod($0) }
    for pod in pods {
      #expect(begun(&roster, .changed(0, pod)) == 1)
      #expect(begun(&roster, .changed(1, pod)) == 0)
    }
    for pod in pods { _ = roster.take(.deleted(0, pod)) }
    for pod in pods { #expect(begun(&roster, .changed(1, pod)) == 0) }
    for pod in pods { _ = roster.take(.deleted(1, pod)) }
    #expect(begun(&roster, .changed(1, try pod(999))) == 0)
    #expect(roster.remembered <= 201)
  }

  @Test("may come back to their labels, and only what is new is read")
  func comeBack() throws {
    var roster = roster(scopes: 1)
    let first = try pod(1)
    #expect(begun(&roster, .changed(0, first)) == 1)
    _ = roster.take(.deleted(0, first))
    #expect(begun(&roster, .changed(0, first)) == 0)
    #expect(begun(&roster, .changed(0, try pod(1, instance: 2))) == 1)
  }

  @Test("a container that restarts for ever is not remembered for ever")
  func restarts() throws {
    var roster = roster(scopes: 1)
    for instance in 1...1000 {
      #expect(begun(&roster, .changed(0, try pod(1, instance: instance))) == 1)
      #expect(roster.remembered <= 17)
    }
  }

  @Test("hand their numbers on, and nobody's lines go by another's name", arguments: [false, true])
  func numbers(isOrdered: Bool) throws {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let options = options {
      $0.style.hasPrefix = true
      $0.order = isOrdered ? .milliseconds(100) : nil
    }
    let pipeline = try LogPipeline(options, descriptor: fileno(file))
    let notices = LogNotices { _ in }
    var expected = ""
    for number in 0..<500 {
      let sources = (0..<3).map {
        pipeline.addStamped(SourceLabel("p\(number)/c\($0)", fields: []), notices)
      }
      #expect(sources.allSatisfy { $0 < 1000 && (isOrdered || $0 < 3) })
      for (index, source) in sources.enumerated() {
        let time = String(1_000_000 + number * 10 + index).dropFirst()
        let line = "2026-11-29T10:00:00.\(time)000Z \(number)\n"
        _ = try line.bytes { try pipeline.feed($0, from: source) }
        expected += "p\(number)/c\(index): \(number)\n"
      }
      for source in sources { try pipeline.end(source) }
    }
    _ = try pipeline.finish()
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = pread(fileno(file), &bytes, bytes.count, 0)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == expected)
  }
}
