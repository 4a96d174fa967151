import Patterns
import Testing

@testable import LogOps

@Suite("What ends reading")
struct WatchTests {
  private static let start = ContinuousClock.now
  private static let label = SourceLabel(file: "a.log")

  private func state(_ change: (inout Watch) throws -> Void) rethrows -> WatchState {
    var watch = Watch()
    try change(&watch)
    return WatchState(watch, start: Self.start)
  }

  private func see(_ text: String, after: Duration = .zero, _ state: inout WatchState) {
    text.bytes { state.see($0, from: Self.label, at: Self.start + after) }
  }

  @Test("a match that is waited for ends it well; its absence does not")
  func until() throws {
    var met = try state { $0.until = try Pattern("ready") }
    see("not yet: starting", &met)
    #expect(met.ending == nil)
    see("ready", &met)
    #expect(met.ending == .matched)
    var missed = try state { $0.until = try Pattern("ready") }
    #expect(missed.end() == .missing(pattern: "ready", reason: "the logs ended"))
  }

  @Test("what must not be said ends it badly")
  func failOn() throws {
    var state = try state { $0.failOn = [try Pattern("panic")] }
    see("panic: x", &state)
    #expect(state.end() == .failed(pattern: "panic", source: "a.log"))
  }

  @Test("every expectation has its time")
  func expectations() throws {
    let change = { (watch: inout Watch) in
      watch.expectations = [
        try Expectation(parsing: "a b within 10s"), try Expectation(parsing: "c within 5s"),
      ]
    }
    var met = try state(change)
    see("c", after: .seconds(4), &met)
    see("a b", after: .seconds(9), &met)
    #expect(met.ending == .matched)
    var late = try state(change)
    see("a b", after: .seconds(1), &late)
    late.tick(Self.start + .seconds(6))
    #expect(late.ending == .missing(pattern: "c", reason: "not within 5s"))
  }

  @Test("the time is up: well where nothing is waited for")
  func timeout() throws {
    var idle = state { $0.timeout = .seconds(5) }
    idle.tick(Self.start + .seconds(4))
    #expect(idle.ending == nil)
    idle.tick(Self.start + .seconds(5))
    #expect(idle.ending == .timedOut)
    var waiting = try state {
      $0.timeout = .seconds(5)
      $0.until = try Pattern("x")
    }
    waiting.tick(Self.start + .seconds(5))
    #expect(waiting.ending == .missing(pattern: "x", reason: "not within --timeout 5s"))
  }

  @Test("an expectation needs its time", arguments: ["ready", "ready within", "ready within soon"])
  func wrong(_ text: String) {
    #expect(throws: ExpectationError.self) { try Expectation(parsing: text) }
  }
}
