import Glibc
import ProgramRunner
import Testing

@Suite("the databases of suites, from their server to their last seed")
struct TestSuiteDatabaseTests {
  private static let revision = """
    revision = "a1"
    down_revision = None
    from alembic import op
    import sqlalchemy as sa
    def upgrade():
        op.create_table("coin", sa.Column("id", sa.Integer(), primary_key=True))
    def downgrade():
        op.drop_table("coin")
    """

  private static let files = [
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/env.py": "", "migrations/versions/a1_coin.py": revision,
    "seed.sql": "INSERT INTO coin VALUES (1), (2);",
    "seed.sh":
      "#!/bin/sh\necho once >> seeded\npsql -XAtq \"$SEED_URL\" -c 'INSERT INTO coin VALUES (3)'\n",
    "run.sh": """
    #!/bin/sh
    echo 1..1
    export PGPASSWORD="$DB_PASSWORD" PGHOST="$DB_HOST" PGPORT="$DB_PORT" PGDATABASE="$DB_NAME"
    echo "ok 1 - $DB_HOST has $(psql -XAtq -c 'SELECT sum(id) FROM coin') with ${#PGPASSWORD}=$PGPASSWORD"
    export PGPASSWORD=wrong
    psql -XAtqw -c 'SELECT 1' 2>&1 | grep -q 'password authentication failed' || exit 3

    """,
  ]

  @Test(
    "a server at a port with a password, migrated, seeded by SQL and by a program, and cleaned away"
  )
  func network() async throws {
    try await CommandSuiteScene.play(
      TestSuiteDatabaseTests.files,
      suites: """
        unit:
          runner: tap
          command: [./run.sh]
          database:
            kind: ephemeral
            network: true
            migrate: alembic.ini
            seed: seed.sql
            seed-command: [./seed.sh]
            variables: { DB_HOST: host, DB_PORT: port, DB_NAME: name, DB_PASSWORD: password, SEED_URL: url }
        """
    ) { play in
      let folder = play.scene.folder
      // The server's account has to pass through it.
      chmod(folder.string, 0o755)
      let place = ["TMPDIR": folder.string]
      for _ in 1...2 {
        let result = try await play.scene.omcops(
          ["test", "--output", "json"], environment: place, timeout: .seconds(120))
        #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
        #expect(result.output.contains("127.0.0.1 has 6 with 2"), "\(result.output)")
        // Of a throwaway server as well.
        #expect(result.output.contains("=***"), "\(result.output)")
      }
      // The template was made once.
      #expect(play.text("seeded") == "once\n")
      let server = folder.appending("omcops-test-\(geteuid())-port").string
      #expect(TestScene.isRunning(server))
      let clean = try await play.scene.omcops(["test", "clean"], environment: place)
      #expect(
        clean.output.contains("the server in \(server)"), "\(clean.output)\(clean.errorOutput)")
      #expect(!TestScene.isRunning(server))
      #expect(!ScratchFolder.names(in: folder).contains { $0.hasPrefix("omcops-test-") })
    }
  }

  @Test("a seed's program that fails is told of with what it said")
  func failingSeed() async throws {
    try await Scene.play { scene in
      try await CommandSuiteScene.play(
        ["seed.sh": "#!/bin/sh\necho no data here >&2; exit 4\n"],
        suites: """
          unit: { runner: tap, command: [touch, ran], database: { kind: url, url: "\(scene.database.conninfo)", seed-command: [./seed.sh] } }
          """
      ) { play in
        let result = try await play.test()
        expectFailure(result, .failed, naming: "cannot seed the database of suite \"unit\"")
        #expect(result.errorOutput.contains("no data here"), "\(result.errorOutput)")
        #expect(!ScratchFolder.names(in: play.scene.folder).contains("ran"))
      }
    }
  }

  @Test(
    "values of the cluster are in the tests' environment, and hidden in all that is shown",
    .enabled(if: KubeCluster.kubeconfig != nil, "OMCOPS_TEST_KUBECONFIG is not set"))
  func kubernetes() async throws {
    try await KubeScene.play { play in
      try await play.manifests()
      try play.configure(
        """
        tests:
          unit:
            runner: tap
            values-of: staging
            environment:
              DB: {from-kubernetes: configmap/backend/POSTGRES_DB}
              SECRET: {from-kubernetes: secret/backend/POSTGRES_PASSWORD}
            command: [sh, -c, 'echo 1..1; echo "not ok 1 - ${#SECRET} letters: $SECRET"; exit 1']
        """)
      let result = try await play.omcops(["test"])
      #expect(result.exitCode == 1)
      let said = result.output + result.errorOutput
      #expect(said.contains("\(KubeScene.password.count) letters: "), "\(said)")
      #expect(!said.contains(KubeScene.password))
    }
  }
}
