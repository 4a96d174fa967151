public import Alembic
internal import Diagnostics
public import Postgres

extension Migrator {
  /// The statements that steps would send, found by running their scripts without sending them.
  ///
  /// Scripts that ask the database get its answers, from a transaction that can only read.
  ///
  /// - Throws: what the performer's check throws, and what it refuses on the way.
  public func planned(
    _ steps: [MigrationStep], from heads: [String], over connection: Connection
  ) async throws -> [PlannedRevision] {
    try performer.check(steps)
    try await connection.execute(
      "BEGIN READ ONLY; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '30s'")
    let migrator = self
    do {
      let planned = try await connection.synchronously { session in
        try migrator.record(steps, from: heads, answers: ServerConnection(session))
      }
      try await connection.execute("ROLLBACK")
      return planned
    } catch {
      _ = try? await connection.execute("ROLLBACK")
      throw error
    }
  }

  /// The same without a database: a script that asks one is followed up to there.
  public func planned(
    _ steps: [MigrationStep], from heads: [String]
  ) throws -> [PlannedRevision] {
    try performer.check(steps)
    return try record(steps, from: heads, answers: nil)
  }

  private func record(
    _ steps: [MigrationStep], from heads: [String], answers: (any MigrationConnection)?
  ) throws -> [PlannedRevision] {
    let recorder = PlanRecorder(answers: answers)
    let connection = ScriptConnection(recorder)
    let isOffline = answers == nil
    let driver = MigrationDriver(scripts.map, options: options, isOffline: isOffline)
    let runner = performer.runner(over: connection, isOffline: isOffline)
    var planned: [PlannedRevision] = []
    try driver.run(
      steps, from: heads, tableExists: true, over: connection,
      perform: { step, heads in
        recorder.origin = {
          guard let place = step.revision.flatMap({ runner.location(in: $0) }) else {
            return .init()
          }
          return .init(line: place.line, column: place.column)
        }
        planned.append(try record(step, recorder) { try runner.perform(step, heads: heads) })
      })
    return planned
  }

  private func record(
    _ step: MigrationStep, _ recorder: PlanRecorder, _ perform: () throws -> Void
  ) throws -> PlannedRevision {
    recorder.isRecording = true
    recorder.isAnswering = step.revision?.language != .sql
    defer {
      recorder.isRecording = false
      recorder.isAnswering = true
    }
    var stop: String?
    do {
      try perform()
    } catch let failure as any Failure where failure.status != .refused {
      // In the run it may get answers with which it goes on.
      stop = "it stops here in the plan: \(failure.message)"
    }
    let (statements, gaps) = recorder.take()
    guard let revision = step.revision else {
      return PlannedRevision(id: nil, statements: statements)
    }
    var planned = PlannedRevision(
      id: revision.id, message: revision.doc, file: revision.path,
      downgrade: step.isUpgrade ? try downgrade(of: revision) : .unknown,
      statements: try placed(statements, of: revision, step))
    planned.gaps = gaps + [stop].compactMap { $0 }
    planned.isCutShort = stop != nil
    return planned
  }

  private func downgrade(of revision: Revision) throws -> PlannedRevision.Downgrade {
    switch try scripts.downgrade(of: revision) {
    case .present: .present
    case .empty: .empty
    case .missing: .missing
    }
  }

  /// The statements with their places in the file and what comments there say.
  private func placed(
    _ statements: [PlannedStatement], of revision: Revision, _ step: MigrationStep
  ) throws -> [PlannedStatement] {
    guard revision.language == .sql else {
      let comments = LintComments(python: try scripts.text(of: revision))
      let starts = try scripts.statementLines(of: revision)
      return statements.map { statement in
        var statement = statement
        statement.origin.file = revision.path
        statement.ignoredRules = comments.rules(from: statement.origin.line, before: starts)
        return statement
      }
    }
    let file = try scripts.statements(of: revision)
    guard let section = step.isUpgrade ? file.upgrade : file.downgrade else { return statements }
    let script = SQLScript(section.text)
    let comments = LintComments(sql: section.text)
    let cut = script.statements + (script.rest.map { [$0] } ?? [])
    return zip(statements, cut).map { statement, place in
      var statement = statement
      statement.origin = .init(file: revision.path, line: section.line + place.line - 1)
      let last = place.line + place.sql.utf8.count { $0 == 0x0A }
      statement.ignoredRules = comments.rules(for: place.line...last)
      return statement
    }
  }
}

extension LintComments {
  /// The rules that are silenced for a statement that begins at a line and ends where the next one
  /// begins; where the line is not known, for anything in the file.
  fileprivate func rules(from line: Int?, before starts: [Int]) -> Set<String> {
    guard let line else { return everywhere }
    let next = starts.first { $0 > line } ?? line + 1
    // Comments on lines of their own above the next statement are about that one.
    var last = next - 1
    while last > line, isBare(last) { last -= 1 }
    return rules(for: line...last)
  }
}
