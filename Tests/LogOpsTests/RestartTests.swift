import ClusterStandIn
import Glibc
import JSON
import KubeExec
import Synchronization
import Testing

@testable import LogOps

/// A pod with one container, which restarts when a test says so.
private final class RestartingPod: Sendable {
  struct State {
    /// The instances that have been started, and what each of them writes.
    var instances: [[String]] = []
    /// Which of them runs, as the API says it. The kubelet, which gives the logs, is ahead of it.
    var shown = 0
    /// Which of them the kubelet has.
    var present = 0
    /// How many lines of it went with a rotated file.
    var rotated = 0
    /// Whether it gives nothing of it yet.
    var isMute = false
    /// Whether the last of them has ended, and the pod with it.
    var isOver = false
    /// Whether the pod is gone.
    var isGone = false
    /// What each request for a log was: `0`, or `previous`.
    var requests: [String] = []
  }

  let state: Mutex<State>
  /// Called for every request for a log, before it is answered, with how many there were before.
  private let step: @Sendable (inout State, Int) -> Void

  init(_ instances: [[String]], _ step: @escaping @Sendable (inout State, Int) -> Void) {
    state = Mutex(State(instances: instances))
    self.step = step
  }

  func answer(_ request: FakeAPI.Request) -> FakeAPI.Answer {
    let answer = state.withLock { state in
      if request.path.hasSuffix("/log") { return log(request, &state) }
      let pod = RestartingPod.object(state)
      if state.isGone, request.path.hasSuffix("/pods/p") {
        return .failure(404, "NotFound", "there is no pod")
      }
      if request.path.hasSuffix("/pods/p") { return FakeAPI.Answer(body: pod) }
      if request.query["watch"] != nil {
        return FakeAPI.Answer(body: "{\"type\":\"MODIFIED\",\"object\":\(pod)}\n")
      }
      return FakeAPI.Answer(
        body: "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[\(pod)]}")
    }
    // Watches end at once here, and must not come too fast.
    if request.query["watch"] != nil { usleep(20_000) }
    return answer
  }

  private func log(_ request: FakeAPI.Request, _ state: inout State) -> FakeAPI.Answer {
    step(&state, state.requests.count)
    if state.isGone { return .failure(404, "NotFound", "there is no pod") }
    let isPrevious = request.query["previous"] != nil
    state.requests.append(isPrevious ? "previous" : "\(state.present)")
    let instance = isPrevious ? state.present - 1 : state.present
    let since = request.query["sinceTime"].map { String($0.replacing("%3A", with: ":").dropLast()) }
    if instance < 0 {
      return .failure(400, "BadRequest", "previous terminated container \"c\" not found")
    }
    let lines = state.instances[instance].dropFirst(isPrevious ? 0 : state.rotated).filter {
      $0 >= since ?? ""
    }
    let count = request.query["tailLines"].flatMap { Int($0) } ?? lines.count
    return FakeAPI.Answer(
      body: state.isMute ? "" : lines.suffix(count).map { $0 + "\n" }.joined())
  }

  /// The pod as the API shows it: an instance began at the second that its first line says.
  private static func object(_ state: State) -> String {
    func start(_ instance: Int) -> String { state.instances[instance][0].prefix(19) + "Z" }
    func ended(_ instance: Int) -> String {
      """
      {"terminated":{"containerID":"c\(instance)","exitCode":1,"reason":"Error",
       "startedAt":"\(start(instance))"}}
      """
    }
    let isOver = state.isOver && state.shown == state.instances.count - 1
    let now =
      isOver
      ? ended(state.shown) : "{\"running\":{\"startedAt\":\"\(start(state.shown))\"}}"
    let last = state.shown > 0 ? ",\"lastState\":\(ended(state.shown - 1))" : ""
    return """
      {"kind":"Pod","metadata":{"name":"p","namespace":"n","uid":"u","resourceVersion":"1"},
       "spec":{"containers":[{"name":"c"}]},"status":{"phase":"\(isOver ? "Succeeded" : "Running")",
       "containerStatuses":[{"name":"c","restartCount":\(state.shown),"state":\(now),
       "containerID":"c\(state.shown)"\(last)}]}}
      """.replacing("\n", with: "")
  }
}

