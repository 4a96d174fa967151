import Runbooks
import SystemPackage
import Testing

/// The folder of the package, wherever it is checked out.
let packageFolder = FilePath(#filePath)
  .removingLastComponent().removingLastComponent().removingLastComponent()

@Suite("the runbooks of this project")
struct FormatFilesTests {
  @Test("every file in runbooks/ can be read")
  func files() throws {
    let files = try RunbookFolder(packageFolder.appending("runbooks")).files()
    #expect(!files.isEmpty)
    for file in files {
      let runbook = try Runbook.load(file)
      #expect(runbook.name == file.stem)
      #expect(!runbook.steps.isEmpty)
    }
  }
}
