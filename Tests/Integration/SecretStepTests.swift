import Glibc
import ProgramRunner
import SystemPackage
import Testing

@Suite("secrets in files")
struct SecretStepTests {
  @Test("one key is changed, the old file can be brought back, and who may read it stays")
  func file() async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      try scene.write("{\"user\": \"app\", \"port\": 5432, \"key\": \"old\"}\n", to: "app.json")
      let path = scene.folder.appending("app.json")
      chmod(path.string, 0o640)
      let put = """
        - id: put
          name: Change it
          uses: secret.put
          with: { to: "file:\(path)", values: { key: "${{ secrets.new }}" } }
          outputs: { previous: "${{ result.previous }}" }
          undo: { name: Back, uses: secret.put, with: { to: "file:\(path)", previous: "${{ steps.put.outputs.previous }}" } }
        """
      let secrets = "secrets: { new: { from: \"env:NEW\" } }"
      try scene.writeSteps(put, to: "put", more: secrets)
      let run = ["runbook", "run", "put.yaml", "-i", "environment=here"]
      let done = try await scene.omcops(run, environment: ["NEW": "n3w-s3cret"])
      #expect(done.exitCode == 0, "\(done.errorOutput)")
      #expect(
        try scene.read("app.json")
          == "{\"user\":\"app\",\"port\":5432,\"key\":\"n3w-s3cret\"}\n")
      var status = stat()
      stat(path.string, &status)
      #expect(status.st_mode & 0o777 == 0o640)
      let same = try await scene.omcops(run, environment: ["NEW": "n3w-s3cret"])
      #expect(same.exitCode == 0, "\(same.errorOutput)")

      try scene.writeSteps(
        put
          + "\n- { id: fail, name: Fail, run: \"false\", undo: none, check: [ { name: n, expect: \"${{ 1 == 2 }}\" } ] }",
        to: "put", more: secrets)
      let undone = try await scene.omcops(
        ["runbook", "run", "put.yaml", "-i", "environment=here"],
        environment: ["NEW": "third"])
      #expect(undone.exitCode == 1, "\(undone.errorOutput)")
      // What somebody else has changed since stays, as it is written.
      try scene.write("{\"user\":\"app2\",\"port\":5433,\"key\":\"third\"}\n", to: "app.json")
      let back = try await scene.omcops(["runbook", "undo"], environment: ["NEW": "third"])
      #expect(back.exitCode == 0, "\(back.errorOutput)")
      #expect(
        try scene.read("app.json")
          == "{\"user\":\"app2\",\"port\":5433,\"key\":\"n3w-s3cret\"}\n")

      // The same key is nobody's to bring back once somebody has changed it again.
      let last = try await scene.omcops(run, environment: ["NEW": "fourth"])
      #expect(last.exitCode == 1, "\(last.errorOutput)")
      let others = "{\"user\":\"app2\",\"port\":5433,\"key\":\"theirs\"}\n"
      try scene.write(others, to: "app.json")
      let refused = try await scene.omcops(["runbook", "undo"], environment: ["NEW": "fourth"])
      #expect(refused.exitCode == 7, "\(refused.errorOutput)")
      #expect(refused.errorOutput.contains("key \"key\" of file \(path) was changed again since"))
      #expect(try scene.read("app.json") == others)
      #expect(!refused.errorOutput.contains("theirs"))
    }
  }
}

extension Scene {
  /// The contents of a small file of the scratch folder.
  func read(_ name: String) throws -> String {
    let file = try FileDescriptor.open(folder.appending(name), .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}
