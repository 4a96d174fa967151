import Patterns
import Testing

@testable import LogOps

@Suite("Lines become records")
struct JoiningTests {
  static let python = """
    2026-11-29 10:00:00 ERROR failed
    Traceback (most recent call last):
      File "a.py", line 1, in f
        g()
    ValueError: wrong

    During handling of the above exception, another exception occurred:

    Traceback (most recent call last):
      File "b.py", line 2
    app.Broken: worse
    """
  static let java = """
    2026-11-29 10:00:00 ERROR failed
    java.lang.IllegalStateException: wrong
    \tat a.B.c(B.java:1)
    Caused by: java.io.IOException: disk
    \t... 12 more
    """
  static let go = """
    panic: boom

    goroutine 1 [running]:
    main.f(0xc0001, 0x1)
    \t/src/main.go:3 +0x1d
    main.main()
    \t/src/main.go:9 +0x20
    exit status 2
    """

  @Test("a trace is one record, however it arrives", arguments: [python, java, go], [1, 7, 4096])
  func traces(_ trace: String, pieces: Int) throws {
    let text = "2026-11-29 09:59:59 INFO before\n\(trace)\n2026-11-29 10:00:01 INFO behind\n"
    let options = try options { $0.filter.exclude = [try Pattern("INFO")] }
    #expect(try output(of: text.utf8, pieces: pieces, options: options) == trace + "\n")
  }

  @Test("what is not joined stays as it is", arguments: [1, 3, 1 << 16])
  func unchanged(pieces: Int) throws {
    let text = "a\n\nb\r\nc\n  d\n\ne"
    #expect(try output(of: text.utf8, pieces: pieces) == "a\n\nb\nc\n  d\n\ne\n")
  }

  @Test("a record is bounded: the rest goes on as the next one, and nothing is lost")
  func bounds() throws {
    let text = "start\n" + String(repeating: " more\n", count: 2500)
    #expect(try output(of: text.utf8) == text)
    var head = LogOptions()
    head.watch.head = 1
    let first = try output(of: text.utf8, options: head)
    #expect(first.utf8.count { $0 == 0x0A } == RecordJoiner.maximumLines)
  }

  @Test("of a line that is too long the start is kept, and the rest is counted")
  func longLine() throws {
    let length = 5 << 20
    let text = [UInt8](repeating: UInt8(ascii: "x"), count: length) + Array("\nnext\n".utf8)
    let shown = try output(of: text)
    let cut = length - LineSplitter.usualLimit
    #expect(shown.hasSuffix("x [\(cut) bytes more were cut]\nnext\n"))
    #expect(shown.utf8.count < LineSplitter.usualLimit + 100)
  }
}
