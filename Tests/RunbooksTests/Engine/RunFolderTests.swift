import Glibc
import Quantities
import Testing

@testable import Runbooks

@Suite("folders of runs")
struct RunFolderTests {
  @Test("runs that began in one second stand in the order in which they began")
  func oneSecond() async throws {
    try await withStage { stage async throws in
      let runs = stage.folder.appending("runs")
      let moment = Timestamp(microseconds: 1_700_000_000_000_000)
      var begun: [String] = []
      for number in 0..<8 {
        let folder = try RunFolder.make(
          in: runs, runbook: "zeta", at: moment)
        try DurableFile.write([], to: folder.runbook)
        var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: number * 1_000_000)]
        times.append(times[0])
        #expect(utimensat(AT_FDCWD, folder.runbook.string, times, 0) == 0)
        begun.append(folder.id)
      }
      let earlier = try RunFolder.make(
        in: runs, runbook: "zeta", at: Timestamp(microseconds: 1_600_000_000_000_000))
      #expect(try RunFolder.all(in: runs).map(\.id) == [earlier.id] + begun)
    }
  }
}
