internal import Digest
internal import HTTPClient
internal import KubeExec
internal import OrderedCollections
internal import Postgres
internal import Runbooks

/// `db.decrypt`: whether what a service has stored encrypted can be read with a key. A restored database is
/// worth nothing to it otherwise.
///
/// Fernet only, as Python's cryptography writes it. The values are decrypted here, counted and forgotten.
struct DBDecryptAction: Action {
  let target: RunTarget
  let cluster: RunCluster
  let environment: [String: String]

  let name = "db.decrypt"
  let effect = Effect.read
  let parameters = [
    ActionParameter("table", .string, isRequired: true),
    ActionParameter("column", .string, isRequired: true), ActionParameter("schema", .string),
    ActionParameter("key-from", .string, isRequired: true), ActionParameter("sample", .number),
    ActionParameter("database", .string), ActionParameter("host", .string),
    KubeParameters.namespace,
  ]
  let result = Shape.object(["values": .number, "decrypted": .number, "failed": .number])

  /// So many values stand for all.
  private static let sample: Int64 = 1000

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let keys = try await keys(call)
    let table = quoteIdentifier(
      call.with["schema"]?.string ?? "public", call.with["table"]?.string ?? "")
    let column = quoteIdentifier(call.with["column"]?.string ?? "")
    let limit = call.with["sample"]?.int ?? DBDecryptAction.sample
    guard (1...1_000_000).contains(limit) else {
      throw ActionError(.other, "sample is how many values: from 1 to 1000000")
    }
    let server = try target.server(for: call)
    let texts = try await actionErrors {
      try await server.withConnection { connection in
        try await connection.transaction(TransactionOptions(isReadOnly: true)) { connection in
          try await connection.execute("SET LOCAL statement_timeout = '30s'")
          return try await connection.query(
            "SELECT \(column)::text FROM \(table) WHERE \(column) IS NOT NULL LIMIT \(limit)"
          ).rows.compactMap { $0[0] }
        }
      }
    }
    let good = texts.count { text in
      guard let token = DBDecryptAction.token(text) else { return false }
      return keys.contains { Fernet.open(token, key: $0) != nil }
    }
    return ActionOutcome(result: [
      "values": .int(Int64(texts.count)), "decrypted": .int(Int64(good)),
      "failed": .int(Int64(texts.count - good)),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops db query -c "
      + shellQuoted(
        "select \(with["column"]?.text ?? "") from \(with["table"]?.text ?? "") limit 1")
      + "  # decrypt it with the key of \(with["key-from"]?.text ?? "")"
  }

  /// The keys, several with commas between them as a service has them while it changes over.
  private func keys(_ call: ActionCall) async throws -> [[UInt8]] {
    let place = call.with["key-from"]?.string ?? ""
    let text: String
    if place.hasPrefix("env:") {
      let name = String(place.dropFirst(4))
      guard let value = environment[name] else {
        throw ActionError(.other, "key-from: the variable \(name) is not set")
      }
      text = value
    } else {
      text = try await kubeErrors {
        try await SecretKey(place, in: try cluster.session(for: call), field: "key-from").text()
      }
    }
    let keys = text.split(separator: ",").map { DBDecryptAction.decoded($0) }
    let whole = keys.compactMap(\.self).filter { $0.count == Fernet.keySize }
    guard whole.count == keys.count, !whole.isEmpty else {
      throw ActionError(
        .assertion, "what \(place) holds is no Fernet key: 32 bytes in base64url",
        hint: "`Fernet.generate_key()` makes one; the one that the service had is needed here")
    }
    return whole
  }

  /// A value of a text column, or of a bytea column as PostgreSQL prints it.
  private static func token(_ text: String) -> [UInt8]? {
    guard text.hasPrefix("\\x") else { return decoded(text[...]) }
    var bytes: [UInt8] = []
    var rest = text.dropFirst(2)
    while let high = rest.popFirst()?.hexDigitValue, let low = rest.popFirst()?.hexDigitValue {
      bytes.append(UInt8(high << 4 | low))
    }
    return decoded(String(decoding: bytes, as: UTF8.self)[...])
  }

  private static func decoded(_ text: Substring) -> [UInt8]? {
    var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    while standard.utf8.count % 4 != 0 { standard.append("=") }
    return Base64.decode(standard)
  }
}
