import DBOps
import Diagnostics
import Glibc
import Postgres
import Subprocess
import SystemPackage
import TestServer
import Testing

@Suite("Restore of a script of SQL")
struct ScriptRestoreTests {
  private func restore(
    _ path: FilePath, _ server: ConnectionSettings, as database: String,
    _ change: (inout Restore.Options) -> Void = { _ in }
  ) async throws -> RestoreSummary {
    var options = Restore.Options(path: path, server: server, database: database)
    change(&options)
    return try await Restore(options).run()
  }

  /// A script under a name of its own, packed by a program where one is named.
  private func script(
    _ text: String, in scratch: ScratchFolder, packedBy program: String? = nil
  ) async throws -> FilePath {
    let file = try scratch.write(Array(text.utf8), to: "dump.sql")
    guard let program else { return file }
    _ = try await run(
      .name(program), arguments: ["-q", file.string], output: .discarded, error: .discarded)
    return FilePath(file.string + (program == "gzip" ? ".gz" : ".zst"))
  }

  @Test(
    "what pg_dump writes comes back as it was",
    arguments: [[], ["-C"], ["--inserts"]] as [[String]], [nil, "gzip"])
  func stock(_ options: [String], program: String?) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let file = scratch.path.appending("dump.sql")
      _ = try await SampleArchive.text(of: source, options: options + ["-f", file.string])
      let packed = try await script(
        String(decoding: scratch.read("dump.sql"), as: UTF8.self), in: scratch, packedBy: program)
      let name = source["dbname"] ?? ""
      let target = "script_\(name)"
      let summary = try await restore(packed, source, as: target)
      #expect(summary.rows == 8500)
      #expect(summary.tables == (options == ["--inserts"] ? 0 : 5))
      #expect(summary.manifest == nil)
      let form = options == ["-C"] ? ["-C"] : ["--schema-only"]
      let before = try await SampleArchive.text(of: source, options: form)
      let after = try await SampleArchive.text(of: source.with(database: target), options: form)
      #expect(after == before.split(separator: name).joined(separator: target))
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test(
    "what cannot be restored is refused with its line, and nothing is left",
    arguments: [
      ("CREATE TABLE t(a int);\nINSERT INTO t\n VALUES ('x');\n", "dump.sql:3: invalid input"),
      ("CREATE TABLE t(a int);\nCOPY t FROM stdin;\n1\nx\n\\.\n", "dump.sql:4: invalid input"),
      ("CREATE TABLE t(a int);\n\\i other.sql\n", "dump.sql:2: \\i is a command of psql's"),
      ("\\connect other\n", "dump.sql:1: \\connect other leads to another database"),
      ("SELECT 1;\n\n/* x */ CREATE ROLE joe;\n", "dump.sql:3: CREATE ROLE changes the whole"),
      ("ALTER DATABASE postgres SET x.y = 1;\n", "dump.sql:1: the statement is about another"),
      ("BEGIN;\nSELECT 1;\n", "dump.sql:3: the file ends inside a transaction"),
      ("SELECT 'x;\n", "dump.sql:1: a quote has no end"),
      ("--\n-- PostgreSQL database dump\n--\nSELECT 1;\n", "dump.sql:5: the dump is cut"),
      (
        "--\n-- PostgreSQL database dump\n--\nSELECT 1;\n-- PostgreSQL database dump complete\n-",
        "dump.sql:6: the file ends within a statement"
      ),
      ("-- PostgreSQL database cluster dump\n", "dump.sql:1: this is a dump of a whole server"),
      ("CREATE TABLE t(a int);\nCOPY t FROM stdin;\n1\n", "dump.sql:4: the file ends within"),
      ("SET client_encoding = 'SJIS';\n", "dump.sql:1: the file is in the encoding SJIS"),
      ("\\set ON_ERROR_STOP off\n", "dump.sql:1: \\set ON_ERROR_STOP off would go on"),
      ("-- nothing\n", "dump.sql:2: the file holds no statement"),
    ])
  func refusals(_ text: String, _ message: String) async throws {
    let scratch = try ScratchFolder()
    let file = try await script(text, in: scratch)
    try await TestServer.withDatabase { server in
      let target = "refused_\(server["dbname"] ?? "")"
      do {
        _ = try await restore(file, server, as: target)
        Issue.record("restored")
      } catch let failure as any Failure {
        #expect(failure.message.contains(message))
      }
      #expect(try await RestoreTests.databases(server, like: target) == [])
    }
  }

