import Archive
import Testing

@testable import DBOps

@Suite("Restore planning")
struct RestorePlanningTests {
  private func entry(
    _ id: Int, _ kind: String, _ section: ArchiveEntry.Section, after: [Int] = []
  ) -> ArchiveEntry {
    ArchiveEntry(
      dumpID: id, kind: kind, section: section, tag: "t\(id)", namespace: "public",
      copyStatement: kind == "TABLE DATA" ? "COPY x FROM stdin;\n" : nil, dependencies: after,
      hasData: kind == "TABLE DATA")
  }

  /// Two tables (1, 2) with data (11, 12), an index and a key each, a foreign key between them.
  private var schedule: RestoreSchedule {
    RestoreSchedule(
      [
        entry(11, "TABLE DATA", .data, after: [1]), entry(12, "TABLE DATA", .data, after: [2]),
        entry(21, "CONSTRAINT", .postData, after: [1]),
        entry(22, "CONSTRAINT", .postData, after: [2]),
        entry(31, "INDEX", .postData, after: [1]), entry(32, "INDEX", .postData, after: [1]),
        entry(41, "FK CONSTRAINT", .postData, after: [1, 2, 22]),
      ], tables: [1, 2], weights: [11: 10, 12: 500])
  }

  @Test("the largest data comes first, and nothing comes before its table's data")
  func order() {
    var schedule = schedule
    #expect(schedule.next()?.dumpID == 12)
    #expect(schedule.next()?.dumpID == 11)
    #expect(schedule.next() == nil)
    schedule.finish(entry(12, "TABLE DATA", .data))
    #expect(schedule.next()?.dumpID == 22)
    #expect(schedule.next() == nil)
  }

  @Test("indexes of one table go side by side; what locks the table waits for them")
  func locks() {
    var schedule = schedule
    _ = (schedule.next(), schedule.next())
    schedule.finish(entry(12, "TABLE DATA", .data))
    schedule.finish(entry(11, "TABLE DATA", .data))
    #expect(schedule.next()?.dumpID == 22)
    #expect(schedule.next()?.dumpID == 21)
    // The key of table 1 holds its lock: no index of it may begin.
    #expect(schedule.next() == nil)
    schedule.finish(entry(21, "CONSTRAINT", .postData))
    #expect(schedule.next()?.dumpID == 31)
    #expect(schedule.next()?.dumpID == 32)
    schedule.finish(entry(22, "CONSTRAINT", .postData))
    // The foreign key locks both tables.
    #expect(schedule.next() == nil)
    schedule.finish(entry(31, "INDEX", .postData))
    schedule.finish(entry(32, "INDEX", .postData))
    #expect(schedule.next()?.dumpID == 41)
    #expect(!schedule.isDone)
    schedule.finish(entry(41, "FK CONSTRAINT", .postData))
    #expect(schedule.isDone)
  }

  @Test("what begins the longest chain of work comes first, and wide indexes before narrow ones")
  func chains() {
    var wide = entry(32, "INDEX", .postData, after: [1])
    wide.definition = "CREATE INDEX wide ON public.t1 USING btree (a, b, c);\n"
    var schedule = RestoreSchedule(
      [
        entry(11, "TABLE DATA", .data, after: [1]), entry(12, "TABLE DATA", .data, after: [2]),
        entry(31, "INDEX", .postData, after: [1]), wide,
        entry(33, "INDEX", .postData, after: [2]),
      ], tables: [1, 2], weights: [11: 100, 12: 70])
    #expect(schedule.next()?.dumpID == 11)
    schedule.finish(entry(11, "TABLE DATA", .data))
    // The second table's data and index are more than the first one's index of three columns.
    #expect(schedule.next()?.dumpID == 12)
    #expect(schedule.next()?.dumpID == 32)
    #expect(schedule.next()?.dumpID == 31)
  }