@Suite("Logs of containers that restart", .timeLimit(.minutes(1)))
struct RestartTests {
  /// Follows the pod to its end; gives the lines and what was told of losses.
  private func follow(
    _ pod: RestartingPod, _ loki: FakeLoki? = nil, since: Int64? = nil, follows: Bool = true
  ) async throws -> (lines: [String], lost: Int) {
    guard let file = tmpfile() else { throw Unusable() }
    defer { fclose(file) }
    let pipeline = try LogPipeline(LogOptions(), descriptor: fileno(file))
    let notices = LogNotices { _ in }
    try await withClient({ pod.answer($0) }) { client, _ in
      var options = FollowOptions([PodScope("p", ObjectQuery(.pods, namespace: "n"))])
      options.follows = follows
      options.endsWithPods = follows
      options.history = loki?.history
      options.sinceSecond = since
      options.scopes[0].past = .any
      _ = try await PodLogs(client, options, into: pipeline, notices: notices).run()
    }
    var bytes = [UInt8](repeating: 0, count: Int(lseek(fileno(file), 0, SEEK_END)))
    guard pread(fileno(file), &bytes, bytes.count, 0) == bytes.count else { throw Unusable() }
    let text = String(decoding: bytes, as: UTF8.self)
    return (text.split(separator: "\n").map(String.init), notices.lost)
  }

  private static func lines(_ name: String, _ seconds: ClosedRange<Int>) -> [String] {
    seconds.map { "2024-11-29T10:00:\($0 + 10).000000000Z \(name)\($0)" }
  }

  private static let first = lines("a", 0...5)
  private static let second = lines("b", 6...9)
  private static let third = lines("c", 10...12)

  private static func texts(_ lines: [String]...) -> [String] {
    lines.joined().map { String($0.dropFirst(31)) }
  }

  @Test("what one wrote last comes before the next one's first, though its stream was cut")
  func order() async throws {
    let pod = RestartingPod([Array(Self.first.prefix(3)), Self.second]) { state, number in
      if number == 0 { return }
      // While the stream was cut, the instance wrote more and another took its place; the next
      // request comes from the reader of either.
      state.instances[0] = Self.first
      (state.present, state.shown) = (1, 1)
      state.isOver = number > 3
    }
    let (lines, lost) = try await follow(pod)
    #expect(lines == Self.texts(Self.first, Self.second))
    #expect(lost == 0)
    #expect(pod.state.withLock { $0.requests.contains("previous") })
  }

  @Test("one that came and went unseen is read between the others")
  func unseen() async throws {
    let instances = [Self.first, Self.second, Self.third]
    let pod = RestartingPod(instances) { state, number in
      if number == 0 { return }
      (state.present, state.shown) = (2, 2)
      state.isOver = true
    }
    let (lines, _) = try await follow(pod)
    #expect(lines == Self.texts(Self.first, Self.second, Self.third))
  }

  @Test("the next one's lines that the API gave for its own do not come twice")
  func mixed() async throws {
    // Nothing had come of the first when the second took its place, and the API said so late.
    let pod = RestartingPod([Self.first, Self.second]) { state, number in
      state.isMute = number == 0
      if number == 1 { state.present = 1 }
      state.shown = number > 1 ? 1 : 0
      state.isOver = number > 2
    }
    let (lines, _) = try await follow(pod)
    #expect(lines == Self.texts(Self.second))
  }

  @Test("after a rotation the kubelet says whose log it gives: nobody waits for the API")
  func rotated() async throws {
    let pod = RestartingPod([Self.first]) { state, number in
      guard number > 0 else {
        state.instances[0] = Array(Self.first.prefix(2))
        return
      }
      state.instances[0] = [Self.first[0]] + Self.first.dropFirst(4)
      state.rotated = 1
      state.isOver = number > 2
    }
    let (lines, lost) = try await follow(pod)
    #expect(lines == Self.texts(Array(Self.first.prefix(2)), Array(Self.first.dropFirst(4))))
    #expect(lost == 1)
    #expect(pod.state.withLock { $0.requests.contains("previous") })
  }

  /// A Loki that has kept lines, under their stamps or later ones.
  private static func loki(_ lines: [String], late: Int64 = 0, pod: String = "p") -> FakeLoki {
    FakeLoki(
      lines.compactMap { line in
        Array(line.utf8).withUnsafeBytes { StampedLine.stamp(of: $0) }.map {
          FakeLoki.Line($0.time.nanoseconds + late, String(line.dropFirst($0.message)), pod: pod)
        }
      })
  }

