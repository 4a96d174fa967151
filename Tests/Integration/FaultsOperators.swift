import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import Testing

@Suite("Two operators at once")
struct FaultsOperators {
  @Test(
    "the second is told who holds the lock, where and since when",
    arguments: ["postgres", "file"])
  func second(_ lock: String) async throws {
    try await Scene.play { scene in
      try scene.write(FaultsOperators.runbook(lock: lock), to: "runbooks/hold.yaml")
      try scene.write(FaultsOperators.configuration, to: "omcops.yaml")
      let go = scene.folder.appending("go")
      let arguments = [
        "runbook", "run", "hold", "-i", "environment=here", "-i", "go=\(go.string)",
      ]
      let address = ["SCENE_URL": scene.database.conninfo]
      let started = scene.folder.appending("go.waiting")
      let first = try await scene.omcops(
        arguments, environment: address.merging(["USER": "alice"]) { $1 }
      ) { _ in
        try await waitUntil("the first run to hold the lock") { access(started.string, F_OK) == 0 }
        let second = try await scene.omcops(
          arguments, environment: address.merging(["USER": "bob"]) { $1 })
        expectFailure(second, .locked, naming: "alice", FaultsOperators.host, "20")
        try scene.write("", to: "go")
      }
      #expect(first.exitCode == 0, "\(first.errorOutput)")
      // The lock has gone with the first run.
      let third = try await scene.omcops(
        arguments, environment: address.merging(["USER": "bob"]) { $1 })
      #expect(third.exitCode == 0, "\(third.errorOutput)")
    }
  }

  private static let configuration = """
    runbooks: runbooks
    environments:
      here:
        database: { from-env: SCENE_URL }
    """

  private static func runbook(lock: String) -> String {
    """
    runbook: v1
    name: hold
    title: Hold the lock
    description: Waits until a file is there.
    risk: low
    inputs:
      environment: { description: Where, type: environment, required: true }
      go: { description: The file, type: path, required: true }
    concurrency:
      group: hold/${{ inputs.environment }}
      lock: \(lock)
    steps:
      - id: wait
        name: Wait for the file
        run: |
          touch "$GO.waiting"
          until test -e "$GO"; do sleep 0.02; done
        env: { GO: "${{ inputs.go }}" }
        check:
          - name: The file is there
            run: test -e "$GO"
            read-only: true
            env: { GO: "${{ inputs.go }}" }
            expect: ${{ result.exit-code == 0 }}
    """
  }

  private static var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, 255)
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension Scene {
  /// Writes a text file in the scratch folder, with the folders above it.
  func write(_ text: String, to name: String) throws {
    let path = folder.pushing(FilePath(name))
    mkdir(path.removingLastComponent().string, 0o755)
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }
}
