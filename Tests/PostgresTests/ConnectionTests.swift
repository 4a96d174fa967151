import Postgres
import TestServer
import Testing

@Suite struct ConnectionTests {
  @Test func aQueryGivesTypedValues() async throws {
    try await TestServer.withConnection { connection in
      let result = try await connection.query("SELECT 1 AS n, 'x' AS t, NULL::int AS nothing")
      #expect(try result.rows[0].decode("n", as: Int.self) == 1)
      #expect(result.rows[0]["t"] == "x")
      #expect(try result.rows[0].decode("nothing", as: Int?.self) == nil)
    }
  }
}
