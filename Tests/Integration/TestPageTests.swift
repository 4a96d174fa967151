import ProgramRunner
import SystemPackage
import TestOps
import Testing

@Suite(
  "the page of a run of tests, in a browser",
  .enabled(if: Browser.installed != nil, "chromium is not installed"))
struct TestPageTests {
  /// Two workers, two failures, a flaky test, and texts that would be markup if they could.
  private var run: TestRun {
    var results = (0..<240).map { number in
      TestResult(
        id: "tests/test_orders.py::test_limit[\(number)]", suite: "tests.test_orders",
        name: "test_limit[\(number)]", outcome: number % 40 == 39 ? .skipped : .passed,
        start: 1_796_000_000 + Double(number / 2) * 0.05,
        duration: 0.002 * Double(1 + number % 17) * Double(1 + number % 3), worker: number % 2)
    }
    for (name, outcome) in [("broken", TestResult.Outcome.failed), ("unready", .error)] {
      results.append(
        TestResult(
          id: "tests/test_api.py::test_\(name)", suite: "tests.test_api", name: name,
          outcome: outcome, file: "tests/test_api.py", line: 7, start: 1_796_000_006.1,
          duration: 0.8, worker: outcome == .error ? 1 : 0, message: "assert 404 == 200",
          details: "def test_broken(client):\n>   assert client.get('/').status_code == 200\n"
            + "E   </pre></details><script>document.title='owned'</script>\(String(repeating: "long ", count: 80))",
          output: "<img src=x onerror=\"document.title='owned'\">"))
    }
    for attempt in 1...2 {
      results.append(
        TestResult(
          id: "tests/test_api.py::test_flaky", suite: "tests.test_api", name: "test_flaky",
          outcome: attempt == 1 ? .failed : .passed, start: 1_796_000_007, duration: 0.1,
          attempt: attempt, message: attempt == 1 ? "timed out" : nil))
    }
    return TestRun(
      suite: "backend", start: 1_796_000_000, duration: 7.4, workers: 2, results: results,
      troubles: [
        Trouble(
          .killed, "worker 1 was killed by signal 9", during: "tests/test_api.py::test_unready",
          worker: 1, isRecovered: true)
      ])
  }

  /// A page that shows the run as wide as a telephone and as a desk, looks for tests, and measures.
  private func measuring(_ html: String) -> String {
    let quoted = html.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    let frames = [400, 1100].map {
      "<iframe id=w\($0) width=\($0) height=900 style='border:0' srcdoc=\"\(quoted)\"></iframe>"
    }
    return """
      <!DOCTYPE html><meta charset=utf-8><title>t</title>\(frames.joined())
      <script>
      addEventListener("load", () => {
        for (const frame of document.querySelectorAll("iframe")) {
          const page = frame.contentDocument, root = page.documentElement;
          const words = page.getElementById("words"), kind = page.getElementById("kind");
          const told = () => page.getElementById("told").textContent;
          const bars = [...page.querySelectorAll(".timeline .bar")];
          document.title += `|${frame.id} width=${root.clientWidth} scroll=${root.scrollWidth} `
            + `bars=${bars.length > 20 && bars.every(b => b.getBoundingClientRect().width > 1)} `
            + `open=${page.querySelectorAll("#failures ~ article details[open]").length} `
            + `title=${page.title} all=${told()} `;
          words.value = "LIMIT[1 orders"; words.dispatchEvent(new Event("input"));
          document.title += `words=${told()} `;
          words.value = ""; kind.value = "flaky"; kind.dispatchEvent(new Event("change"));
          document.title += `kind=${told()} shown=${
            [...page.querySelectorAll("#tests tbody tr")].filter(r => r.offsetHeight).length} `;
        }
      });
      </script>
      """
  }

  @Test("it is not blank, light and dark, finds tests, and fits a telephone")
  func page() async throws {
    let browser = try #require(Browser.installed)
    try await ScratchFolder.with { folder in
      let html = run.html()
      func write(_ text: String, _ name: String) throws -> FilePath {
        let path = folder.appending(name)
        let file = try FileDescriptor.open(
          path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
        return path
      }
      let page = try write(html, "tests.html")
      for isDark in [false, true] {
        let view = try await browser.open(page, size: (1200, 1000), isDark: isDark, in: folder)
        #expect(view.complaints == [])
        #expect(view.picture.colours > 100)
        #expect(isDark ? view.picture.brightness < 80 : view.picture.brightness > 200)
        #expect(!view.dom.contains("owned</title>"))
        #expect(!view.dom.contains("<img"))
        // The script has run: its digest is the one that the policy names.
        #expect(view.dom.contains("<div id=\"filter\" class=\"filter\">"))
      }
      let measured = try await browser.open(
        write(measuring(html), "measured.html"), size: (1600, 1000), isDark: false, in: folder)
      #expect(measured.complaints == [])
      for width in [400, 1100] {
        let line = try #require(
          measured.dom.split(separator: "|").first { $0.hasPrefix("w\(width) ") }?.prefix(300))
        for fact in [
          "width=\(width) scroll=\(width) bars=true open=2 ", "title=Failed: backend all=243 tests",
          "words=111 of 243 tests", "kind=1 of 243 tests shown=1",
        ] { #expect(line.contains(fact), "\(line.prefix(300))") }
      }
    }
  }
}
