import Glibc
import JSON
import KubeExec
import Testing

@testable import LogOps

@Suite("Pods and their containers")
struct PodTests {
  private func pod(
    _ uid: String = "u1", name: String = "web-1", phase: String = "Running", state: String,
    last: String? = nil, restarts: Int = 0
  ) throws -> KubeObject {
    let last = last.map {
      ",\"lastState\":{\"terminated\":{\"containerID\":\"\($0)\",\"exitCode\":1,\"reason\":\"Error\"}}"
    }
    return KubeObject(
      try JSON(
        parsing: """
          {"kind":"Pod","metadata":{"name":"\(name)","namespace":"n","uid":"\(uid)",
           "labels":{"pod-template-hash":"h1"}},
           "spec":{"containers":[{"name":"app"}]},"status":{"phase":"\(phase)",
           "containerStatuses":[{"name":"app","restartCount":\(restarts),\(state)\(last ?? "")}]}}
          """))
  }

  private static let running = "\"containerID\":\"c1\",\"state\":{\"running\":{}}"
  private static let second = "\"containerID\":\"c2\",\"state\":{\"running\":{}}"
  private static let done =
    "\"state\":{\"terminated\":{\"containerID\":\"c1\",\"exitCode\":137,\"reason\":\"OOMKilled\"}}"
  private static let waiting = "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}"

  private let first = ContainerState.Identity(podUID: "u1", container: "app", containerID: "c1")

  @Test("the instance is the one whose log the kubelet gives")
  func identity() throws {
    func id(_ state: String, last: String? = nil) throws -> String? {
      ContainerState.all(of: try pod(state: state, last: last)).first?.identity.containerID
    }
    #expect(try id(Self.running) == "c1")
    #expect(try id(Self.second, last: "c1") == "c2")
    #expect(try id(Self.done) == "c1")
    #expect(try id(Self.waiting, last: "c1") == "c1")
    #expect(try id(Self.waiting) == nil)
  }

  @Test("what a pod says of an instance")
  func present() throws {
    func present(_ pod: KubeObject?) -> InstanceFollow.Present {
      ContainerState.present(of: first, in: pod)
    }
    #expect(present(nil) == .gone)
    #expect(present(try pod("other", state: Self.running)) == .gone)
    #expect(present(try pod(state: Self.running)) == .running)
    #expect(present(try pod(state: Self.done)) == .terminated)
    #expect(present(try pod(state: Self.waiting, last: "c1")) == .terminated)
    #expect(present(try pod(state: Self.second, last: "c1")) == .replaced(isLast: true))
    #expect(present(try pod(state: Self.second, last: "c0")) == .replaced(isLast: false))
  }

  private func roster(_ change: (inout FollowOptions) -> Void = { _ in }) -> PodRoster {
    var options = FollowOptions([PodScope("pods", ObjectQuery(.pods, namespace: "n"))])
    options.follows = true
    change(&options)
    return PodRoster(options)
  }

