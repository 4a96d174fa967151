import JSON
import PythonSubset
import Testing

@testable import Alembic

/// Takes statements as a script of SQL, and keeps them.
final class ScriptRecorder: MigrationConnection {
  var statements: [String] = []

  func execute(_ sql: String) throws -> StatementResult {
    if sql != "BEGIN" { statements.append(sql) }
    return StatementResult()
  }
}

/// Four hundred pieces of Python, and what Alembic 1.20.1 with SQLAlchemy 2.0.58 makes of each.
///
/// Each line of `Data/operations.jsonl` has the `source`, the `convention` of the metadata if it
/// has one, the statements that `--sql` gives, and the class of the exception if one ends it.
@Suite("directives and statements against Alembic's")
struct OperationTests {
  static let cases: [JSON] = {
    let text = (try? dataFile("operations.jsonl")) ?? ""
    return text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
  }()

  static let preamble = """
    import sqlalchemy as sa
    from alembic import op
    from sqlalchemy import Column as C, Integer as I, text as T
    from sqlalchemy.dialects import postgresql as pg
    from sqlalchemy.dialects.postgresql import ExcludeConstraint as E

    """

  @Test("all cases were read") func count() { #expect(OperationTests.cases.count > 370) }

  @Test("the same statements, the same exceptions")
  func statements() throws {
    for item in OperationTests.cases {
      let source = item["source"]?.string ?? ""
      let expected = item["sql"]?.array?.compactMap(\.string) ?? []
      let (made, error) = try run(source, convention: item["convention"]?.object.map(convention))
      #expect(made.map(plain) == expected.map(plain), "\(source)")
      #expect(error == item["error"]?.string, "\(source)")
    }
  }

  /// White space that the server does not see is not compared.
  private func plain(_ sql: String) -> String {
    sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func convention(_ patterns: some Sequence<(key: String, value: JSON)>) -> ConstraintNaming
  {
    var known: [ConstraintKind: String] = [:]
    for (key, value) in patterns {
      if let kind = ConstraintKind(rawValue: key) { known[kind] = value.string }
    }
    return ConstraintNaming(known)
  }

  private func run(
    _ source: String, convention: ConstraintNaming?
  ) throws -> (statements: [String], error: String?) {
    let recorder = ScriptRecorder()
    var settings = ScriptRun.Settings()
    settings.isOffline = true
    settings.naming = convention ?? .standard
    let run = ScriptRun(ScriptConnection(recorder), settings: settings)
    let python = Interpreter(importer: AlembicModules(run))
    do {
      let module = try Module.parse(
        Array((OperationTests.preamble + source).utf8), file: "case.py")
      _ = try python.run(module, as: "case")
      return (recorder.statements, nil)
    } catch let error as PythonError {
      return (recorder.statements, error.exception.pythonClass.name)
    } catch let error as Unsupported {
      return (recorder.statements, "Unsupported: \(error.construct)")
    }
  }
}
