import Glibc
import SystemPackage
import Testing

@testable import Alembic

/// Damaged revisions end in a refusal, an exception or a limit: never in a crash or without end,
/// and none that the check refuses gets to send anything.
///
/// Here a hundred and twenty mutants of the repository's own revisions; `Benchmarks/fuzz revisions` tries
/// a hundred thousand, also of other projects.
@Suite("damaged revisions")
struct RevisionFuzzTests {
  private static var ownProjects: String {
    FilePath(#filePath).removingLastComponent().appending("../../../Benchmarks/alembic/projects")
      .string
  }

  private static func number(_ name: String, _ otherwise: Int) -> Int {
    getenv(name).flatMap { Int(String(cString: $0)) } ?? otherwise
  }

  @Test("no crash, no hang, nothing sent from a file that did not pass")
  func mutants() throws {
    let first = Self.number("OMCOPS_FUZZ_FIRST", 0)
    let count = Self.number("OMCOPS_FUZZ_COUNT", 120)
    let roots = getenv("OMCOPS_FUZZ_PROJECTS").map {
      String(cString: $0).split(separator: ":").map(String.init)
    }
    let folders = try (roots ?? [Folder.resolved(Self.ownProjects)]).flatMap { root in
      try Folder.contents(of: root).folders.map { Folder.joined(root, $0) }
    }
    let scratch = try TemporaryProject([:])
    let file = getenv("OMCOPS_FUZZ_FILE").map { String(cString: $0) } ?? scratch.folder + "/m.py"
    let fuzzer = try RevisionFuzzer(projectsIn: folders, file: file)
    try #require(fuzzer.scriptCount > 50)
    for number in first..<(first + count) {
      if roots != nil { print("mutant \(number)") }
      try fuzzer.attempt(number)
    }
    #expect(fuzzer.findings == [])
    if roots != nil {
      for ending in RevisionFuzzer.Ending.allCases {
        print("ended \(fuzzer.endings[ending] ?? 0) \(ending.rawValue)")
      }
    } else {
      // All that can happen did happen.
      #expect(Set(fuzzer.endings.keys).isSuperset(of: [.syntax, .refused, .finished, .exception]))
    }
  }
}