  @Test("new pods and restarts are started, once each, and told")
  func follow() throws {
    var roster = roster()
    #expect(roster.take(.state(0, [try pod(state: Self.running)])) == [])
    #expect(roster.starts().map(\.state.identity) == [first])
    #expect(roster.take(.changed(0, try pod(state: Self.running))) == [])
    #expect(roster.starts().isEmpty)
    #expect(
      roster.take(.changed(0, try pod(state: Self.done)))
        == ["web-1/app ended (OOMKilled, exit code 137)"])
    #expect(roster.starts().isEmpty)
    #expect(roster.ends() == [first])
    #expect(roster.ends().isEmpty)
    let restarted = try pod(state: Self.second, last: "c1", restarts: 1)
    #expect(roster.take(.changed(0, restarted)) == ["web-1/app was restarted (1 so far)"])
    let starts = roster.starts()
    #expect(starts.map(\.state.identity.containerID) == ["c2"])
    #expect(starts.map(\.wasThere) == [false])
    let other = try pod("u2", name: "web-2", state: Self.running)
    #expect(roster.take(.changed(0, other)) == ["pod web-2 is new"])
    #expect(roster.starts().count == 1)
    #expect(roster.take(.deleted(0, other)) == ["pod web-2 is gone"])
    #expect(roster.ends().contains { $0.podUID == "u2" })
    #expect(!roster.isDone)
  }

  @Test("how an instance ended is told also when only the next one is seen")
  func endUnseen() throws {
    var roster = roster()
    _ = roster.take(.state(0, [try pod(state: Self.running)]))
    let restarted = try pod(state: Self.second, last: "c1", restarts: 1)
    #expect(
      roster.take(.changed(0, restarted)) == [
        "web-1/app ended (Error, exit code 1)", "web-1/app was restarted (1 so far)",
      ])
    #expect(roster.ends() == [first])
  }

  @Test("the end of what has been read is nobody's news")
  func endOfRead() throws {
    var roster = roster()
    let pod = try pod(state: Self.running)
    _ = roster.take(.state(0, [pod]))
    roster.finished(first)
    _ = roster.take(.deleted(0, pod))
    #expect(roster.ends().isEmpty)
  }

  @Test("no pods are an error, unless they are waited for")
  func nothing() throws {
    var strict = roster()
    try strict.check()
    _ = strict.take(.state(0, []))
    #expect(throws: NoPods.self) { try strict.check() }
    var waiting = roster { $0.waits = true }
    _ = waiting.take(.state(0, []))
    try waiting.check()
    #expect(!waiting.isDone)
  }

  @Test("reading ends when everything is read, or with the pods")
  func end() throws {
    var once = roster { $0.follows = false }
    _ = once.take(.state(0, [try pod(state: Self.running)]))
    _ = once.starts()
    #expect(!once.isDone)
    once.finished(first)
    #expect(once.isDone)
    var job = roster { $0.endsWithPods = true }
    _ = job.take(.state(0, [try pod(state: Self.running)]))
    _ = job.starts()
    job.finished(first)
    #expect(!job.isDone)
    _ = job.take(.changed(0, try pod(phase: "Succeeded", state: Self.done)))
    #expect(job.isDone)
  }

  @Test("when no more pods will come, reading ends with those that there are, also with none")
  func complete() throws {
    var roster = roster { $0.waits = true }
    _ = roster.take(.state(0, [try pod(state: Self.running)]))
    _ = roster.take(.complete)
    #expect(!roster.isDone)
    #expect(roster.starts().map(\.state.identity) == [first])
    #expect(!roster.isDone)
    roster.finished(first)
    #expect(roster.isDone)
    var empty = self.roster { $0.waits = true }
    _ = empty.take(.state(0, []))
    #expect(!empty.isDone)
    _ = empty.take(.complete)
    #expect(empty.isDone)
  }

  @Test("what is new since the newest generation is marked")
  func generations() throws {
    let options = options {
      $0.summarizes = true
      $0.prints = false
    }
    let pipeline = try LogPipeline(options, descriptor: -1)
    let notices = LogNotices { _ in }
    for (generation, time, text) in [
      ("old", "10:00", "old trouble"), ("new", "10:05", "old trouble"),
      ("new", "10:06", "fresh one"),
    ] {
      var label = SourceLabel(generation, fields: [])
      label.generation = generation
      let source = pipeline.addStamped(label, notices)
      _ = try "2026-11-29T\(time):00Z ERROR \(text)\n".bytes { try pipeline.feed($0, from: source) }
      try pipeline.end(source)
    }
    let newest = try #require(pipeline.newestGeneration)
    #expect(newest == "new")
    let text = try #require(pipeline.summary).text(newest: newest)
    #expect(text.contains("NEW  ERROR fresh one"))
    #expect(!text.contains("NEW  ERROR old trouble"))
  }

  @Test("a stream that broke goes on where it stopped; what is missing is told")
  func brokenStream() throws {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let lost = LogNotices { _ in }
    let pipeline = try LogPipeline(LogOptions(), descriptor: fileno(file))
    let source = pipeline.addStamped(SourceLabel("p/c", fields: []), lost)
    func feed(_ text: String) throws { _ = try text.bytes { try pipeline.feed($0, from: source) } }
    #expect(pipeline.begin(source) == nil)
    try feed("2026-11-29T10:00:00.1Z one\n2026-11-29T10:00:00.2Z tw")
    #expect(pipeline.begin(source) == 1_795_946_399)
    try feed("2026-11-29T10:00:00.1Z one\n2026-11-29T10:00:00.2Z two\n2026-11-29T10:00:00.3Z thr")
    #expect(lost.lost == 0)
    _ = pipeline.begin(source)
    try feed("2026-11-29T10:00:09.3Z nine\n")
    #expect(lost.lost == 1)
    _ = pipeline.begin(source)
    try feed("unable to retrieve container logs for containerd://c1")
    try pipeline.end(source)
    #expect(lost.lost == 2)
    _ = try pipeline.finish()
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = pread(fileno(file), &bytes, 100, 0)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "one\ntwo\nnine\n")
  }

  @Test("doubtful lines are not taken, and come when they are accepted")
  func doubtfulLines() throws {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let lost = LogNotices { _ in }
    let pipeline = try LogPipeline(LogOptions(), descriptor: fileno(file))
    let source = pipeline.addStamped(SourceLabel("p/c", fields: []), lost)
    func feed(_ text: String) throws { _ = try text.bytes { try pipeline.feed($0, from: source) } }
    _ = pipeline.begin(source)
    try feed("2026-11-29T10:00:00.1Z one\n2026-11-29T10:00:00.2Z two\n")
    _ = pipeline.begin(source)
    pipeline.stop(source, at: .doubtfulLines)
    #expect(throws: EarlyEnd(end: .doubtful)) { try feed("2026-11-29T10:00:09.3Z nine\n") }
    _ = pipeline.begin(source)
    pipeline.stop(source, at: .doubtfulLines)
    try feed("2026-11-29T10:00:00.2Z two\n2026-11-29T10:00:00.3Z three\n")
    #expect(lost.lost == 0)
    _ = pipeline.begin(source)
    try feed("2026-11-29T10:00:09.3Z nine\n")
    #expect(lost.lost == 1)
    try pipeline.end(source)
    _ = try pipeline.finish()
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = pread(fileno(file), &bytes, 100, 0)
    #expect(String(decoding: bytes.prefix(count), as: UTF8.self) == "one\ntwo\nthree\nnine\n")
  }
}
