import Configuration
import Diagnostics
import Testing

@Suite struct ResolutionTests {
  private let text = """
    default-environment: staging
    environments:
      staging:
        database: { from-env: STAGING_URL }
        backups: { path: backups }
      production:
        protected: true
        database: { host: db.internal, name: app, password: { from-env: PW }, owner: boss }
        backups: { path: /var/backups }
    """

  private func configuration() throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "/c/omcops.yaml", home: nil)
  }

  private func resolve(
    environment: String? = nil, url: String? = nil, _ variables: [String: String]
  ) throws -> ResolvedEnvironment {
    try configuration().resolve(
      Selection(environment: environment, url: url), variables: variables)
  }

  private func refusal(
    environment: String? = nil, _ variables: [String: String]
  ) throws -> ConfigurationError {
    try #require(throws: ConfigurationError.self) {
      try resolve(environment: environment, variables)
    }
  }

  @Test("the default environment of the file counts where nobody says anything")
  func defaultEnvironment() throws {
    let found = try resolve(["STAGING_URL": "postgres://db/app"])
    #expect(found.name?.value == "staging")
    #expect(found.name?.origin.description == "/c/omcops.yaml:1:22")
    #expect(found.url?.value == "postgres://db/app")
    #expect(found.url?.origin == .variable("STAGING_URL"))
    #expect(found.backups?.value == "/c/backups")
    #expect(found.isProtected.value == false)
    #expect(found.isProtected.origin == .builtIn)
  }

  @Test("flags stand above OMCOPS_*, those above PG*, those above the file")
  func precedence() throws {
    let all = [
      "OMCOPS_URL": "postgres://var/app", "OMCOPS_ENVIRONMENT": "production", "PW": "x",
      "PGHOST": "pg", "STAGING_URL": "postgres://db/app",
    ]
    let byURL = try resolve(url: "postgres://flag/app", all)
    #expect(byURL.url?.value == "postgres://flag/app")
    #expect(byURL.url?.origin == .flag("--url"))
    #expect(byURL.name == nil)
    let byName = try resolve(environment: "staging", all)
    #expect(byName.name?.origin == .flag("--environment"))
    #expect(byName.url?.value == "postgres://db/app")
    let byVariable = try resolve(all)
    #expect(byVariable.name?.value == "production")
    #expect(byVariable.url?.value == "postgres://var/app")
    #expect(byVariable.parameters.isEmpty)
    let byEnvironment = try resolve(all.filter { $0.key != "OMCOPS_URL" })
    #expect(byEnvironment.name?.origin == .variable("OMCOPS_ENVIRONMENT"))
    #expect(byEnvironment.parameters["host"]?.value == "db.internal")
    let byLibpq = try resolve(["PGHOST": "pg", "STAGING_URL": "postgres://db/app"])
    #expect(byLibpq.name == nil)
    #expect(byLibpq.url == nil)
    let unset = try resolve(["PGHOST": "", "STAGING_URL": "postgres://db/app"])
    #expect(unset.name?.value == "staging")
  }

  @Test("a URL beside an environment replaces the address, and nothing of the protection")
  func addressOfAnEnvironment() throws {
    let found = try resolve(environment: "production", url: "postgres://other/app", [:])
    #expect(found.url?.value == "postgres://other/app")
    #expect(found.parameters.isEmpty)
    #expect(found.isProtected.value)
    #expect(found.isProtected.origin.description.hasPrefix("/c/omcops.yaml:7:"))
    #expect(found.owner?.value == "boss")
  }

  @Test("OMCOPS_BACKUPS replaces the environment's store")
  func backups() throws {
    let found = try resolve(environment: "production", ["PW": "x", "OMCOPS_BACKUPS": "/b"])
    #expect(found.backups?.value == "/b")
    #expect(found.backups?.origin == .variable("OMCOPS_BACKUPS"))
  }

  @Test("what is not there is named with its place")
  func missing() throws {
    let variable = try refusal(environment: "production", [:])
    #expect(variable.message.hasPrefix("/c/omcops.yaml:8:"))
    #expect(variable.message.contains("PW"))
    #expect(variable.hint == "export PW first")
    let name = try refusal(environment: "prodution", [:])
    #expect(name.message.contains("did you mean \"production\"?"))
    #expect(name.hint == "it has staging, production")
    #expect(name.status == .usage)
  }

  @Test("the only environment needs no name")
  func onlyOne() throws {
    let configuration = try Configuration(
      parsing: Array("environments: { one: { database: { host: h } } }".utf8), file: "/c/o.yaml",
      home: nil)
    #expect(try configuration.resolve(Selection(), variables: [:]).name?.value == "one")
  }

  private let clustered = """
    environments:
      staging:
        kubernetes: { context: c }
        database:
          host: { from-kubernetes: configmap/app/POSTGRES_SERVER }
          password: { from-kubernetes: secret/app/POSTGRES_PASSWORD }
          user: { from-env: DB_USER }
    """

  @Test("values of a cluster are left out and listed until they are given")
  func cluster() throws {
    let configuration = try Configuration(
      parsing: Array(clustered.utf8), file: "/c/omcops.yaml", home: nil)
    let open = try configuration.resolve(Selection(), variables: ["DB_USER": "u"])
    #expect(open.parameters.keys.sorted() == ["user"])
    #expect(
      open.unread.map { "\($0.location) \($0.value)" } == [
        "/c/omcops.yaml:5:13 configmap/app/POSTGRES_SERVER",
        "/c/omcops.yaml:6:17 secret/app/POSTGRES_PASSWORD",
      ])
    let values = Dictionary(uniqueKeysWithValues: open.unread.map { ($0.value, "v") })
    let found = try configuration.resolve(
      Selection(), variables: ["DB_USER": "u"], values: values)
    #expect(found.unread.isEmpty)
    #expect(found.tunnel.value == .auto)
    #expect(found.parameters["host"]?.value == "v")
    #expect(found.parameters["host"]?.origin.description == "configmap/app/POSTGRES_SERVER")
    // A URL on the command line leaves nothing to be asked.
    #expect(
      try configuration.resolve(Selection(environment: "staging", url: "u"), variables: [:]).unread
        .isEmpty)
    #expect(
      try configuration.resolve(Selection(environment: "staging", url: "u"), variables: [:]).tunnel
        .value == .none)
  }

  @Test("which database an environment has can be told without its password")
  func addresses() throws {
    let addresses = try configuration().addresses
    let found = try addresses.resolve(Selection(environment: "production"), variables: [:])
    #expect(found.parameters.keys.sorted() == ["dbname", "host"])
    #expect(throws: ConfigurationError.self) {
      try addresses.resolve(Selection(environment: "staging"), variables: [:])
    }
  }
}
