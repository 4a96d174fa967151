import Diagnostics
import Postgres
import Testing

@Suite struct SettingsTests {
  @Test func aURLIsReadAsLibpqReadsIt() throws {
    let settings = try ConnectionSettings(
      url: "postgresql://shop%40x:s%2Fcret@db1:6543/coins?sslmode=require&application_name=a")
    #expect(settings["user"] == "shop@x")
    #expect(settings["password"] == "s/cret")
    #expect(settings["host"] == "db1")
    #expect(settings["port"] == "6543")
    #expect(settings["dbname"] == "coins")
    #expect(settings["sslmode"] == "require")
    #expect(settings.secrets == ["s/cret"])
  }

  @Test func pairsAndBareNamesAreTakenToo() throws {
    let pairs = try ConnectionSettings(url: "host=/run/pg dbname='my db' password=x")
    #expect(pairs["dbname"] == "my db")
    #expect(try ConnectionSettings(url: "coins")["dbname"] == "coins")
  }

  @Test func nothingPrintsThePassword() throws {
    let settings = try ConnectionSettings(url: "postgres://u:hunter2@h/d")
    var dumped = ""
    dump(settings, to: &dumped)
    for text in ["\(settings)", settings.redacted, String(reflecting: settings), dumped] {
      #expect(!text.contains("hunter2"))
      #expect(text.contains("postgres://u@h/d"))
    }
  }

  @Test(arguments: [
    "postgres://u:hunter2@[::1/d", "postgres://u:hunter2%zz@h/d", "password=hunter2 oops",
    "password='hunter2", "postgres://u:hunter2@h/d?nosuch=hunter2", "pg:hunter2", "http://h/d",
    "", "host=h hunter2=x",
  ])
  func aMalformedURLIsWrongInputAndNotRepeated(_ url: String) throws {
    let error = try #require(
      #expect(throws: PostgresError.self) { try ConnectionSettings(url: url) })
    #expect(error.status == .usage)
    #expect(!error.message.contains("hunter2"))
  }

  @Test func overridesReplaceValues() throws {
    let settings = try ConnectionSettings(url: "postgres://u@h/d").with(database: "e")
      .with(["port": "1"])
    #expect(settings.redacted == "postgres://u@h:1/e")
    #expect(
      ConnectionSettings(parameters: ["host": "/s", "port": "5", "dbname": "d", "user": "u"])
        .redacted == "postgres://u@/d?host=/s&port=5")
  }
}
