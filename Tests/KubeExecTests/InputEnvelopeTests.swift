import Testing

@testable import KubeExec

struct InputEnvelopeTests {
  @Test("the mark is found however it is cut, and all else is let through", arguments: 1...14)
  func mark(_ size: Int) {
    let mark = Array("<end>".utf8)
    let all = Array("a<b <e <en<end> <end> c".utf8)
    var filter = MarkFilter(mark)
    var passed: [UInt8] = []
    for start in stride(from: 0, to: all.count, by: size) {
      passed += filter.pass(all[start..<min(start + size, all.count)])
    }
    passed += filter.rest()
    #expect(filter.isFound)
    // What looks like the mark after it is the command's own.
    #expect(String(decoding: passed, as: UTF8.self) == "a<b <e <en <end> c")
  }

  @Test("what only began like the mark comes at the end")
  func beginning() {
    var filter = MarkFilter(Array("<end>".utf8))
    #expect(filter.pass(Array("x<en".utf8)[...]) == Array("x".utf8))
    #expect(filter.rest() == Array("<en".utf8))
    #expect(!filter.isFound)
  }

  @Test("the end stands behind the piece that is being sent, once, and nothing behind it")
  func turn() {
    let turn = InputTurn()
    #expect(turn.begin())
    #expect(!turn.end())
    #expect(!turn.begin())
    #expect(turn.finish())
    #expect(!turn.end())
    #expect(!turn.begin())
    let idle = InputTurn()
    #expect(idle.begin())
    #expect(!idle.finish())
    #expect(idle.end())
    #expect(!idle.end())
  }
}
