import Glibc
import SystemPackage
import TestServer
import Testing

/// Damaged archives, scripts and backups are refused or found damaged: never a crash, never without
/// end, and none that lost rows is said to be whole.
///
/// Here three hundred mutants; `Benchmarks/fuzz archives` tries a million.
@Suite("damaged archives")
struct ArchiveFuzzTests {
  private static func number(_ name: String, _ otherwise: Int) -> Int {
    getenv(name).flatMap { Int(String(cString: $0)) } ?? otherwise
  }

  @Test("no crash, no hang, no wrong success")
  func mutants() async throws {
    let first = Self.number("OMCOPS_FUZZ_FIRST", 0)
    let count = Self.number("OMCOPS_FUZZ_COUNT", 300)
    let more = getenv("OMCOPS_FUZZ_SEEDS").map { String(cString: $0) }
    let scratch = try ScratchFolder()
    let folder = getenv("OMCOPS_FUZZ_FILE").map { FilePath(String(cString: $0)) } ?? scratch.path
    var seeds = try await TestServer.withDatabase {
      try await ArchiveSeeds.all(in: scratch.path, $0)
    }
    for path in (more ?? "").split(separator: ":") {
      seeds.append(try ArchiveSeeds.seed(at: FilePath(String(path)), .none))
    }
    let fuzzer = try await ArchiveFuzzer(seeds, in: folder)
    for number in first..<(first + count) {
      if more != nil { print("mutant \(number)") }
      try await fuzzer.attempt(number)
    }
    #expect(fuzzer.findings == [])
    if more != nil {
      for ending in ArchiveFuzzer.Ending.allCases {
        print("ended \(fuzzer.endings[ending] ?? 0) \(ending.rawValue)")
      }
    } else {
      // All that can happen did happen.
      #expect(Set(fuzzer.endings.keys) == Set(ArchiveFuzzer.Ending.allCases))
    }
  }
}
