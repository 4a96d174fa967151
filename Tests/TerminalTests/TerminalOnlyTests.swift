import Terminal
import Testing

/// What only a person at a terminal sees: colours and progress.
@Suite struct TerminalOnlyTests {
  @Test("colour needs a capable terminal and nobody's objection")
  func colour() throws {
    let terminal = try PseudoTerminal(columns: 80)
    let stream = OutputStream(descriptor: terminal.device)
    let capable = ["TERM": "xterm"]
    #expect(Style(for: stream, environment: capable).red("no") == "\u{1B}[31mno\u{1B}[0m")
    #expect(Style(for: stream, environment: capable).red("") == "")
    for refused in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb"]] {
      #expect(Style(for: stream, environment: refused).red("no") == "no")
    }
    // An empty NO_COLOR objects to nothing (no-color.org).
    #expect(Style(for: stream, environment: ["TERM": "xterm", "NO_COLOR": ""]).isColoured)
    #expect(!Style(for: stream, environment: capable, disabled: true).isColoured)
    let captured = OutputStream(capturing: CapturedOutput())
    #expect(!Style(for: captured, environment: capable).isColoured)
  }

  @Test("a progress line is rewritten in place, no wider than the terminal, and taken away")
  func progress() throws {
    let terminal = try PseudoTerminal(columns: 20)
    let line = ProgressLine(on: OutputStream(descriptor: terminal.device))
    line.begin("copying a table with a long name")
    #expect(terminal.read() == "\rcopying a table wi…\u{1B}[K")
    line.clear()
    #expect(terminal.read() == "\r\u{1B}[K")
    line.begin("next")
    line.finish("done")
    let drawn = "\rnext ...\u{1B}[K" + "\r\u{1B}[K" + "done\r\n"
    var shown = ""
    while shown.count < drawn.count { shown += terminal.read() }
    #expect(shown == drawn)
  }

  @Test("elsewhere there is no progress, only the line of a finished step")
  func noProgress() {
    let capture = CapturedOutput()
    let line = ProgressLine(on: OutputStream(capturing: capture))
    line.begin("copying")
    line.update(.bytes(10, of: 20))
    line.update("a table")
    line.clear()
    #expect(capture.text == "")
    line.finish("copied 20 B")
    #expect(capture.text == "copied 20 B\n")
  }

  @Test("only a terminal has columns")
  func columns() throws {
    let terminal = try PseudoTerminal(columns: 123)
    #expect(OutputStream(descriptor: terminal.device).columns == 123)
    #expect(OutputStream(capturing: CapturedOutput()).columns == nil)
  }
}