  @Test("a table is settled when nothing uses it any more")
  func settled() {
    var schedule = schedule
    var settled: [Int: [Int]] = [:]
    while let next = schedule.next() { settled[next.dumpID] = schedule.finish(next) }
    // The foreign key begins before the indexes of table 1, and is the last that uses table 2.
    #expect(settled.filter { !$0.value.isEmpty } == [41: [12], 32: [11]])
    #expect(schedule.isDone)
  }

  @Test(
    "a constraint, beside which nothing of its table is built, comes before its table's indexes")
  func exclusive() {
    var wide = entry(31, "INDEX", .postData, after: [1])
    wide.definition = "CREATE INDEX wide ON public.t1 USING btree (a, b, c);\n"
    var schedule = RestoreSchedule(
      [
        entry(11, "TABLE DATA", .data, after: [1]), wide,
        entry(32, "INDEX", .postData, after: [1]), entry(21, "CONSTRAINT", .postData, after: [1]),
      ], tables: [1], weights: [11: 100])
    #expect(schedule.next()?.dumpID == 11)
    schedule.finish(entry(11, "TABLE DATA", .data))
    #expect(schedule.next()?.dumpID == 21)
    #expect(schedule.next() == nil)
    schedule.finish(entry(21, "CONSTRAINT", .postData))
    #expect(schedule.next()?.dumpID == 31)
    #expect(schedule.next()?.dumpID == 32)
  }

  @Test("foreign keys are proved side by side, unless one locks what the other needs")
  func foreignKeys() {
    // 41 and 42 refer from tables 1 and 2 to 3; 43 from 3 to 1.
    var schedule = RestoreSchedule(
      [
        entry(41, "FK CONSTRAINT", .postData, after: [1, 3]),
        entry(42, "FK CONSTRAINT", .postData, after: [2, 3]),
        entry(43, "FK CONSTRAINT", .postData, after: [3, 1]),
        entry(51, "CONSTRAINT", .postData, after: [3]),
      ], tables: [1, 2, 3], weights: [:], foreignKeys: [41: 1, 42: 2, 43: 3])
    #expect(schedule.next()?.dumpID == 41)
    #expect(schedule.next()?.dumpID == 42)
    #expect(schedule.next() == nil)
    schedule.finish(entry(41, "FK CONSTRAINT", .postData))
    schedule.finish(entry(42, "FK CONSTRAINT", .postData))
    #expect(schedule.next()?.dumpID == 43)
    #expect(schedule.next() == nil)
    schedule.finish(entry(43, "FK CONSTRAINT", .postData))
    #expect(schedule.next()?.dumpID == 51)
    #expect(schedule.hasBegunAll)
  }

  @Test(
    "a foreign key is promised and then proved, where it can be",
    arguments: [
      (
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.u(id);\n",
        "public.t", "k", true
      ),
      (
        "ALTER TABLE ONLY \"A b\".\"T;x\"\n    ADD CONSTRAINT \"K k\" FOREIGN KEY (\"add\") "
          + "REFERENCES \"A b\".u(id) ON DELETE CASCADE DEFERRABLE;\n", "\"A b\".\"T;x\"",
        "\"K k\"", true
      ),
      (
        "ALTER TABLE public.t\n    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.u(id);\n", "",
        "", false
      ),
      (
        "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.u(id) "
          + "NOT VALID;\n", "", "", false
      ),
      (
        "ALTER TABLE ONLY public.t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u(id); SELECT 1;",
        "",
        "", false
      ),
    ])
  func foreignKey(_ sql: String, _ table: String, _ name: String, _ isTwoSteps: Bool) throws {
    var entry = entry(1, "FK CONSTRAINT", .postData)
    entry.definition = sql
    guard isTwoSteps else {
      #expect(ForeignKey(entry) == nil)
      return
    }
    let key = try #require(ForeignKey(entry))
    #expect(key.table == table)
    #expect(key.creation.hasSuffix(sql.dropLast(2) + " NOT VALID;"))
    #expect(key.validation == "ALTER TABLE ONLY \(table) VALIDATE CONSTRAINT \(name)")
    entry.kind = "CHECK CONSTRAINT"
    #expect(ForeignKey(entry) == nil)
  }

