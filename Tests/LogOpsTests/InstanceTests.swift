import Testing

@testable import LogOps

@Suite("One container instance, read to its end")
struct InstanceTests {
  private func open(
    _ since: Int64?, follows: Bool = true, previous: Bool = false, acceptsGap: Bool = false
  ) -> InstanceFollow.Step {
    .open(
      InstanceFollow.Query(
        follows: follows, since: since, previous: previous, acceptsGap: acceptsGap))
  }

  @Test("a clean end while it runs is no end: reading goes on at once, then with pauses")
  func resume() {
    var follow = InstanceFollow(follows: true)
    #expect(follow.start(since: nil) == open(nil))
    #expect(follow.ended(.clean, lived: .seconds(3600)) == .ask)
    #expect(follow.found(.running, since: 7) == open(7))
    #expect(follow.ended(.broken("reset"), lived: .seconds(1)) == .ask)
    #expect(follow.found(.running, since: 8) == .pause(.seconds(1)))
    #expect(follow.paused() == open(8))
    #expect(follow.ended(.stalled, lived: .seconds(1)) == .ask)
    #expect(follow.found(.running, since: 9) == .pause(.seconds(2)))
    #expect(follow.paused() == open(9))
    #expect(follow.ended(.clean, lived: .seconds(61)) == .ask)
    #expect(follow.found(.running, since: 10) == open(10))
  }

