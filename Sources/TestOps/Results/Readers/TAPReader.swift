public import SystemPackage

/// Reads the Test Anything Protocol, versions 12 to 14, with subtests, directives, diagnostics and
/// plans. What the plan says and what was run have to agree: a stream that was cut off is told of.
public enum TAPReader {
  /// Reads a file.
  public static func read(_ path: FilePath) -> ResultFile {
    do {
      return try ResultSource.withFile(path) { read($0) }
    } catch {
      var file = ResultFile()
      file.troubles.append(
        Trouble(.unreadable, "\(path) cannot be read: \(error)", during: path.string))
      return file
    }
  }

  /// Reads a stream.
  public static func read(_ source: ResultSource) -> ResultFile {
    var stream = TAPStream(name: source.name, group: source.name)
    var buffer = [UInt8](repeating: 0, count: 65536)
    do {
      while true {
        let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
        if count == 0 { return stream.finish() }
        stream.append(buffer[..<count])
      }
    } catch {
      return stream.break("\(error)")
    }
  }
}

/// Takes a stream in the pieces in which it comes.
struct TAPStream {
  private var parser: TAPParser
  private var line: [UInt8] = []

  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - group: what its tests belong to; nil where their names are enough.
  init(name: String, group: String?) { parser = TAPParser(name: name, group: group) }

  /// How many tests it has told of so far, those within others left out.
  var count: Int { parser.topCount }

  mutating func append(_ bytes: some Collection<UInt8>) {
    // No line of the protocol is long; of a longer one its beginning says what it is.
    bytes.forEachLine(keeping: &line, upTo: 65536) { parser.take($0) }
  }

  /// What it held, when it has ended.
  mutating func finish() -> ResultFile {
    if !line.isEmpty { parser.take(line) }
    line = []
    parser.finish()
    return parser.file
  }

  /// What it held, when nothing more of it can be read.
  mutating func `break`(_ why: String) -> ResultFile {
    parser.break(why)
    return parser.file
  }
}

/// Makes tests of lines.
private struct TAPParser {
  let name: String
  private let group: String?
  var file = ResultFile()
  private var levels = [TAPLevel()]
  private var number = 0
  /// The lines of YAML that describe the last test, and how far they are set in.
  private var diagnosis: (indent: Int, text: BoundedText)?
  private var noise = BoundedText(limit: 4096)
  /// Where the test stands that comments and diagnoses belong to.
  private var last: (level: Int, test: Int)?
  private var isBailedOut = false
  private var ids = TestNames()

  init(name: String, group: String?) {
    self.name = name
    self.group = group
  }

  var topCount: Int { levels[0].tests.count }

  mutating func take(_ bytes: [UInt8]) {
    number += 1
    guard !isBailedOut else { return }
    if bytes.count > 1024, diagnosis == nil, !TAPParser.mayBegin(bytes) {
      noise.append(bytes + [0x0A])
      return
    }
    var text = String(decoding: bytes, as: UTF8.self)[...]
    if text.last == "\r" || text.last == "\r\n" { text.removeLast() }
    let indent = text.utf8.prefix { $0 == 0x20 }.count
    if takeDiagnosis(text, indent) { return }
    let body = text.dropFirst(indent)
    if body.hasPrefix("Bail out!") { return bailOut(body) }
    let depth = indent / 4
    guard indent % 4 == 0, depth < 32 else { return take(noise: text) }
    if let test = TAPTest(body) {
      enter(depth)
      return add(test, at: depth)
    }
    if let plan = TAPPlan(body) {
      enter(depth)
      if levels[depth].plan != nil { levels[depth].faults.append("has a second plan") }
      levels[depth].plan = plan
    } else if body.hasPrefix("#") {
      comment(body, depth)
    } else if !body.hasPrefix("TAP version ") && !body.hasPrefix("pragma ") && !body.isEmpty {
      take(noise: text)
    }
  }

  /// Whether a line begins as those of the protocol do; others are not looked at any further.
  private static func mayBegin(_ line: [UInt8]) -> Bool {
    line.first { $0 != 0x20 }.map { "onB1T#p-".utf8.contains($0) } ?? false
  }

