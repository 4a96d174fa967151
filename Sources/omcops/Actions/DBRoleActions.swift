internal import DBOps
internal import OrderedCollections
internal import Postgres
internal import Runbooks

/// `db.role`: makes or changes a role that a service logs in as. Its password is read from a Secret, made
/// into a verifier here, and reaches the server as that alone.
struct DBRoleAction: Action {
  let target: RunTarget
  let cluster: RunCluster

  let name = "db.role"
  let effect = Effect.write
  let parameters = [
    ActionParameter("role", .string, isRequired: true), ActionParameter("login", .bool),
    ActionParameter("password-from", .string), ActionParameter("group", .string),
    KubeParameters.namespace,
  ]
  static let state: [String: Shape] = [
    "exists": .bool, "login": .bool, "member-of": .array(.string), "becomes": .optional(.string),
    "sessions": .number,
  ]
  let result = Shape.object(["before": .any, "after": .object(DBRoleAction.state)])

  func observe(_ call: ActionCall) async throws -> Value {
    let role = try role(call)
    return try await withConnection(call) { connection in
      DBRoleAction.value(try await LoginRole.find(role, over: connection))
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let change = try await change(call)
    return try await withConnection(call, writes: true) { connection in
      try await change.run(over: connection)
      let after = try await LoginRole.find(change.name, over: connection)
      return ActionOutcome(
        result: ["before": call.before, "after": DBRoleAction.value(after)])
    }
  }

  /// A password cannot be read back: whether it is the one of the Secret is asked by logging in, which is
  /// an answer only where the server asks for one.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let change = try await change(call)
    let role = try await withConnection(call) { connection in
      try await LoginRole.find(change.name, over: connection)
    }
    guard change.holds(of: role) else { return .absent }
    if let password = change.password {
      let login = ServiceLogin(user: change.name, password: password)
      guard try await login.isAccepted(by: try target.server(for: call)) else { return .absent }
    }
    return .there(["before": call.before, "after": DBRoleAction.value(role)])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let role = quoteIdentifier(with["role"]?.text ?? "ROLE")
    var parts: [String] = []
    if let login = with["login"]?.bool { parts.append(login ? "LOGIN" : "NOLOGIN") }
    // A password is nothing to paste: psql asks for it, and sends a verifier.
    let asks = with["password-from"] == nil ? "" : "  # and in psql: \\password \(role)"
    var sql = parts.isEmpty ? "" : "ALTER ROLE \(role) \(parts.joined(separator: " "))"
    if let group = with["group"]?.text {
      sql =
        "GRANT \(quoteIdentifier(group)) TO \(role); ALTER ROLE \(role) SET role = "
        + quoteLiteral(group) + (sql.isEmpty ? "" : "; " + sql)
    }
    return sql.isEmpty
      ? "psql\(asks)" : "omcops db query --write -c \(shellQuoted(sql))\(asks)"
  }

  private func role(_ call: ActionCall) throws -> String {
    guard let role = call.with["role"]?.string, !role.isEmpty else {
      throw ActionError(.other, "role is empty")
    }
    return role
  }

  private func change(_ call: ActionCall) async throws -> LoginRoleChange {
    var change = LoginRoleChange(try role(call))
    change.canLogin = call.with["login"]?.bool
    change.group = call.with["group"]?.string
    if let place = call.with["password-from"]?.string {
      change.password = try await kubeErrors {
        try await SecretKey(place, in: try cluster.session(for: call), field: "password-from")
          .text()
      }
    }
    return change
  }

  private func withConnection<Result: Sendable>(
    _ call: ActionCall, writes: Bool = false, _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    let server = try target.server(for: call)
    return try await actionErrors(writes: writes) { try await server.withConnection(body) }
  }

  static func value(_ role: LoginRole?) -> Value {
    [
      "exists": .bool(role != nil), "login": .bool(role?.canLogin ?? false),
      "member-of": .array((role?.memberOf ?? []).map { .string($0) }),
      "becomes": Value(role?.becomes), "sessions": .int(Int64(role?.sessions ?? 0)),
    ]
  }
}

/// `db.login`: whether what a Secret says is what the server takes; and who that is there.
struct DBLoginAction: Action {
  let target: RunTarget
  let cluster: RunCluster

  let name = "db.login"
  let effect = Effect.read
  let parameters = [
    ActionParameter("user", .string), ActionParameter("user-from", .string),
    ActionParameter("password-from", .string, isRequired: true),
    ActionParameter("database", .string), KubeParameters.namespace,
  ]
  let result = Shape.object([
    "user": .string, "accepted": .bool, "password-asked": .bool, "acts-as": .optional(.string),
    "superuser": .optional(.bool),
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let login = try await login(call)
    let server = try target.server(for: call)
    return try await actionErrors {
      guard let who = try await login.who(on: server) else {
        return ActionOutcome(result: [
          "user": .string(login.user), "accepted": false, "password-asked": true,
          "acts-as": nil, "superuser": nil,
        ])
      }
      return ActionOutcome(result: [
        "user": .string(login.user), "accepted": true,
        "password-asked": .bool(who.usedPassword), "acts-as": .string(who.role),
        "superuser": .bool(who.isSuperuser),
      ])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let user = with["user"]?.text ?? with["user-from"]?.text ?? "USER"
    return
      "omcops db connect  # as \(user), with the password of \(with["password-from"]?.text ?? "")"
  }

  private func login(_ call: ActionCall) async throws -> ServiceLogin {
    guard (call.with["user"] != nil) != (call.with["user-from"] != nil) else {
      throw ActionError(.other, "db.login needs user or user-from: who logs in")
    }
    return try await kubeErrors {
      let session = try cluster.session(for: call)
      func text(_ field: String) async throws -> String {
        let place = call.with[field]?.string ?? ""
        return try await SecretKey(place, in: session, field: field).text()
      }
      let user =
        if let name = call.with["user"]?.string { name } else { try await text("user-from") }
      return ServiceLogin(user: user, password: try await text("password-from"))
    }
  }
}

/// A service's credentials.
struct ServiceLogin: Sendable {
  let user: String
  let password: String

  /// Whom the server takes it for.
  struct Who: Sendable {
    var role: String
    var isSuperuser: Bool
    var usedPassword: Bool
  }

  /// Logs in; nil where the server does not take the credentials.
  func who(on server: DatabaseServer) async throws -> Who? {
    var server = server
    server.settings = server.settings.with(["user": user, "password": password])
    do {
      return try await server.withConnection { connection in
        let row = try await connection.query(
          "SELECT current_user::text AS role, "
            + "current_setting('is_superuser')::bool AS superuser"
        ).rows[0]
        return Who(
          role: try row.decode("role"), isSuperuser: try row.decode("superuser"),
          usedPassword: try await connection.usedPassword)
      }
    } catch let error as PostgresError where error.sqlState?.hasPrefix("28") == true {
      return nil
    }
  }

  func isAccepted(by server: DatabaseServer) async throws -> Bool {
    try await actionErrors { try await who(on: server)?.usedPassword == true }
  }
}