  /// The pod whose log loses two lines to a rotation while the stream is cut.
  private static func rotatedPod() -> RestartingPod {
    RestartingPod([first]) { state, number in
      state.rotated = number == 0 ? 0 : 4
      state.instances[0] = number == 0 ? Array(first.prefix(2)) : first
      state.isOver = number > 2
    }
  }

  @Test("what a rotation took away comes from where it is kept, every line once")
  func filled() async throws {
    let (lines, lost) = try await follow(Self.rotatedPod(), Self.loki(Self.first))
    #expect(lines == Self.texts(Self.first))
    #expect(lost == 0)
  }

  @Test("what is kept in part, or under other stamps, fills no gap that is then told as none")
  func filledInPart() async throws {
    let part = Self.loki([Self.first[2]] + Self.first.dropFirst(4))
    let (lines, lost) = try await follow(Self.rotatedPod(), part)
    #expect(lines == Self.texts(Array(Self.first.prefix(3)), Array(Self.first.dropFirst(4))))
    #expect(lost == 1)
    let late = Self.loki(Self.first, late: 1_000_000)
    let (others, lostThen) = try await follow(Self.rotatedPod(), late)
    #expect(others == Self.texts(Array(Self.first.prefix(2)), Array(Self.first.dropFirst(4))))
    #expect(lostThen == 1)
  }

  /// 2024-11-29T10:00:12Z, the third line's second.
  private static let since: Int64 = 1_732_874_412

  @Test(
    "what is wanted from a time on and the cluster has no longer comes first, each line once",
    arguments: [0, 1_500_000_000, 20_000_000_000])
  func filledStart(late: Int64) async throws {
    let pod = RestartingPod([Self.second]) { state, number in state.isOver = number > 1 }
    let loki = Self.loki(Self.first + Self.second, late: late)
    // What it keeps under later stamps begins later.
    let since = Self.since + late / 1_000_000_000
    let (lines, lost) = try await follow(
      pod, loki, since: late == 0 ? Self.since : min(since, 1_732_874_415))
    #expect(lines.suffix(4) == Self.texts(Self.second)[...])
    #expect(lines.count == Set(lines).count)
    #expect(lines.contains("a5"))
    #expect(lost == 0)
  }

  @Test("nobody is asked where the cluster's log reaches back far enough")
  func reachesBack() async throws {
    let pod = RestartingPod([Self.first]) { state, number in state.isOver = number > 1 }
    let loki = Self.loki(Self.first)
    let (lines, _) = try await follow(pod, loki, since: Self.since, follows: false)
    #expect(lines == Self.texts(Array(Self.first.dropFirst(2))))
    let queries = loki.queries.withLock { $0 }
    #expect(queries.allSatisfy { $0["query"]?.contains("container") != true })
  }

