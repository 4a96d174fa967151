import SeededRandom
import TestOps
import Testing

/// What pytest 9 wrote of a small suite that has everything.
let pytestXML = """
  <?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" \
  errors="3" failures="2" skipped="2" tests="9" time="0.186" \
  timestamp="2026-11-29T15:40:32.977776+00:00" hostname="vm"><testcase classname="" \
  name="t.test_broken" time="0.000"><error message="collection failure">ImportError while importing
  E   ModuleNotFoundError: No module named 'nothere'</error></testcase><testcase \
  classname="t.test_x" name="test_ok" time="0.001" /><testcase classname="t.test_x" \
  name="test_bad" time="0.002"><failure message="AssertionError: no&#10;assert 1 == 2">def test_bad():
  &gt;       assert 1 == 2, "no"
  E       AssertionError: no</failure><system-out>out &#27;[31m</system-out></testcase><testcase \
  classname="t.test_x" name="test_xf" time="0.000"><skipped type="pytest.xfail" message="known" />\
  </testcase><testcase classname="t.test_x" name="test_s" time="0.000"><skipped type="pytest.skip" \
  message="later">t/test_x.py:11: later</skipped></testcase><testcase classname="t.test_x" \
  name="test_double" time="0.001"><failure message="assert 0">E   assert 0</failure></testcase>\
  <testcase classname="t.test_x" name="test_double" time="0.000"><error message="failed on teardown \
  with &quot;RuntimeError: td&quot;">E       RuntimeError: td</error></testcase><testcase \
  classname="t.test_x" name="test_td" time="1,000.5"><error message="failed on teardown">E  td\
  </error></testcase><testcase classname="t.test_x.TestC" name="test_p[x&lt;y]" time="0.001" />\
  </testsuite></testsuites>
  """

@Suite("files of results in JUnit's XML")
struct JUnitReaderTests {
  private func read(_ text: String) -> ResultFile {
    JUnitReader.read(ResultSource("junit.xml", bytes: Array(text.utf8)))
  }

