import Glibc
import Postgres
import SystemPackage
import Testing

/// What a detour changes, and what it leaves as it is.
@Suite struct DetourTests {
  private func settings(_ more: [String: String] = [:]) -> ConnectionSettings {
    var settings = ConnectionSettings(
      parameters: ["host": "db.shop", "port": "5433", "user": "ada", "dbname": "app"].merging(more)
      {
        $1
      })
    settings.detour = Detour(port: 40_000)
    return settings
  }

  @Test("libpq gets the address, everybody else the server's own name")
  func dialled() {
    let settings = settings(["password": "p w"])
    #expect(settings.redacted == "postgres://ada@db.shop:5433/app")
    #expect(settings.dialled["host"] == "db.shop")
    #expect(settings.dialled["hostaddr"] == "127.0.0.1")
    #expect(settings.dialled["port"] == "40000")
    #expect(settings.environment["PGHOSTADDR"] == "127.0.0.1")
    #expect(settings.environment["PGPORT"] == "40000")
    #expect(settings.dialledURL == "postgresql://ada:p%20w@127.0.0.1:40000/app")
    #expect(
      self.settings(["sslmode": "verify-full"]).dialledURL
        == "postgresql://ada@db.shop:40000/app?hostaddr=127.0.0.1&sslmode=verify-full")
    #expect(settings.with(database: "other").detour == settings.detour)
  }

  @Test(
    "the password file is read as libpq reads it, by the server's own port",
    arguments: [
      ("db.shop:5433:app:ada:secret", "secret"), ("*:*:*:*:any", "any"),
      ("# db.shop:5433:app:ada:no\ndb.shop:5433:app:eve:no\ndb.shop:*:app:ada:yes", "yes"),
      ("db.shop:40000:app:ada:no", nil), ("db.shop:5433:app:ada:a\\:b\\\\c\r", "a:b\\c"),
      ("\\*:5433:app:ada:no", nil), ("db.shop:5433:app", nil), ("", nil),
    ])
  func passwordFile(_ text: String, _ password: String?) throws {
    let path = FilePath("/tmp/omcops-pgpass-\(getpid())-\(UInt32.random(in: .min ... .max))")
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite)
    defer { unlink(path.string) }
    _ = try file.closeAfter { try file.writeAll((text + "\n").utf8) }
    let settings = settings(["passfile": path.string])
    #expect(settings.dialled["password"] == password)
    // What others may read is passed over.
    #expect(chmod(path.string, 0o644) == 0)
    #expect(settings.dialled["password"] == nil)
  }
}