  private mutating func take(noise text: Substring) {
    noise.append(Array(text.utf8) + [0x0A])
  }

  private mutating func bailOut(_ body: Substring) {
    isBailedOut = true
    let reason = body.dropFirst("Bail out!".count).drop { $0 == " " }
    file.troubles.append(
      Trouble(
        .crashed,
        "\(name): line \(number): the tests bailed out" + (reason.isEmpty ? "" : ": \(reason)"),
        during: name))
  }

  /// A block between `---` and `...`, set in by two blanks more than the test that it is of.
  private mutating func takeDiagnosis(_ text: Substring, _ indent: Int) -> Bool {
    let body = text.dropFirst(indent)
    if diagnosis == nil {
      guard body == "---", indent % 4 == 2, let last, last.level == indent / 4 else { return false }
      diagnosis = (indent, BoundedText())
      return true
    }
    guard let begun = diagnosis?.indent else { return false }
    if indent == begun, body == "..." {
      describe(diagnosis?.text.text ?? "")
      diagnosis = nil
    } else {
      diagnosis?.text.append(Array(text.dropFirst(min(indent, begun)).utf8) + [0x0A])
    }
    return true
  }

  private mutating func describe(_ text: String) {
    guard let last else { return }
    levels[last.level].tests[last.test].describe(text)
  }

  private mutating func comment(_ body: Substring, _ depth: Int) {
    let words = body.dropFirst().drop { $0 == " " }
    if words.hasPrefix("Subtest: ") || words == "Subtest" {
      // The comment stands at the child's level or at its parent's.
      enter(depth)
      levels[depth].title = String(words.dropFirst("Subtest: ".count))
    } else if let last, last.level == depth, levels[last.level].tests[last.test].outcome.isBad {
      levels[last.level].tests[last.test].remark(String(words))
    }
  }

  /// Makes levels down to a depth. Those that are deeper stay until their parent's line comes.
  private mutating func enter(_ depth: Int) {
    while levels.count <= depth { levels.append(TAPLevel()) }
  }

  private mutating func add(_ test: TAPTest, at depth: Int) {
    var test = test
    if depth + 1 < levels.count {
      test.children = levels[depth + 1].close(in: test.title, levels[(depth + 2)...])
      levels.removeSubrange((depth + 1)...)
    }
    if !noise.isEmpty {
      test.output = noise.text
      noise = BoundedText(limit: 4096)
    }
    levels[depth].add(test, line: number)
    last = (depth, levels[depth].tests.count - 1)
  }

  mutating func finish() {
    if diagnosis != nil { levels[0].faults.append("ends within a diagnosis") }
    for orphan in levels.dropFirst() where !orphan.tests.isEmpty {
      levels[0].tests += orphan.tests
      levels[0].faults.append("ends within a subtest")
    }
    let isSkipped = levels[0].plan?.count == 0
    for fault in isBailedOut ? [] : levels[0].allFaults {
      file.troubles.append(Trouble(.unreadable, "\(name) \(fault)", during: name))
    }
    for test in levels[0].tests { collect(test, []) }
    if file.results.isEmpty, file.troubles.isEmpty {
      let reason = levels[0].plan?.reason.map { ": \($0)" } ?? ""
      let words = isSkipped ? "\(name) skipped all of its tests\(reason)" : "\(name) holds no test"
      file.troubles.append(Trouble(.nothingRan, words, during: name))
    }
  }

  mutating func `break`(_ why: String) {
    finish()
    file.troubles.append(
      Trouble(.unreadable, "\(name) is not whole: line \(number): \(why)", during: name))
  }

  /// A test that has subtests and agrees with them is told by them.
  private mutating func collect(_ test: TAPTest, _ above: [String]) {
    var test = test
    if test.outcome == .expectedFailure || test.outcome == .skipped { test.forgiveChildren() }
    for child in test.children { collect(child, above + [test.title]) }
    let isAgreed = test.outcome.isBad == test.children.contains { $0.isBadSomewhere }
    if !test.children.isEmpty, isAgreed { return }
    var result = test.result(above: above, in: group)
    result.id = ids.unique(result.id)
    file.results.append(result)
  }
}
