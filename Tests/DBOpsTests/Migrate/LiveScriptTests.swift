import PythonSubset
import SystemPackage
import TestServer
import Testing

@testable import Alembic
@testable import DBOps

/// Scripts over a real server, and what they print with the real Alembic and SQLAlchemy.
///
/// Each `NAME.py` in `Data/Scripts` prints what results or inspectors give it; `NAME.out`
/// is what `record.py` got from SQLAlchemy 2.0 with psycopg2 on PostgreSQL 15.
@Suite("Scripts print what they print with SQLAlchemy")
struct LiveScriptTests {
  private static func data(_ name: String) throws -> [UInt8] {
    let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
    return try Folder.bytes(
      of: folder.appending("Data").appending("Scripts").appending(name).string)
  }

  @Test(arguments: ["results", "inspector", "session", "savepoints"])
  func prints(_ name: String) async throws {
    let module = try Module.parse(try Self.data("\(name).py"), file: "\(name).py")
    let expected = String(decoding: try Self.data("\(name).out"), as: UTF8.self)
    let printed = try await TestServer.withConnection { connection in
      try await connection.synchronously { session in
        Self.run(module, over: ServerConnection(session))
      }
    }
    let pairs = zip(Self.lines(printed), Self.lines(expected)).enumerated()
    for (number, (mine, theirs)) in pairs { #expect(mine == theirs, "line \(number + 1)") }
    #expect(Self.lines(printed).count == Self.lines(expected).count)
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// What a script's `upgrade()` prints; the exception that ends it is the last line.
  private static func run(_ module: Module, over server: ServerConnection) -> String {
    var printed = ""
    let connection = ScriptConnection(server)
    let offered = AlembicModules(ScriptRun(connection))
    let loader = ProjectLoader(tree: ProjectTree(roots: [])) {
      try offered.module($0, $1) ?? StandardModules.module($0, ScriptSurroundings())
    }
    let python = Interpreter(importer: loader) { printed += $0 }
    do {
      let script = try python.run(module, as: "script")
      _ = try python.call(try python.member("upgrade", of: script))
      try connection.commit()
    } catch let error as PythonError {
      printed += "\(ScriptFailure(error, python))\n"
    } catch {
      printed += "\(error)\n"
    }
    return printed
  }
}
