import PythonSubset
import SystemPackage
import Testing

@testable import Alembic

/// The vocabulary of the check is gathered from what hosts list; here it is held against what the
/// sources say that they answer, so that nothing which a script may call is refused.
@Suite("the names of methods that the check knows")
struct VocabularyTests {
  /// The lines of the hosts' sources with their files.
  private static func sources() throws -> [(file: String, lines: [Substring])] {
    let root = FilePath(#filePath).removingLastComponent().appending("../../Sources")
    var found: [(String, [Substring])] = []
    var folders = ["PythonSubset", "Alembic"].map { Folder.resolved(root.appending($0).string) }
    while let folder = folders.popLast() {
      let contents = try Folder.contents(of: folder)
      folders += contents.folders.map { Folder.joined(folder, $0) }
      for file in contents.files where file.hasSuffix(".swift") {
        let text = try Folder.text(of: Folder.joined(folder, file))
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // Examples in documentation are none of the hosts'.
        found.append((file, lines.filter { !$0.drop { $0 == " " }.hasPrefix("///") }))
      }
    }
    return found
  }

  @Test("has the members of all tables")
  func members() throws {
    let names = HostVocabulary.names
    let entry = /"(\w+)"(?:\]| )*[:=] \.(?:method|classMethod|staticMethod|property)\b/
    var count = 0
    for (file, lines) in try Self.sources() {
      for match in lines.joined(separator: "\n").matches(of: entry) {
        count += 1
        let isThere = names.contains(String(match.1))
        #expect(isThere, "\(file): \(match.1)")
      }
    }
    #expect(count > 500)
  }

  @Test("has what objects answer with functions")
  func answers() throws {
    let names = HostVocabulary.names
    var count = 0
    for (file, lines) in try Self.sources() {
      for answer in Self.answers(in: lines) where !answer.hasPrefix("__") {
        count += 1
        let isThere = names.contains(answer)
        #expect(isThere, "\(file): \(answer)")
      }
    }
    #expect(count > 50)
  }

  @Test("has the classes of all hosts")
  func classes() throws {
    let known = Set(
      HostVocabulary.vocabulary().classes.map { $0.split(separator: ".").last.map(String.init) })
    let made = /\bhost: "(\w+)", module: "(?!psycopg2")/
    var count = 0
    for (file, lines) in try Self.sources() {
      for match in lines.joined(separator: "\n").matches(of: made) {
        count += 1
        let isThere = known.contains(String(match.1))
        #expect(isThere, "\(file): \(match.1)")
      }
    }
    #expect(count > 80)
  }

  /// The names that the functions `attribute` of a file answer with a function.
  private static func answers(in lines: [Substring]) -> [String] {
    var answers: [String] = []
    var indent: Int?
    var arm: [String] = []
    for line in lines {
      let depth = line.prefix { $0 == " " }.count
      if line.contains("override func attribute(_ name: String") {
        indent = depth
        arm = []
      }
      guard let outer = indent else { continue }
      let isArm = line.contains("case \"") || line.contains("name == \"")
      if isArm {
        let names = line.prefix(
          upTo: line.firstRange(of: ".function(")?.lowerBound ?? line.endIndex)
        arm = names.matches(of: /"(\w+)"/).map { String($0.1) }
      } else if line.contains("default:") {
        arm = []
      }
      if line.contains(".function(") || line.contains("decorator {") { answers += arm }
      if depth == outer, line.hasSuffix("}"), !line.contains("override") { indent = nil }
    }
    return answers
  }
}
