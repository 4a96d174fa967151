import DBOps
import JSON
import Postgres
import TestServer
import Testing

@Suite("Migration plan")
struct MigrationPlanTests {
  private func revision(
    _ id: String, _ downgrade: PlannedRevision.Downgrade, _ statements: [String]
  ) -> PlannedRevision {
    PlannedRevision(
      id: id, message: "do it", file: "versions/\(id).py", downgrade: downgrade,
      statements: statements.enumerated().map {
        PlannedStatement($1, origin: .init(file: "versions/\(id).py", line: $0 + 10))
      })
  }

  private let schema = """
    CREATE TABLE orders (id integer PRIMARY KEY, note text, total numeric);
    INSERT INTO orders SELECT i, CASE WHEN i % 2 = 0 THEN 'x' END, i FROM generate_series(1, 1000) i;
    CREATE TABLE unused (a integer); CREATE VIEW big AS SELECT * FROM orders;
    ANALYZE;
    """

  @Test("it says what is lost, with the numbers that are there")
  func losses() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute(schema)
      let plan = try await MigrationPlan.make(
        [
          revision(
            "a1", .present,
            [
              "CREATE TABLE fresh (id integer REFERENCES orders)", "DROP TABLE fresh",
              "ALTER TABLE unused DROP COLUMN a", "DELETE FROM unused",
            ]),
          revision(
            "b2", .present,
            [
              "DROP VIEW big", "ALTER TABLE orders DROP COLUMN note",
              "ALTER TABLE orders ALTER COLUMN total TYPE numeric(5,0)", "DROP TABLE orders",
            ]),
          revision("c3", .missing, []),
        ], against: connection)
      #expect(plan.parts.map(\.canBeUndone) == [true, false, false])
      let losses = plan.steps.flatMap(\.losses)
      #expect(
        losses.map { "\($0.loss.description): \($0.rows ?? -1) \($0.isCounted)" } == [
          "drops column note of public.orders: 500 true",
          "changes column total of public.orders from numeric to numeric(5,0), "
            + "which may not hold every value: 1000 true",
          "drops table public.orders: 1000 true",
        ])
      let text = MigrationPlanText(plan).text
      #expect(text.contains("LOST: drops table public.orders: 1,000 rows"))
      #expect(text.contains("a downgrade does not bring back what is lost below"))
      #expect(text.contains("cannot be undone: it has no downgrade"))
      #expect(text.contains("3 revisions, 8 statements"))
    }
  }

  @Test("it names the sessions that are in the way, without their constants")
  func obstacles() async throws {
    try await TestServer.withDatabase { settings in
      let connection = try await Connection.open(settings, applicationName: "plan")
      try await connection.execute(schema)
      let other = try await Connection.open(settings, applicationName: "reporting")
      try await other.execute("BEGIN; SELECT count(*) FROM orders WHERE note = 'secret'")
      let plan = try await MigrationPlan.make(
        [
          revision(
            "a1", .present,
            [
              "ALTER TABLE orders ADD COLUMN x integer", "UPDATE orders SET x = 1 WHERE id = 3",
              "ALTER TABLE unused ADD COLUMN x integer",
            ])
        ], against: connection)
      try #require(plan.obstacles.count == 1)
      let holder = plan.obstacles[0]
      #expect(holder.application == "reporting")
      #expect(holder.lock?.mode == .accessShare)
      #expect(holder.blocks == ["1.1"])
      #expect(holder.state == "idle in transaction")
      #expect(holder.statement?.contains("note = '…'") == true)
      #expect(
        MigrationPlanText(plan).text.contains("holds ACCESS SHARE on public.orders: 1.1 would wait")
      )
      #expect(!MigrationPlanText(plan).text.contains("secret"))
      // A lock against reading must not stop the plan.
      try await other.execute("LOCK TABLE orders")
      let again = try await MigrationPlan.make(
        [revision("a1", .present, ["DROP TABLE orders"])], against: connection)
      #expect(again.obstacles.first?.lock?.mode == .accessExclusive)
      #expect(again.steps.first?.losses.first?.isCounted == false)
      await other.close()
      await connection.close()
    }
  }

  @Test("it says which locks last while others work, within one transaction only")
  func heldLocks() {
    let statements = ["ALTER TABLE a ADD COLUMN x integer", "UPDATE b SET x = 1"]
    func held(_ transactions: [Int?]) -> [String] {
      let revision = PlannedRevision(
        id: "r",
        statements: zip(statements, transactions).map { PlannedStatement($0, transaction: $1) })
      return MigrationPlan([revision]).steps.flatMap(\.heldMeanwhile).map(\.relation.name)
    }
    #expect(held([1, 1]) == ["a"])
    #expect(held([1, 2]) == [])
    #expect(held([nil, nil]) == [])
  }

  @Test("its JSON has the documented members")
  func json() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute(schema)
      let plan = try await MigrationPlan.make(
        [revision("a1", .empty, ["CREATE INDEX i ON orders (note)"])], against: connection)
      let statement = try #require(plan.json["revisions"]?[0]?["statements"]?[0])
      let lock = try #require(statement["locks"]?[0])
      #expect(lock["table"]?.string == "public.orders")
      #expect(lock["mode"]?.string == "SHARE")
      #expect(lock["blocks_reads"]?.bool == false)
      #expect(lock["blocks_writes"]?.bool == true)
      #expect(lock["rows"]?.int == 1000)
      #expect(lock["work"]?[0]?["kind"]?.string == "index")
      #expect(statement["line"]?.int == 10)
      #expect(plan.json["revisions"]?[0]?["can_be_undone"]?.bool == false)
      #expect(plan.json["obstacles"]?.array == [])
    }
  }
}
