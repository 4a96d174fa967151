internal import Postgres

/// A database that a proof makes on a server of somebody else's, under a name that says what it is.
///
/// A session in the maintenance database holds an advisory lock on the name for as long as the proof
/// lasts. The server lets that go however the process ends, which is how what a killed proof left is
/// told from what another one works on.
struct ProofDatabase: Sendable {
  let name: String
  private let server: DatabaseServer
  private let holder: Connection

  private static let prefix = "omcops_verify_"

  /// Chooses a name, which is locked, and removes what killed proofs left.
  static func claim(on server: DatabaseServer) async throws -> ProofDatabase {
    let holder = try await server.openMaintenance()
    let name = prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    let database = ProofDatabase(name: name, server: server, holder: holder)
    do {
      guard try await database.lock(name) else {
        throw DBError(.locked, "another proof has the name \(name)", hint: "try again")
      }
      try await database.sweep()
      return database
    } catch {
      await holder.close()
      throw error
    }
  }

  private func lock(_ name: String) async throws -> Bool {
    try await holder.query(
      "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0))",
      [SQLValue(name)]
    ).single(as: Bool.self)
  }

  private func sweep() async throws {
    let rows = try await holder.query(
      """
      SELECT datname FROM pg_catalog.pg_database
      WHERE datname ~ $1 AND pg_catalog.pg_has_role(datdba, 'USAGE')
      """, [SQLValue("^\(ProofDatabase.prefix)[0-9a-z]+$")]
    ).rows
    for row in rows {
      guard let other = row[0], try await lock(other) else { continue }
      try await ScratchDatabase.drop(quoteIdentifier(other), on: server)
      try await holder.query(
        "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended($1, 0))",
        [SQLValue(other)])
    }
  }

  /// Drops the database, if it has come to be, and lets the name go.
  func remove() async throws {
    do {
      try await ScratchDatabase.drop(quoteIdentifier(name), on: server)
      await holder.close()
    } catch {
      await holder.close()
      throw error
    }
  }
}
