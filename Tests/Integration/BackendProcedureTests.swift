import Glibc
import JSON
import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// The service is deployed and rolled back, code and schema together, on the real cluster.
@Suite(
  "the runbooks backend-deploy and backend-rollback", .serialized,
  .enabled(if: Backend.isPossible, "no cluster whose images can be named"))
struct BackendProcedureTests {
  @Test(
    "a release brings its schema; the rollback takes both back, and an undo of that forward again")
  func wayAndBack() async throws {
    try await Backend.play { backend in
      let plan = try await backend.deploy(2, verb: "plan")
      #expect(plan.exitCode == 0, "\(plan.everything)")
      #expect(try await backend.version == nil)

      try backend.release(1)
      let first = try await backend.deploy(1)
      #expect(first.exitCode == 0, "\(first.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))

      try backend.release(2)
      let second = try await backend.deploy(2)
      #expect(second.exitCode == 0, "\(second.everything)")
      #expect(try await backend.version == "r1")
      #expect(try await backend.image == Backend.image(2))
      let again = try await backend.deploy(2)
      #expect(again.exitCode == 6, "\(again.everything)")
      #expect(again.errorOutput.contains("The image is another one"))

      let back = try await backend.rollBack()
      #expect(back.exitCode == 0, "\(back.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
      #expect(try await backend.ready == 2)
      // What was rolled back is not deployed again by mistake.
      let refused = try await backend.deploy(2)
      #expect(refused.exitCode == 3, "\(refused.everything)")
      #expect(refused.errorOutput.contains("The image was not refused before"))

      let forward = try await backend.scene.runbook(["undo", try #require(back.runID)])
      #expect(forward.exitCode == 0, "\(forward.everything)")
      #expect(try await backend.version == "r1")
      #expect(try await backend.image == Backend.image(2))
      #expect(try await backend.ready == 2)
    }
  }

  @Test("an image that cannot start says why, and is taken back with its schema")
  func broken() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try backend.release(2)
      let none = "localhost/omc/none@sha256:\(String(repeating: "0", count: 64))"
      let broken = try await backend.deploy(image: none, ["rollout-limit=60s"])
      #expect(broken.exitCode == 6, "\(broken.everything)")
      #expect(broken.errorOutput.contains("ErrImagePull"), "\(broken.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
      #expect(try await backend.ready == 2)
      let refused = try await backend.deploy(image: none)
      #expect(refused.exitCode == 3, "\(refused.everything)")

      // It runs, and does not do what it is for.
      let silent = try await backend.deploy(2, ["data-path=/nothing", "answers-within=3s"])
      #expect(silent.exitCode == 6, "\(silent.everything)")
      #expect(silent.errorOutput.contains("answers 404"), "\(silent.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
    }
  }

  @Test("a schema that is ahead of the release is refused before anything is changed")
  func ahead() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try await backend.scene.scene.execute("UPDATE alembic_version SET version_num = 'newer'")
      let refused = try await backend.deploy(2)
      #expect(refused.exitCode == 6, "\(refused.everything)")
      #expect(
        refused.errorOutput.contains("The database stands at a revision that the release knows"))
      #expect(refused.errorOutput.contains("alembic cannot locate the revision"))
      #expect(try await backend.image == Backend.image(1))
      let back = try await backend.rollBack()
      #expect(back.exitCode == 1, "\(back.everything)")
      #expect(try await backend.image == Backend.image(1))
    }
  }

  @Test("a plan asks as one who may change nothing")
  func readOnlyPlans() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try backend.release(2)
      let before = try await backend.state
      let reader = "reader_\(backend.scene.database)"
      try await backend.scene.scene.execute(
        "CREATE ROLE \(reader) LOGIN; GRANT pg_monitor, pg_read_all_data TO \(reader)")
      try backend.scene.configure(user: reader, context: "viewer")
      let plan = try await backend.deploy(2, verb: "plan")
      #expect(plan.exitCode == 0, "\(plan.everything)")
      #expect(plan.output.contains("deployment/backend --image"))
      try backend.scene.configure()
      #expect(try await backend.state == before)
      #expect(try await backend.version == "r0")
      try await backend.scene.scene.execute("DROP OWNED BY \(reader); DROP ROLE \(reader)")
    }
  }
}
