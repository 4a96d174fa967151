internal import Diagnostics
public import Postgres

/// A role that a service logs in as, one of several that stand for one group role and take turns.
///
/// Each is a member of the group and becomes it when a session begins (`ALTER ROLE ... SET role`), so
/// that all of them own, see and may the same, and what one makes is the others' too.
public struct LoginRole: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Whether it may log in.
  public var canLogin: Bool
  /// Whether it has a password; nil where we may not know.
  public var hasPassword: Bool?
  /// The roles that it is a member of, sorted.
  public var memberOf: [String]
  /// The role that its sessions become.
  public var becomes: String?
  /// Its sessions of now, on the whole server.
  public var sessions: Int

  /// Reads a role; nil where there is none.
  public static func find(
    _ name: String, over connection: Connection
  ) async throws -> LoginRole? {
    let rows = try await connection.query(
      """
      SELECT r.rolcanlogin,
        ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = r.oid
          ORDER BY 1) AS member_of,
        (SELECT substr(word, 6) FROM unnest(r.rolconfig) AS word
          WHERE starts_with(word, 'role=')) AS becomes,
        (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid
          AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS sessions,
        has_table_privilege('pg_authid', 'SELECT') AS may_know
      FROM pg_roles r WHERE r.rolname = $1
      """, [SQLValue(name)]
    ).rows
    guard let row = rows.first else { return nil }
    var hasPassword: Bool?
    if try row.decode("may_know") {
      hasPassword = try await connection.query(
        "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = $1", [SQLValue(name)]
      ).single()
    }
    return LoginRole(
      name: name, canLogin: try row.decode("rolcanlogin"), hasPassword: hasPassword,
      memberOf: try row.decode("member_of", as: [String?].self).compactMap { $0 },
      becomes: row["becomes"], sessions: try row.decode("sessions"))
  }
}

/// What shall become of a login role. Every part but the name may be left as it is.
public struct LoginRoleChange: Sendable {
  /// The role; it is made where there is none.
  public var name: String
  /// Whether it may log in.
  public var canLogin: Bool?
  /// Its password, which reaches the server as a verifier only.
  public var password: String?
  /// The group that it belongs to and whose name its sessions take.
  public var group: String?

  /// Wishes for nothing yet.
  public init(_ name: String) { self.name = name }

  /// Makes the change in one transaction.
  public func run(over connection: Connection) async throws {
    if let group, group == name {
      throw DBError(.invalidRequest, "role \"\(name)\" cannot be a member of itself")
    }
    var verifier: String?
    if let password {
      verifier = try await connection.passwordVerifier(for: name, password: password)
    }
    let secret = verifier
    let role = quoteIdentifier(name)
    try await connection.transaction { connection in
      try await connection.execute("SET LOCAL lock_timeout = '5s'")
      if try await LoginRole.find(name, over: connection) == nil {
        try await connection.execute("CREATE ROLE \(role) NOLOGIN")
      }
      if let group {
        try await connection.execute(
          "GRANT \(quoteIdentifier(group)) TO \(role); "
            + "ALTER ROLE \(role) SET role = \(quoteLiteral(group))")
      }
      if let secret {
        try await connection.execute("ALTER ROLE \(role) PASSWORD \(quoteLiteral(secret))")
      }
      if let canLogin {
        try await connection.execute("ALTER ROLE \(role) \(canLogin ? "LOGIN" : "NOLOGIN")")
      }
    }
  }

  /// Whether the role is as it is wished for, as far as can be seen: of a password only that it is there.
  public func holds(of role: LoginRole?) -> Bool {
    guard let role else { return false }
    if let canLogin, role.canLogin != canLogin { return false }
    if let group, role.becomes != group || !role.memberOf.contains(group) { return false }
    return password == nil || role.hasPassword != false
  }
}
