import Alembic
import DBOps
import Testing

@Suite("Plan recorder")
struct PlanRecorderTests {
  /// A database that answers every question with one row, and knows no table `missing`.
  private final class Answers: MigrationConnection {
    var sent: [String] = []

    func execute(_ sql: String) throws -> StatementResult {
      sent.append(sql)
      if sql.contains("missing") {
        throw StatementFailure(
          message: "relation \"missing\" does not exist", sqlState: "42P01", statement: sql)
      }
      return StatementResult(
        fields: [.init(name: "n", type: 23)], rows: [["7"]], tag: "SELECT 1")
    }
  }

  @Test("statements are written down with their transactions, and sent nowhere")
  func transactions() throws {
    let answers = Answers()
    let recorder = PlanRecorder(answers: answers)
    recorder.isRecording = true
    let connection = ScriptConnection(recorder)
    _ = try connection.execute("CREATE TABLE a (b integer)")
    _ = try connection.execute("INSERT INTO a VALUES (1)")
    try connection.commit()
    connection.isAutocommit = true
    _ = try connection.execute("CREATE INDEX CONCURRENTLY i ON a (b)")
    connection.isAutocommit = false
    _ = try connection.execute("UPDATE a SET b = 2")
    let (statements, gaps) = recorder.take()
    #expect(statements.map(\.transaction) == [1, 1, nil, 2])
    #expect(gaps == [])
    #expect(answers.sent == [])
    #expect(recorder.take().statements == [])
  }

  @Test("questions are answered, and those that the run may answer otherwise are gaps")
  func questions() throws {
    let answers = Answers()
    let recorder = PlanRecorder(answers: answers)
    recorder.isRecording = true
    #expect(try recorder.execute("SELECT count(*) FROM a").rows == [["7"]])
    #expect(recorder.take().gaps == [])
    #expect(try recorder.execute("UPDATE a SET b = 1").rowCount == 1)
    _ = try recorder.execute("SELECT b FROM a")
    #expect(recorder.take().gaps == ["it asks for rows of public.a, which the plan changes before"])
    _ = try recorder.execute("ALTER TABLE c ADD COLUMN d integer")
    _ = try recorder.execute("SELECT relname FROM pg_catalog.pg_class")
    #expect(throws: StatementFailure.self) { try recorder.execute("SELECT * FROM missing") }
    let gaps = recorder.take().gaps
    #expect(gaps.count == 2)
    #expect(gaps.last?.contains("relation \"missing\" does not exist") == true)
    #expect(answers.sent.last == "ROLLBACK TO SAVEPOINT omcops_plan")
  }

  @Test("a question that changes something is no question")
  func changes() throws {
    let answers = Answers()
    let recorder = PlanRecorder(answers: answers)
    recorder.isRecording = true
    _ = try recorder.execute("WITH x AS (DELETE FROM a RETURNING b) SELECT * FROM x")
    _ = try recorder.execute("SELECT b FROM a FOR UPDATE")
    #expect(recorder.take().statements.count == 2)
    #expect(answers.sent == [])
  }

  @Test("without a database nothing is answered and all is written down")
  func offline() throws {
    let recorder = PlanRecorder()
    recorder.isRecording = true
    #expect(try recorder.execute("SELECT 1").rows == [])
    #expect(recorder.take().statements.map(\.sql) == ["SELECT 1"])
  }
}