  @Test("what it wrote at its end is fetched once more")
  func terminated() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    #expect(follow.ended(.clean, lived: .seconds(5)) == .ask)
    #expect(follow.found(.terminated, since: 7) == open(7, follows: false))
    #expect(follow.ended(.clean, lived: .zero) == .finish(.whole))
  }

  @Test("after a restart the rest comes from the previous instance")
  func restarted() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.broken("reset"), lived: .seconds(5))
    #expect(
      follow.found(.replaced(isLast: true), since: 7) == open(7, follows: false, previous: true))
    #expect(
      follow.ended(.refused(status: 400, message: "not found"), lived: .zero)
        == .finish(.cut("not found")))
  }

  @Test("two restarts at once: the rest is lost, and told")
  func restartedTwice() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.clean, lived: .seconds(5))
    guard case .finish(.cut) = follow.found(.replaced(isLast: false), since: 7) else {
      Issue.record("it was not told")
      return
    }
  }

  @Test("a pod that is gone takes its log with it")
  func gone() {
    var clean = InstanceFollow(follows: true)
    _ = clean.start(since: nil)
    _ = clean.ended(.clean, lived: .seconds(5))
    #expect(clean.found(.gone, since: 7) == .finish(.whole))
    var broken = InstanceFollow(follows: true)
    _ = broken.start(since: nil)
    _ = broken.ended(.broken("reset"), lived: .seconds(5))
    #expect(broken.found(.gone, since: 7) == .finish(.gone))
  }

  @Test("a container that has not started is waited for")
  func waiting() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    #expect(
      follow.ended(.refused(status: 400, message: "is waiting to start"), lived: .zero) == .ask)
    #expect(follow.found(.waiting, since: nil) == .awaitChange)
    #expect(follow.changed() == .ask)
    #expect(follow.found(.running, since: nil) == open(nil))
  }

  @Test("an API that does not answer is asked again, and again")
  func unreachable() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.broken("refused"), lived: .zero)
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
      #expect(follow.found(.unknown("refused"), since: 7) == .pause(.seconds(seconds)))
      #expect(follow.paused() == .ask)
    }
    #expect(follow.found(.running, since: 7) == open(7))
    #expect(follow.ended(.broken("reset"), lived: .zero) == .ask)
    #expect(follow.found(.running, since: 7) == .pause(.seconds(30)))
    #expect(follow.paused() == open(7))
  }

  @Test("a stream that brings something is gone on with soon, however often it breaks")
  func cutOften() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    for _ in 0..<100 {
      #expect(follow.ended(.broken("reset"), lived: .seconds(2), broughtNews: true) == .ask)
      #expect(follow.found(.running, since: 7) == open(7))
    }
    for _ in 0..<100 {
      #expect(follow.ended(.broken("reset"), lived: .zero, broughtNews: true) == .ask)
      #expect(follow.found(.running, since: 7) == .pause(.seconds(1)))
      #expect(follow.paused() == open(7))
    }
  }

  @Test("a container whose end the API tells late is read to its end soon after that")
  func toldLate() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    #expect(follow.ended(.clean, lived: .seconds(5), broughtNews: true) == .ask)
    #expect(follow.found(.running, since: 7) == open(7))
    for seconds in [1, 2, 2, 2, 2, 2, 2] {
      #expect(follow.ended(.clean, lived: .zero) == .ask)
      #expect(follow.found(.running, since: 7) == .pause(.seconds(seconds)))
      #expect(follow.paused() == open(7))
    }
    #expect(follow.ended(.clean, lived: .zero) == .ask)
    #expect(follow.found(.terminated, since: 7) == open(7, follows: false))
    #expect(follow.ended(.broken("reset"), lived: .zero) == .pause(.seconds(30)))
    #expect(follow.paused() == .ask)
    #expect(follow.found(.terminated, since: 7) == open(7, follows: false))
    #expect(follow.ended(.clean, lived: .zero) == .finish(.whole))
  }

  @Test("a kubelet that says whose log it gives ends the doubt")
  func settledDoubt() {
    var rotated = InstanceFollow(follows: true)
    _ = rotated.start(since: nil)
    #expect(rotated.ended(.doubtful, lived: .seconds(1)) == .ask)
    #expect(rotated.isDoubtful)
    #expect(rotated.found(.running, since: 7, isCurrent: true) == open(7, acceptsGap: true))
    #expect(rotated.ended(.clean, lived: .seconds(5)) == .ask)
    #expect(rotated.ended(.doubtful, lived: .seconds(1)) == .ask)
    #expect(rotated.found(.running, since: 8) == .pause(.seconds(2)))
  }

  @Test("the end of an instance cuts the pause short, and what was put off is not asked for")
  func woken() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.clean, lived: .seconds(5))
    #expect(follow.found(.running, since: 7) == open(7))
    _ = follow.ended(.clean, lived: .zero)
    #expect(follow.found(.running, since: 7) == .pause(.seconds(1)))
    #expect(follow.woken() == .ask)
    #expect(!follow.wasReplaced)
    #expect(
      follow.found(.replaced(isLast: true), since: 7) == open(7, follows: false, previous: true))
    #expect(follow.wasReplaced)
  }

  @Test(
    "a server that refuses the rest again and again does not hold up the next instance for long")
  func refusedRest() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.clean, lived: .seconds(5))
    _ = follow.found(.replaced(isLast: true), since: 7)
    for seconds in [1, 2, 4, 8] {
      #expect(
        follow.ended(.refused(status: 500, message: "no"), lived: .zero)
          == .pause(.seconds(seconds)))
      #expect(follow.paused() == .ask)
      _ = follow.found(.replaced(isLast: true), since: 7)
    }
    #expect(follow.ended(.refused(status: 500, message: "no"), lived: .zero) == .finish(.cut("no")))
  }

  @Test("who may not read is not asked for ever")
  func forbidden() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    _ = follow.ended(.refused(status: 403, message: "forbidden"), lived: .zero)
    #expect(follow.found(.running, since: nil) == .finish(.cut("forbidden")))
  }

  @Test("without following, what is there is all")
  func once() {
    var follow = InstanceFollow(follows: false)
    #expect(follow.start(since: nil) == open(nil, follows: false))
    #expect(follow.ended(.clean, lived: .seconds(1)) == .finish(.whole))
    var broken = InstanceFollow(follows: false)
    _ = broken.start(since: nil)
    #expect(broken.ended(.broken("reset"), lived: .seconds(1)) == .ask)
    #expect(broken.found(.running, since: 7) == open(7, follows: false))
  }

  @Test("lines behind a gap are another instance's until the pod has been asked for a while")
  func doubtfulLines() {
    var follow = InstanceFollow(follows: true)
    _ = follow.start(since: nil)
    #expect(follow.ended(.doubtful, lived: .seconds(1)) == .ask)
    #expect(follow.found(.running, since: 7) == .pause(.seconds(2)))
    #expect(follow.paused() == .ask)
    #expect(
      follow.found(.replaced(isLast: true), since: 7) == open(7, follows: false, previous: true))
    // Nothing known came first: by now another instance may be the last one.
    #expect(follow.ended(.doubtful, lived: .seconds(1)) == .ask)
    var other = follow
    #expect(
      other.found(.replaced(isLast: false), since: 7)
        == .finish(.cut("it was replaced more than once meanwhile")))
    #expect(
      follow.found(.replaced(isLast: true), since: 7)
        == open(7, follows: false, previous: true, acceptsGap: true))
    var rotated = InstanceFollow(follows: true)
    _ = rotated.start(since: nil)
    _ = rotated.ended(.doubtful, lived: .seconds(1))
    for _ in 0..<6 {
      #expect(rotated.found(.running, since: 7) == .pause(.seconds(2)))
      #expect(rotated.paused() == .ask)
    }
    var query = InstanceFollow.Query(follows: true, since: 7, previous: false)
    query.acceptsGap = true
    #expect(rotated.found(.running, since: 7) == .open(query))
  }
}
