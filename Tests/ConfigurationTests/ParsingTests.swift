import Configuration
import Diagnostics
import Testing

@Suite struct ParsingTests {
  /// Reads a file that stands in `/etc/omcops`.
  private func parse(_ text: String) throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "/etc/omcops/omcops.yaml", home: "/home/op")
  }

  /// What is wrong with a text: the message and everything below it.
  private func complaint(_ text: String) throws -> String {
    do {
      _ = try parse(text)
      Issue.record("nothing is wrong with it")
      return ""
    } catch let failure as any Failure {
      #expect(failure.status == .usage)
      return ([failure.message] + failure.details + [failure.hint ?? ""]).joined(separator: "\n")
    }
  }

  @Test("a whole file; paths are seen from its folder, the home folder is ~")
  func wholeFile() throws {
    let configuration = try parse(
      """
      default-environment: staging
      runbooks: ../runbooks
      tools: { psql: ~/bin/psql }
      environments:
        staging:
          database: { from-env: STAGING_URL }
          backups: { path: backups }
        production:
          protected: true
          database:
            host: db.internal
            port: 5433
            name: app
            password: { from-file: secrets/password }
            owner: app_owner
          api: { url: https://api.example.org }
      """)
    #expect(configuration.file == "/etc/omcops/omcops.yaml")
    #expect(configuration.defaultEnvironment?.value == "staging")
    #expect(configuration.runbooks?.value == "/etc/runbooks")
    #expect(configuration.tools["psql"]?.value == "/home/op/bin/psql")
    #expect(Array(configuration.environments.keys) == ["staging", "production"])
    let staging = try #require(configuration.environments["staging"])
    #expect(staging.database.url?.value == .variable("STAGING_URL"))
    #expect(staging.backups?.value == "/etc/omcops/backups")
    #expect(staging.isProtected == nil)
    let production = try #require(configuration.environments["production"])
    #expect(production.isProtected?.value == true)
    #expect(Array(production.database.parameters.keys) == ["host", "port", "dbname", "password"])
    #expect(production.database.parameters["port"]?.value == .literal("5433"))
    #expect(
      production.database.parameters["password"]?.value == .file("/etc/omcops/secrets/password"))
    #expect(production.database.owner?.value == .literal("app_owner"))
    #expect(production.api?.value == .literal("https://api.example.org"))
    #expect(configuration.warnings.isEmpty)
  }

  @Test("the project of revisions: paths from the file's folder, values as text")
  func alembic() throws {
    let configuration = try parse(
      """
      alembic:
        config: ../db/alembic.ini
        script-location: app.db:migrations
        transaction-per-migration: true
        naming-convention: {}
        x: { tenant: blue, shard: 7 }
        accept: [search-path]
      """)
    let alembic = try #require(configuration.alembic)
    #expect(alembic.config?.value == "/etc/db/alembic.ini")
    #expect(alembic.scriptLocation?.value == "app.db:migrations")
    #expect(alembic.isTransactionPerMigration?.value == true)
    #expect(alembic.namingConvention?.value.isEmpty == true && alembic.section == nil)
    #expect(alembic.arguments.map { "\($0.key)=\($0.value.value)" } == ["tenant=blue", "shard=7"])
    #expect(alembic.accepted.map(\.value) == ["search-path"])
    #expect(
      try parse("alembic: { naming-convention: { pk: 'p_%(table_name)s' } }").alembic?
        .namingConvention?.value == ["pk": "p_%(table_name)s"])
  }

  @Test(
    "what the section alembic cannot say",
    arguments: [
      ("confg: a.ini", "did you mean \"config\"?"),
      ("accept: [serch-path]", "did you mean \"search-path\"?"),
      ("naming-convention: { fx: a }", "\"fx\""), ("x: { a: [1] }", "\"a\" must be text"),
      ("version-table: ''", "is empty"),
    ])
  func alembicProblems(_ line: String, _ reason: String) throws {
    let complaint = try complaint("alembic:\n  \(line)\n")
    #expect(complaint.contains(reason), "\(complaint)")
    #expect(complaint.contains("/etc/omcops/omcops.yaml:2:"), "\(complaint)")
  }

  @Test("an empty file is an empty configuration")
  func emptyFile() throws {
    #expect(try parse("# nothing yet\n").environments.isEmpty)
  }

  @Test("an unknown key is an error with its place and what was meant")
  func unknownKey() throws {
    let complaint = try complaint(
      """
      environments:
        staging:
          datbase: { url: postgres://db/app }
      """)
    #expect(complaint.contains("/etc/omcops/omcops.yaml:3:5"))
    #expect(complaint.contains("datbase"))
    #expect(complaint.contains("did you mean \"database\"?"))
  }

  @Test("every problem of a file is named at once, in the order of its lines")
  func allProblems() throws {
    let complaint = try complaint(
      """
      default-environment: stagign
      environments:
        staging:
          protected: perhaps
          database: { host: db, prot: 1 }
          backup: { path: b }
      """)
    let places = ["omcops.yaml:1:", "omcops.yaml:4:", "omcops.yaml:5:", "omcops.yaml:6:"]
    let positions = places.map { complaint.range(of: $0) }
    #expect(positions.allSatisfy { $0 != nil }, "\(complaint)")
    #expect(positions.compactMap { $0 } == positions.compactMap { $0 }.sorted())
    #expect(complaint.contains("did you mean \"staging\"?"))
    #expect(complaint.contains("did you mean \"port\"?"))
    #expect(complaint.contains("did you mean \"backups\"?"))
  }

  @Test(
    "what contradicts itself is refused",
    arguments: [
      ("database: { url: postgres://a/b, from-env: X }", "only one can be meant"),
      ("database: { from-env: X, from-file: y }", "only one can be meant"),
      ("database: { url: postgres://a/b, host: c }", "cannot stand beside a whole address"),
      ("database: { host: a, port: 70000 }", "is not a port"),
      ("database: { host: { from-kubernetes: secret/a/b } }", "but no cluster"),
      (
        "{ kubernetes: { }, database: { from-kubernetes: pod/a/b } }",
        "\"pod/a/b\" names no value of a cluster"
      ),
      (
        "{ kubernetes: { }, database: { from-env: A, from-kubernetes: secret/a/b } }",
        "from-env and from-kubernetes stand side by side"
      ),
      ("database: { host: db, tunnel: auto }", "no cluster that it could lead through"),
      ("database: { host: db, tunnel: ssh }", "\"tunnel\" is \"ssh\""),
      ("{ kubernetes: { }, database: { relay: { image: i } } }", "no tunnel that could use it"),
      (
        "{ kubernetes: { }, database: { tunnel: auto, relay: { component: c, image: i } } }",
        "nothing else can be said of it"
      ),
      (
        "{ kubernetes: { }, database: { tunnel: auto, relay: { lifetime: 5s } } }",
        "is no lifetime of a relay pod"
      ),
      ("database: { password: { } }", "none of from-env, from-file and from-kubernetes"),
      ("backups: { }", "path"),
      ("api: { }", "url"),
    ])
  func contradictions(_ line: String, _ reason: String) throws {
    let complaint = try complaint("environments:\n  e:\n    \(line)\n")
    #expect(complaint.contains(reason), "\(complaint)")
    #expect(complaint.contains("/etc/omcops/omcops.yaml:3:"), "\(complaint)")
  }

  @Test("names of environments are what a command line takes", arguments: ["Prod", "a b", "-x"])
  func names(_ name: String) throws {
    let complaint = try complaint("environments:\n  \"\(name)\":\n    protected: true\n")
    #expect(complaint.contains("cannot be the name of an environment"))
  }
}

extension String {
  /// Where a text begins, counted in characters; nil when it is not there.
  fileprivate func range(of text: String) -> Int? {
    var offset = 0
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) { return offset }
      rest.removeFirst()
      offset += 1
    }
    return nil
  }
}