  @Test("memory for index builds stays within what the server was given")
  func memory() {
    var memory = MaintenanceMemory(sessions: 2, current: 65_536, sharedBuffers: 131_072)
    #expect(memory.perSession == 65_536)
    memory.sessions = 1
    #expect(memory.perSession == 131_072)
    memory.cacheSize = 8 << 20
    memory.sessions = 4
    #expect(memory.perSession == 262_144)
    memory.available = 64 << 20
    memory.sessions = 2
    #expect(memory.perSession == 1 << 20)
    memory.current = 4 << 20
    #expect(memory.perSession == 4 << 20)
  }

  @Test("a B-tree that has to be sorted on disk gets the least memory with which one merge will do")
  func sorting() {
    var memory = MaintenanceMemory(
      sessions: 2, current: 65_536, sharedBuffers: 131_072, available: 64 << 20, workers: 2)
    let (megabyte, terabyte): (Int64, Int64) = (1 << 20, 1 << 40)
    #expect(memory.toSort(tableBytes: 32 * megabyte, isAlone: false) == nil)
    #expect(memory.toSort(tableBytes: 300 * megabyte, isAlone: false) == 16_384)
    #expect(memory.toSort(tableBytes: 300 * megabyte, isAlone: true) == 98_304)
    #expect(memory.toSort(tableBytes: terabyte / 8, isAlone: false) == 536_870)
    #expect(memory.toSort(tableBytes: 8 * terabyte, isAlone: false) == 1 << 20)
    memory.workers = 1024
    #expect(memory.toSort(tableBytes: 300 * megabyte, isAlone: true) == 1 << 20)
    memory.available = nil
    #expect(memory.toSort(tableBytes: terabyte, isAlone: false) == 65_536)
    memory.isWritingLimited = true
    #expect(memory.toSort(tableBytes: 300 * megabyte, isAlone: false) == nil)
  }

