internal import CPostgres

extension Connection {
  /// What `ALTER ROLE ... PASSWORD` takes in the place of a password: a SCRAM verifier, made here, so
  /// that no log of the server ever holds the password itself.
  ///
  /// - Throws: `PostgresError` where the password cannot be used, as one with a NUL in it.
  public func passwordVerifier(for role: String, password: String) throws -> String {
    try uninterrupted { session in
      guard !password.isEmpty, !password.utf8.contains(0) else {
        throw PostgresError(.misuse, "an empty password, or one with a NUL in it, cannot be used")
      }
      // The algorithm is named: libpq would ask the server, whose default may be MD5 still.
      guard
        let verifier = PQencryptPasswordConn(session.raw, password, role, "scram-sha-256")
      else { throw session.failure() }
      defer { PQfreemem(verifier) }
      return String(cString: verifier)
    }
  }

  /// Whether the server asked for a password when this session began. Where it did not, that a session
  /// began says nothing of the password.
  public var usedPassword: Bool {
    get throws { try uninterrupted { PQconnectionUsedPassword($0.raw) == 1 } }
  }
}
