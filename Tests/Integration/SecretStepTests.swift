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

  @Test(
    "what a step has put that failed its checks, or was cut off, is taken back",
    arguments: ["", "3"])
  func uncertain(killedAfter position: String) async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      try scene.write("{\"a\":\"old\"}\n", to: "app.json")
      let check = "\n  check: [ { name: never, expect: \"${{ 1 == 2 }}\" } ]"
      try scene.writeSteps(
        scene.put("put", "a: new") + (position.isEmpty ? check : ""), to: "put")
      let run = try await scene.omcops(
        ["runbook", "run", "put.yaml", "-i", "environment=here"],
        environment: position.isEmpty ? [:] : ["OMCOPS_CRASH_AFTER": position])
      #expect(position.isEmpty ? run.exitCode == 1 : run.signal == SIGKILL, "\(run.told)")
      #expect(try scene.read("app.json") == "{\"a\":\"new\"}\n")
      let undone = try await scene.omcops(["runbook", "undo", "--yes"])
      #expect(undone.exitCode == 0, "\(undone.told)")
      #expect(try scene.read("app.json") == "{\"a\":\"old\"}\n")
    }
  }

  @Test("what others put there between two steps of a run stays when it is taken back")
  func othersBetween() async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      try scene.write(
        #"{"a":"old","b":"old","c":"old","d":"old"}"# + "\n", to: "app.json")
      let theirs = #"{"a":"new","b":"old","c":"theirs","d":"theirs"}"#
      try scene.write(theirs + "\n", to: "theirs.json")
      try scene.writeSteps(
        """
        \(scene.put("one", "a: new"))
        - { id: other, name: Somebody else, run: "cat \(scene.folder)/theirs.json >\(scene.folder)/app.json", undo: none, check: [ { name: n, expect: "${{ true }}" } ], when-satisfied: run }
        \(scene.put("two", "b: new, d: new"))
        """, to: "put")
      let run = try await scene.omcops(["runbook", "run", "put.yaml", "-i", "environment=here"])
      #expect(run.exitCode == 0, "\(run.told)")
      #expect(
        try scene.read("app.json")
          == #"{"a":"new","b":"new","c":"theirs","d":"new"}"# + "\n")
      let undone = try await scene.omcops(["runbook", "undo", "--yes"])
      #expect(undone.exitCode == 0, "\(undone.told)")
      #expect(
        try scene.read("app.json")
          == #"{"a":"old","b":"old","c":"theirs","d":"theirs"}"# + "\n")
    }
  }

  @Test(
    "a run that was cut off behind its copy has changed nothing, and does not take others' changes for its own",
    arguments: [true, false])
  func cutOff(resumes: Bool) async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }", hasDatabase: false)
      let old = #"{"a":"old","c":"old"}"# + "\n"
      let theirs = #"{"a":"old","c":"theirs"}"# + "\n"
      try scene.write(old, to: "app.json")
      try scene.writeSteps(scene.put("put", "a: new"), to: "put")
      let killed = try await scene.omcops(
        ["runbook", "run", "put.yaml", "-i", "environment=here"],
        environment: ["OMCOPS_CRASH_AFTER": "2"])
      #expect(killed.signal == SIGKILL, "\(killed.told)")
      #expect(try scene.read("app.json") == old)
      let runs = ScratchFolder.names(in: scene.folder.appending("state/omcops/runs"))
      let id = try #require(runs.first { $0.hasPrefix("2") }?.split(separator: "-").last)
      try scene.write(old, to: "app.json.before-\(id)")
      try scene.write(theirs, to: "app.json")
      if resumes {
        let resumed = try await scene.omcops(["runbook", "resume"])
        #expect(resumed.exitCode == 0, "\(resumed.told)")
        #expect(try scene.read("app.json") == #"{"a":"new","c":"theirs"}"# + "\n")
      }
      let undone = try await scene.omcops(["runbook", "undo", "--yes"])
      #expect(undone.exitCode == 0, "\(undone.told)")
      #expect(try scene.read("app.json") == theirs)
    }
  }
}

extension Scene {
  /// A step that changes keys of `app.json`, and can be taken back however far it came.
  fileprivate func put(_ id: String, _ values: String) -> String {
    """
    - id: \(id)
      name: Put \(id)
      uses: secret.put
      with: { to: "file:\(folder)/app.json", values: { \(values) } }
      undo: { name: "\(id) back", uses: secret.put, with: { to: "file:\(folder)/app.json", previous: "\(folder)/app.json.before-${{ run.short-id }}" } }
    """
  }

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