  @Test("pods that are gone come first, in the order of time, and are none of those that are there")
  func gone() async throws {
    let pod = RestartingPod([Self.third]) { state, number in state.isOver = number > 1 }
    let loki = Self.loki(Self.first, pod: "gone-1")
    let others = Self.loki(Self.second + Self.third, pod: "gone-2").lines.withLock { $0 }
    loki.lines.withLock { $0 += others + Self.loki(Self.third).lines.withLock { $0 } }
    let (lines, lost) = try await follow(pod, loki, since: Self.since)
    #expect(
      lines
        == Self.texts(Array(Self.first.dropFirst(2)), Self.second, Self.third, Self.third))
    #expect(lost == 0)
  }

  @Test("a pod that goes away before its turn has come is read from where it is kept")
  func goneMeanwhile() async throws {
    let pod = RestartingPod([Self.first]) { state, _ in state.isGone = true }
    let loki = Self.loki(Self.first)
    let (lines, lost) = try await follow(pod, loki, since: Self.since, follows: false)
    #expect(lines == Self.texts(Array(Self.first.dropFirst(2))))
    #expect(lost == 0)
    let (none, lostThen) = try await follow(pod, FakeLoki([]), since: Self.since, follows: false)
    #expect(none.isEmpty && lostThen > 0)
  }

  @Test("what one wrote last, and its log has lost, comes from where it is kept")
  func end() async throws {
    let pod = RestartingPod([Array(Self.first.prefix(3))]) { state, number in
      state.isOver = number > 0
    }
    let (lines, lost) = try await follow(pod, Self.loki(Self.first))
    #expect(lines == Self.texts(Self.first))
    #expect(lost == 0)
  }

  @Test("where its logs begin later than what is wanted, that is told")
  func retention() async throws {
    let pod = RestartingPod([Self.third]) { state, number in state.isOver = number > 1 }
    let loki = Self.loki(Self.second + Self.third)
    let (lines, lost) = try await follow(pod, loki, since: Self.since - 3600)
    #expect(lines == Self.texts(Self.second, Self.third))
    #expect(lost == 1)
  }

  @Test("a Loki that has nothing is told, and what the cluster has comes")
  func nothingKept() async throws {
    let pod = RestartingPod([Self.second]) { state, number in state.isOver = number > 1 }
    let none = FakeLoki([])
    let (lines, lost) = try await follow(pod, none, since: Self.since)
    #expect(lines == Self.texts(Self.second))
    #expect(lost > 0)
  }

  @Test("a point says what of the next instance is known")
  func passedOn() {
    func take(_ second: Int64, _ point: inout ResumePoint) -> ResumePoint.Verdict {
      point.take(LogTime(nanoseconds: second * 1_000_000_000 + 5))
    }
    var own = ResumePoint()
    _ = own.begin()
    for second in 100...104 { _ = take(Int64(second), &own) }
    // Nothing of one that began later was taken; one that began in the same second is not behind a gap.
    #expect(own.passedOn(startingAt: 105) == nil)
    guard var same = own.passedOn(startingAt: 104) else {
      Issue.record("it was not passed on")
      return
    }
    #expect(take(105, &same) == .show)
    // The rest was of the next one, taken behind a gap.
    _ = own.begin()
    #expect(take(110, &own) != .show)
    for second in 111...114 { _ = take(Int64(second), &own) }
    guard var next = own.passedOn(startingAt: 110) else {
      Issue.record("it was not passed on")
      return
    }
    for second in 110...114 { #expect(take(Int64(second), &next) == .repeated) }
    #expect(take(115, &next) == .show)
    // A clock that was set back does not make unknown lines known.
    var back = ResumePoint()
    _ = back.begin()
    for second in 100...120 { _ = take(Int64(second), &back) }
    #expect(back.passedOn(startingAt: 110) == nil)
  }

  @Test(
    "what is held before its turn comes whole, within bounds, and nothing behind what was refused")
  func held() throws {
    let room = HeldRoom(100)
    let (log, other) = (HeldLog(room), HeldLog(room))
    var out = ""
    let feed: HeldLog.Feed = { bytes in
      out += String(decoding: bytes, as: UTF8.self)
      return true
    }
    func take(_ text: String, _ log: HeldLog) throws -> HeldLog.Fate {
      try text.bytes { try log.take($0, feed) }
    }
    #expect(try take("one ", log) == .held)
    #expect(try take(String(repeating: "x", count: 97), other) == .refused)
    #expect(try take("y", other) == .refused)
    #expect(try take("two ", log) == .held)
    #expect(out == "")
    try log.open(feed)
    #expect(try take("three", log) == .passed)
    #expect(out == "one two three")
    #expect(room.take(100))
  }

  @Test("turns come in their order, and are not waited for where nobody is before")
  func turns() async throws {
    func state(_ id: Int) throws -> ContainerState {
      let pod = RestartingPod(Array(repeating: ["2024-11-29T10:00:10Z x"], count: 3)) { _, _ in }
      pod.state.withLock { $0.shown = id }
      let body = pod.answer(
        FakeAPI.Request(method: "GET", path: "/pods/p", query: [:], headers: [:])
      ).body
      let found = ContainerState.all(of: KubeObject(try JSON(parsing: body))).first
      return try #require(found)
    }
    let turns = InstanceTurns()
    let first = turns.queue(try state(0))
    let second = turns.queue(try state(1))
    #expect(first.hasCome)
    #expect(!second.hasCome)
    var point = ResumePoint()
    _ = point.begin()
    _ = point.take(LogTime(nanoseconds: 5))
    turns.end(first, leaving: point)
    #expect(second.hasCome)
    #expect(try await second.come() == point)
    turns.end(second, leaving: nil)
    #expect(turns.queue(try state(2)).hasCome)
  }

  @Test("who waits learns at once that the instance has ended")
  func woken() async throws {
    let ends = InstanceEnds()
    let identity = ContainerState.Identity(podUID: "u", container: "c", containerID: "1")
    async let isWoken = ends.pause(.seconds(50), unlessEnds: identity)
    try await Task.sleep(for: .milliseconds(20))
    ends.note([identity])
    #expect(try await isWoken)
    #expect(try await ends.pause(.zero, unlessEnds: identity) == false)
  }
}