  @Test("any schedule ends, whatever the dependencies, circles among them")
  func circles() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let entries = (1...20).map { id in
        entry(
          id, ["TABLE DATA", "INDEX", "CONSTRAINT", "TRIGGER"].randomElement() ?? "INDEX",
          .postData, after: (0..<3).map { _ in Int.random(in: 1...24, using: &random) })
      }
      var schedule = RestoreSchedule(entries, tables: [1, 2, 3], weights: [:])
      var (running, done): ([ArchiveEntry], Set<Int>) = ([], [])
      while !schedule.isDone {
        while running.count < 3, let next = schedule.next() { running.append(next) }
        guard let first = running.first else {
          Issue.record("nothing runs and nothing can begin")
          return
        }
        schedule.finish(first)
        done.insert(first.dumpID)
        running.removeFirst()
      }
      #expect(done.count == 20)
    }
  }

  @Test("a database's statements get the name of the one to make, and nothing else changes")
  func renaming() {
    let cases: [(String, String)] = [
      (
        "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8';\n",
        "CREATE DATABASE \"New one\" WITH TEMPLATE = template0 ENCODING = 'UTF8';\n"
      ),
      (
        "ALTER DATABASE \"sh\"\"op\" SET \"database\" TO 'DATABASE shop';",
        "ALTER DATABASE \"New one\" SET \"database\" TO 'DATABASE shop';"
      ),
      (
        "REVOKE ALL ON DATABASE shop FROM PUBLIC;\nGRANT CONNECT ON DATABASE shop TO a;\n",
        "REVOKE ALL ON DATABASE \"New one\" FROM PUBLIC;\n"
          + "GRANT CONNECT ON DATABASE \"New one\" TO a;\n"
      ),
      (
        "-- DATABASE x\nCOMMENT ON DATABASE shop IS $$DATABASE shop$$ /* DATABASE shop */;",
        "-- DATABASE x\nCOMMENT ON DATABASE \"New one\" IS $$DATABASE shop$$ /* DATABASE shop */;"
      ),
      (
        "ALTER ROLE a IN DATABASE shop SET x TO E'it\\'s DATABASE shop';",
        "ALTER ROLE a IN DATABASE \"New one\" SET x TO E'it\\'s DATABASE shop';"
      ),
    ]
    for (before, after) in cases {
      #expect(DatabaseStatements.renaming(before, to: "New one") == after)
    }
  }

  @Test("roles are found where rights, policies and settings name them")
  func roles() {
    func roles(_ kind: String, _ sql: String) -> Set<String> {
      RoleNames.needed(
        by: [
          ArchiveEntry(dumpID: 1, kind: kind, section: .none, tag: "x", definition: sql)
        ], owners: true)
    }
    #expect(
      roles(
        "ACL",
        #"""
        REVOKE ALL ON TABLE public.t FROM "Odd ""role""";
        SET SESSION AUTHORIZATION grantor;
        GRANT SELECT("to"),UPDATE(a) ON TABLE public.t TO reader, PUBLIC WITH GRANT OPTION;
        RESET SESSION AUTHORIZATION;
        """#) == ["Odd \"role\"", "grantor", "reader"])
    #expect(
      roles(
        "DEFAULT ACL",
        "ALTER DEFAULT PRIVILEGES FOR ROLE boss IN SCHEMA s GRANT SELECT ON TABLES TO r;")
        == ["boss", "r"])
    #expect(
      roles("POLICY", "CREATE POLICY p ON s.t FOR SELECT TO a, b USING ((x FROM 'y' TO z));")
        == ["a", "b"])
    #expect(roles("POLICY", "CREATE POLICY p ON s.t USING (true);") == [])
    #expect(
      roles(
        "DATABASE PROPERTIES",
        "ALTER DATABASE d SET search_path TO one, two;\nALTER ROLE r IN DATABASE d SET x TO y;")
        == ["r"])
    #expect(
      roles(
        "USER MAPPING",
        #"CREATE USER MAPPING FOR "sample reader" SERVER s OPTIONS ("for" 'x', password 'for y');"#)
        == ["sample reader"])
    #expect(roles("USER MAPPING", "CREATE USER MAPPING FOR PUBLIC SERVER s;") == [])
    #expect(roles("FUNCTION", "SELECT 'GRANT x TO y'") == [])
  }

  @Test("owners are given in the words of each kind")
  func owners() {
    func text(_ kind: String, _ tag: String, drop: String = "DROP x;\n") -> String? {
      OwnerStatement.text(
        for: ArchiveEntry(
          dumpID: 1, kind: kind, section: .preData, tag: tag,
          namespace: kind == "SCHEMA" ? nil : "s", owner: "me", dropStatement: drop),
        role: "The owner")
    }
    #expect(text("TABLE", "Größe") == "ALTER TABLE s.\"Größe\" OWNER TO \"The owner\";")
    #expect(text("SCHEMA", "s") == "ALTER SCHEMA s OWNER TO \"The owner\";")
    #expect(
      text("FUNCTION", "f(integer)", drop: "DROP FUNCTION s.f(x integer);\n")
        == "ALTER FUNCTION s.f(x integer) OWNER TO \"The owner\";")
    #expect(text("INDEX", "i") == nil)
    #expect(text("TABLE", "t", drop: "") == nil)
  }

  @Test("a staging name fits, differs by target and says what it is")
  func stagingNames() {
    let names = ["shop", String(repeating: "ö", count: 31), "x", "Shop"].map {
      StagingDatabase.name(for: $0)
    }
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.utf8.count <= 63 && $0.contains("__omcops_restoring_") })
  }
}