  @Test("pytest's: collection errors are no tests, and a test that fails twice is one")
  func pytest() {
    let file = read(pytestXML)
    #expect(
      file.results.map { "\($0.id) \($0.outcome.rawValue)" } == [
        "t.test_x::test_ok passed", "t.test_x::test_bad failed",
        "t.test_x::test_xf expected-failure", "t.test_x::test_s skipped",
        "t.test_x::test_double failed", "t.test_x::test_td error",
        "t.test_x.TestC::test_p[x<y] passed",
      ])
    #expect(file.troubles.map(\.kind) == [.collection])
    #expect(file.troubles[0].message.contains("t.test_broken"))
    #expect(file.troubles[0].details?.contains("ModuleNotFoundError") == true)
    let bad = file.results[1]
    #expect(bad.message == "AssertionError: no\nassert 1 == 2")
    #expect(bad.details?.hasPrefix("def test_bad():\n>       assert") == true)
    #expect(bad.output == "out \u{1B}[31m")
    #expect(file.results[4].details == "E   assert 0\nE       RuntimeError: td")
    #expect(file.results[5].duration == 1000.5)
    // One after another, from the time of the suite on.
    #expect(file.results[0].start == 1_795_966_832.977776)
    #expect(abs(file.results[2].start - file.results[0].start - 0.003) < 1e-6)
  }

  @Test("Vitest's, Playwright's and those of `swift test`")
  func dialects() {
    let vitest = read(
      """
      <?xml version="1.0" encoding="UTF-8" ?>
      <testsuites name="vitest tests" tests="2" failures="1" errors="0" time="0.3">
          <testsuite name="test/a.test.ts" timestamp="2026-11-29T15:00:00.000Z" hostname="vm" tests="2" failures="1" errors="0" skipped="0" time="0.01">
              <testcase classname="test/a.test.ts" name="sums &gt; adds" time="0.001"></testcase>
              <testcase classname="test/a.test.ts" name="sums &gt; fails" time="0.005">
                  <failure message="expected 1 to be 2 // Object.is equality" type="AssertionError">
      AssertionError: expected 1 to be 2
       ❯ test/a.test.ts:5:30
                  </failure>
              </testcase>
          </testsuite>
      </testsuites>
      """)
    #expect(vitest.troubles == [])
    #expect(vitest.results.map(\.outcome) == [.passed, .failed])
    #expect(vitest.results[1].id == "test/a.test.ts::sums > fails")
    #expect(vitest.results[1].file == "test/a.test.ts")
    let playwright = read(
      """
      <testsuites id="" name="" tests="3" failures="1" skipped="1" errors="0" time="4.2">
      <testsuite name="shop.spec.ts" timestamp="2026-11-29T15:00:00.000Z" hostname="chromium" tests="3" failures="1" skipped="1" time="4.1" errors="0">
      <testcase name="cart › pays" classname="shop.spec.ts" time="1.1">
      <flakyFailure message="Timed out" type="x"><stackTrace><![CDATA[first try ]]]]><![CDATA[>]]></stackTrace></flakyFailure>
      </testcase>
      <testcase name="cart › empties" classname="shop.spec.ts" time="0"><skipped></skipped></testcase>
      <testcase name="cart › breaks" classname="shop.spec.ts" time="2">
      <failure message="shop.spec.ts:9:5 cart › breaks" type="FAILURE"><![CDATA[  Error: <none> & none]]></failure>
      <system-out><![CDATA[[[ATTACHMENT|a.png]]
      ]]></system-out>
      </testcase>
      </testsuite>
      </testsuites>
      """)
    #expect(playwright.troubles == [])
    #expect(playwright.results.map(\.outcome) == [.failed, .passed, .skipped, .failed])
    #expect(playwright.results[0].details == "first try ]]>")
    #expect(playwright.results[1].attempt == 2)
    #expect(TestRun(suite: "e2e", start: 0, results: playwright.results).flaky.count == 1)
    #expect(playwright.results[3].details == "  Error: <none> & none")
    let swift = read(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites>
      <testsuite name="TestResults" errors="0" tests="2" failures="1" skipped="0" time="0.2">
      <testcase classname="AppTests.Sums" name="adds()" time="0.1"><failure message="Expectation failed: 1 == 2" /></testcase>
      <testcase classname="AppTests.Sums" name="adds()" time="0.1"/>
      </testsuite>
      </testsuites>
      """)
    #expect(swift.results.map(\.id) == ["AppTests.Sums::adds()", "AppTests.Sums::adds() #2"])
    #expect(TestRun(suite: "s", start: 0, results: swift.results).verdict == .failed)
  }

  @Test("a file that was cut off anywhere is told of, with the place")
  func cut() {
    let whole = Array(pytestXML.utf8)
    for length in 0..<whole.count {
      let file = JUnitReader.read(ResultSource("junit.xml", bytes: Array(whole[..<length])))
      let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
      guard run.verdict == .broken else {
        Issue.record("cut after \(length) bytes it is \(run.verdict)")
        return
      }
      #expect(file.troubles.last?.message.contains("junit.xml is not whole: line ") == true)
    }
    let parts = pytestXML.split(separator: "E       AssertionError")
    let inTest = read(String(parts[0]))
    #expect(inTest.troubles.last?.during == "test_bad")
  }

  @Test(
    "what is no file of results is refused by its place",
    arguments: [
      ("", "line 1 (byte 0): it is empty"),
      ("{}", "line 1 (byte 2): it does not begin with an element"),
      ("<html><body/></html>", "its root is <html>"),
      (
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><testsuites>&b;</testsuites>",
        "it has a document type"
      ),
      ("<testsuites>&lol;</testsuites>", "the entity \"lol\" is not one of XML's own five"),
      ("<testsuites>\n<testsuite>\n</testsuites>", "line 3"),
      ("<testsuites a=1/>", "the value of a is not quoted"),
      ("<testsuites a='1' a='2'/>", "stands twice"),
      ("<testsuites/><testsuites/>", "there is a second root"),
      ("<testsuites/>more", "there is text behind its root"),
      ("<testsuites><testsuite><testcase/></testsuite></testsuites>", "has no name"),
      ("<?xml version='1.0' encoding='ISO-8859-1'?><testsuites/>", "its encoding is iso-8859-1"),
      ("<testsuites>&#xD800;</testsuites>", "is no character"),
      ("<testsuites><!-- never ends", "it ends within a comment"),
      (String(repeating: "<testsuite>", count: 200), "nested more than 128 deep"),
    ])
  func refused(_ text: String, _ words: String) {
    let file = read(text)
    #expect(file.results == [])
    #expect(file.troubles.map(\.kind) == [.unreadable])
    #expect(file.troubles[0].message.contains(words), "\(file.troubles[0].message)")
  }

  @Test("UTF-16 is refused, and bytes that are no UTF-8 are replaced")
  func encodings() {
    let wide = JUnitReader.read(ResultSource("w.xml", bytes: [0xFF, 0xFE, 0x3C, 0x00]))
    #expect(wide.troubles[0].message.contains("UTF-16"))
    var bytes = Array("\u{FEFF}<testsuite><testcase name=\"a".utf8)
    bytes += [0xFF] + Array("\" classname=\"b\"/></testsuite>".utf8)
    #expect(JUnitReader.read(ResultSource("b.xml", bytes: bytes)).results[0].name == "a\u{FFFD}")
  }

  @Test("a suite that counts failures and shows none is not believed")
  func counts() {
    let hidden = read(
      "<testsuite name=\"a\" tests=\"2\" failures=\"1\"><testcase name=\"x\"/></testsuite>")
    #expect(hidden.troubles.map(\.kind) == [.unreadable])
    #expect(hidden.troubles[0].message.contains("counts 1 failures, and no test in it failed"))
    let none = read("<testsuites><testsuite name=\"a\" tests=\"0\"/></testsuites>")
    #expect(none.troubles.map(\.kind) == [.nothingRan])
  }

  @Test("a test that wrote tens of megabytes costs a page, and says what is left out")
  func flood() {
    let chunk = Array(String(repeating: "all work and no play ", count: 3000).utf8)
    var state = 0
    let head = Array("<testsuite><testcase name=\"loud\"><system-out>".utf8)
    let end = Array("the end</system-out><failure message=\"m\"/></testcase></testsuite>".utf8)
    let source = ResultSource("big.xml") { buffer in
      state += 1
      let piece = state == 1 ? head : state <= 501 ? chunk : state == 502 ? end : []
      buffer.copyBytes(from: piece)
      return piece.count
    }
    let file = JUnitReader.read(source)
    #expect(file.results.map(\.outcome) == [.failed])
    let output = file.results[0].output ?? ""
    #expect(output.utf8.count < 40000)
    #expect(output.hasPrefix("all work"))
    #expect(output.hasSuffix("the end"))
    let left = 500 * chunk.count + 7 - 2 * 16384
    #expect(output.contains("… \(left) bytes are left out here …"))
  }

  @Test("no damage brings the reader down or makes a red file green")
  func damage() {
    var random = SeededRandom(state: 7)
    let whole = Array(pytestXML.utf8)
    for _ in 0..<3000 {
      var bytes = whole
      for _ in 0...random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(random.pick([0x3C, 0x26, 0x22, 0x00], or: 0x3E), at: place)
        }
      }
      let file = JUnitReader.read(ResultSource("x.xml", bytes: bytes))
      let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
      #expect(run.verdict != .passed)
    }
  }

  @Test("a file that is not there and a folder are told of")
  func missing() {
    for path in ["/nowhere/junit.xml", "/tmp", "/dev/zero"] {
      let file = JUnitReader.read(.init(path))
      #expect(file.troubles.map(\.kind) == [.unreadable], "\(path): \(file)")
      #expect(file.troubles[0].message.contains(path))
    }
  }
}

@Suite("a text that is kept in part")
struct BoundedTextTests {
  @Test("whatever the pieces, it is whole up to twice its limit, and both ends beyond it")
  func pieces() {
    let text = Array((0..<100).map { "\($0 % 10)" }.joined().utf8)
    for size in [1, 3, 7, 10, 50, 100] {
      for limit in [10, 30, 50, 60] {
        var bounded = BoundedText(limit: limit)
        for start in stride(from: 0, to: 100, by: size) {
          bounded.append(text[start..<min(100, start + size)])
        }
        let expected =
          limit >= 50
          ? String(decoding: text, as: UTF8.self)
          : String(decoding: text[..<limit], as: UTF8.self)
            + "\n… \(100 - 2 * limit) bytes are left out here …\n"
            + String(decoding: text[(100 - limit)...], as: UTF8.self)
        #expect(bounded.text == expected, "\(size) \(limit)")
      }
    }
  }

  @Test("no character is cut in two")
  func characters() {
    var bounded = BoundedText(limit: 5)
    bounded.append(String(repeating: "é", count: 20))
    #expect(!bounded.text.contains("\u{FFFD}"))
    #expect(bounded.text.hasPrefix("éé\n"))
  }
}