  @Test("old quoting, variables and a newer server's settings")
  func dialects() async throws {
    let scratch = try ScratchFolder()
    let file = try await script(
      """
      \\set n 5
      SET transaction_timeout = 0;
      SET standard_conforming_strings = off;
      SET escape_string_warning = off;
      CREATE TABLE t (a int, b text);
      INSERT INTO t VALUES (:n, 'it\\'s; fine'), (:n + 1, :'n');
      """, in: scratch)
    try await TestServer.withDatabase { server in
      let target = "dialects_\(server["dbname"] ?? "")"
      let summary = try await restore(file, server, as: target)
      #expect(summary.rows == 2)
      #expect(
        summary.notes.contains { $0.contains("dump.sql:2: left out: SET transaction_timeout") })
      let connection = try await Connection.open(
        server.with(database: target), applicationName: "omcops tests")
      let rows = try await connection.query("SELECT a, b FROM t ORDER BY a").rows
      #expect(rows.map { $0[1] } == ["it's; fine", "5"])
      await connection.close()
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("owners stay, give way to others, or are all one; missing roles are named first")
  func owners() async throws {
    let scratch = try ScratchFolder()
    let name = "owners_\(getpid())"
    let file = try await script(
      """
      CREATE TABLE t (a int);
      ALTER TABLE public.t OWNER TO "no one";
      GRANT SELECT ON TABLE public.t TO nobody;
      """, in: scratch)
    try await TestServer.withDatabase { server in
      let error = await #expect(throws: DBError.self) { try await restore(file, server, as: name) }
      #expect(error?.status == .refused)
      #expect(error?.message.contains("\"no one\", \"nobody\"") == true)
      let user = server["user"] ?? ""
      for ownership in [
        Restore.Ownership.all(nil), .all(user), .mapped(["no one": user, "nobody": user]),
      ] {
        let summary = try await restore(file, server, as: name) { $0.ownership = ownership }
        let isMapped = if case .mapped = ownership { true } else { false }
        #expect(summary.notes.contains { $0.contains("rights of \"nobody\"") } != isMapped)
        #expect(
          try await SampleArchive.text(of: server.with(database: name))
            .contains("ALTER TABLE public.t OWNER TO \(user)"))
        try await TestServer.shared.drop(database: name)
      }
    }
  }

  @Test("what only superusers may own stays with whoever restores, when one role owns the rest")
  func limitedOwner() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await SampleArchive.prepareRoles(connection)
      try await connection.execute(
        """
        CREATE FUNCTION fire() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER fired ON sql_drop EXECUTE FUNCTION fire();
        CREATE FOREIGN DATA WRAPPER w
        """)
      await connection.close()
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let file = try await script(
        try await SampleArchive.text(of: source, options: []), in: scratch)
      let target = "limited_\(source["dbname"] ?? "")"
      for archive in [path, file] {
        let summary = try await restore(archive, source, as: target) {
          $0.ownership = .all("sample_owner")
        }
        #expect(summary.notes.filter { $0.contains("only a superuser may be") }.count == 2)
        let after = try await SampleArchive.text(of: source.with(database: target))
        #expect(after.contains("ALTER FUNCTION public.fire() OWNER TO sample_owner"))
        #expect(after.contains("ALTER EVENT TRIGGER fired OWNER TO \(source["user"] ?? "")"))
        try await TestServer.shared.drop(database: target)
      }
    }
  }

  @Test("an archive's roles give way to others, or its rights are left out")
  func archiveRoles() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let user = source["user"] ?? ""
      let target = "mapped_\(source["dbname"] ?? "")"
      let before = try await SampleArchive.text(of: source)
      _ = try await restore(path, source, as: target) {
        $0.ownership = .mapped(["sample_owner": "sample reader", "sample reader": user])
        $0.keepsRights = false
      }
      let after = try await SampleArchive.text(of: source.with(database: target))
      #expect(after.contains("ALTER TABLE public.users OWNER TO \"sample reader\""))
      #expect(after.contains("FOR SELECT TO \(user)"))
      #expect(!after.contains("GRANT ") && before.contains("GRANT "))
      #expect(!after.contains("DEFAULT PRIVILEGES"))
      try await TestServer.shared.drop(database: target)
    }
  }
}
