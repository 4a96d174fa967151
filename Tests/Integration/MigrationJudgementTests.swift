import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// `db migrate --plan`, `db lint` and `db check` over a project.
@Suite(.serialized) struct MigrationJudgementTests {
  private static let files = [
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "from alembic import context\n",
    "migrations/versions/a1.sql": """
    -- make orders
    -- revision: a1
    -- upgrade
    CREATE TABLE orders (id integer PRIMARY KEY, note text);
    -- downgrade
    DROP TABLE orders;
    """,
    "migrations/versions/b2.sql": """
    -- index and empty orders
    -- revision: b2
    -- down_revision: a1
    -- upgrade
    CREATE INDEX orders_note ON orders (note);

    -- omcops-lint: ignore ban-drop-column
    ALTER TABLE orders DROP COLUMN note;
    """,
  ]

  private func play(_ body: (Scene) async throws -> Void) async throws {
    try await Scene.play { scene in
      for folder in ["migrations", "migrations/versions"] {
        try #require(mkdir(scene.folder.appending(folder).string, 0o700) == 0)
      }
      for (name, text) in MigrationJudgementTests.files {
        let file = try FileDescriptor.open(
          scene.folder.appending(name), .writeOnly, options: [.create, .truncate],
          permissions: [.ownerReadWrite])
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
      }
      try await body(scene)
    }
  }

  private func omcops(_ scene: Scene, _ arguments: [String]) async throws -> ProgramResult {
    try await scene.omcops(["db"] + arguments)
  }

  @Test func aPlanSaysWhatWouldBeLockedAndLost() async throws {
    try await play { scene in
      let url = ["--url", scene.database.conninfo]
      let first = try await omcops(scene, ["migrate", "--to", "a1"] + url)
      #expect(first.exitCode == 0, "\(first.errorOutput)")
      try await scene.execute("INSERT INTO orders VALUES (1, 'x'), (2, NULL)")
      let plan = try await omcops(scene, ["migrate", "--plan"] + url)
      #expect(plan.exitCode == 0, "\(plan.errorOutput)")
      #expect(plan.output.contains("1  b2  index and empty orders"))
      #expect(plan.output.contains("cannot be undone: it has no downgrade"))
      #expect(plan.output.contains("SHARE on public.orders"))
      #expect(plan.output.contains("LOST: drops column note of public.orders: 1 value\n"))
      let json = try await omcops(scene, ["migrate", "--plan", "--output", "json"] + url)
      #expect(json.output.contains("\"downgrade\": \"missing\""))
      #expect(json.output.contains("\"line\": 5"))
      // Nothing was changed.
      let current = try await omcops(scene, ["current"] + url)
      #expect(current.output.contains("a1"))
      let down = try await omcops(scene, ["downgrade", "base", "--plan"] + url)
      #expect(down.output.contains("LOST: drops table public.orders: 2 rows"))
    }
  }

  @Test func lintLooksAtRevisions() async throws {
    try await play { scene in
      let all = try await omcops(scene, ["lint"])
      #expect(all.exitCode == 3, "\(all.errorOutput)")
      #expect(
        all.output.contains("migrations/versions/b2.sql:5: error: nobody can write to orders"))
      #expect(!all.output.contains("ban-drop-column"))
      #expect(try await omcops(scene, ["lint", "--revisions", "a1"]).exitCode == 0)
      #expect(try await omcops(scene, ["lint", "--revisions", "a1:b2"]).exitCode == 3)
      // All of it is new to an empty database.
      let url = ["--url", scene.database.conninfo]
      #expect(try await omcops(scene, ["lint"] + url).errorOutput == "nothing found\n")
    }
  }

  @Test func checkFindsWhatWasChangedByHand() async throws {
    try await play { scene in
      let url = ["--url", scene.database.conninfo]
      let bare = try await omcops(scene, ["check"] + url)
      #expect(bare.exitCode == 2)
      #expect(try await omcops(scene, ["migrate"] + url).exitCode == 0)
      let same = try await omcops(scene, ["check"] + url)
      #expect(same.exitCode == 0, "\(same.output)\(same.errorOutput)")
      #expect(same.errorOutput.contains("no drift"))
      try await scene.execute("ALTER TABLE orders ADD COLUMN by_hand integer")
      let onServer = url + ["--scratch-url", scene.database.conninfo]
      let changed = try await omcops(scene, ["check"] + onServer)
      #expect(changed.exitCode == 3)
      #expect(changed.output.contains("changed: table public.orders"))
      #expect(changed.output.contains("+     by_hand integer"))
      let json = try await omcops(scene, ["check", "--output", "json"] + onServer)
      #expect(json.exitCode == 3)
      #expect(json.output.contains("\"change\": \"changed\""))
      let ignored = try await omcops(scene, ["check", "--ignore", "public.orders"] + onServer)
      #expect(ignored.exitCode == 0)
    }
  }
}
