import Postgres
import ProgramRunner
import Testing

@Suite("sessions of a database")
struct SessionStepTests {
  @Test("who blocks whom is seen, without the values of statements, and ended")
  func blocked() async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }")
      try await scene.execute("create table t (n int); insert into t values (1)")
      let holder = try await Connection.open(scene.database, applicationName: "holder")
      _ = try await holder.execute("begin; update t set n = 4711 where n = 1")
      let waiter = try await Connection.open(scene.database, applicationName: "waiter")
      async let update: Void = {
        _ = try? await waiter.execute("update t set n = 2 where n = 1 and 'hunter2' <> ''")
      }()
      try await waitUntil("the waiter to wait") {
        let watch = try await Connection.open(scene.database, applicationName: "watch")
        let rows = try await watch.query(
          "select from pg_stat_activity where application_name = 'waiter' and wait_event_type = 'Lock'"
        ).rows
        await watch.close()
        return !rows.isEmpty
      }
      try scene.writeSteps(
        """
        - id: look
          name: Look
          check:
            - name: The holder blocks the waiter
              uses: db.sessions
              with: { blocking: true }
              expect: ${{ result.count == 1 && result.sessions[0].application == 'holder' && result.sessions[0].blocks == 1 && result.sessions[0].state == 'idle in transaction' }}
            - name: The waiter is blocked, and nobody sees its values
              uses: db.sessions
              with: { waiting: true }
              expect: ${{ result.count == 1 && length(result.sessions[0].blocked-by) == 1 && !contains(result.sessions[0].query, 'hunter2') }}
            - name: The numbers are there
              uses: db.sessions
              expect: ${{ result.connections >= 2 && result.max-connections > result.connections }}
        - id: end
          name: End the holder
          uses: db.cancel
          with: { blocking: true, terminate: true, max: 1 }
          outputs: { ended: "${{ result.ended }}" }
          undo: none
        - id: ended
          name: One was ended
          check: [ { name: one, expect: "${{ length(steps.end.outputs.ended) == 1 }}" } ]
        """, to: "free")
      let run = ["runbook", "run", "free.yaml", "-i", "environment=here"]
      let done = try await scene.omcops(run)
      #expect(done.exitCode == 0, "\(done.errorOutput)")
      await update
      #expect(try await waiter.query("select n from t").single(as: Int.self) == 2)
      await waiter.close()
      await holder.close()
    }
  }

  @Test(
    "nobody ends all of them, or more than was meant",
    arguments: [
      ("{ terminate: true }", "nothing says which sessions are meant"),
      ("{ application: '^bystander', terminate: true, max: 1 }", "2 sessions match"),
    ])
  func refused(_ with: String, _ words: String) async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }")
      let first = try await Connection.open(scene.database, applicationName: "bystander 1")
      let second = try await Connection.open(scene.database, applicationName: "bystander 2")
      try scene.writeSteps(
        "- { id: a, name: A, uses: db.cancel, with: \(with), undo: none }", to: "end")
      let result = try await scene.omcops(["runbook", "run", "end.yaml", "-i", "environment=here"])
      #expect(result.exitCode != 0)
      #expect(result.errorOutput.contains(words), "\(result.errorOutput)")
      #expect(try await first.query("select 1 as n").single(as: Int.self) == 1)
      await first.close()
      await second.close()
    }
  }
}
