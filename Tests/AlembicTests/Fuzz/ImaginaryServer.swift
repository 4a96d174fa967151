import SeededRandom

@testable import Alembic

/// Takes every statement, keeps count, and answers with rows that nobody stored: as many columns
/// as the statement asks for, of types and values that chance gives, or now and then a refusal.
final class ImaginaryServer: MigrationConnection {
  private(set) var statements = 0
  private var random: SeededRandom

  init(seed: Int) { random = SeededRandom(state: UInt64(seed) &* 31) }

  private static let columns: [(type: UInt32, texts: [String])] = [
    (23, ["1", "0", "-7", "2147483647"]), (20, ["9223372036854775807"]), (16, ["t", "f"]),
    (25, ["", "text", "ünï", "{\"a\": 1}"]), (1043, ["a", "b"]), (3802, ["{}", "[1, null]", "3"]),
    (2950, ["00000000-0000-0000-0000-000000000001"]), (1114, ["2024-02-29 12:00:00.5"]),
    (1184, ["2024-02-29 12:00:00+00", "0001-01-01 00:00:00+00 BC", "infinity"]),
    (1082, ["2024-12-31", "-infinity"]), (1700, ["1.50", "NaN"]), (701, ["1e300", "Infinity"]),
    (1007, ["{1,NULL,3}", "{}"]), (1009, ["{a,\"b,c\",NULL}", "{{x},{y}}"]), (17, ["\\x00ff"]),
    (1186, ["1 day 02:03:04", "-1 mons"]), (3904, ["[1,5)", "empty"]), (99999, ["unknown"]),
  ]

  func execute(_ sql: String) throws -> StatementResult {
    statements += 1
    let word = sql.prefix { $0.isLetter }.uppercased()
    if ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"].contains(word) {
      return StatementResult(tag: word)
    }
    // The catalog is empty: its readers know how many columns they ask for.
    if sql.contains("pg_catalog.") { return StatementResult(tag: "SELECT 0") }
    if random.below(24) == 0 {
      throw StatementFailure(
        message: "no", sqlState: random.pick(["23505", "42P01", "40001", "XX000"], or: "42601"),
        statement: sql)
    }
    let asked = ImaginaryServer.columns(askedBy: sql)
    guard asked > 0 else { return StatementResult(tag: "\(word) \(random.below(3))") }
    var kinds: [(type: UInt32, texts: [String])] = []
    for _ in 0..<asked { kinds.append(random.pick(ImaginaryServer.columns, or: (25, ["x"]))) }
    var rows: [[String?]] = []
    for _ in 0..<random.below(3) {
      rows.append(kinds.map { random.below(5) == 0 ? nil : random.pick($0.texts, or: "") })
    }
    return StatementResult(
      fields: kinds.enumerated().map { .init(name: "c\($0)", type: $1.type) }, rows: rows,
      tag: "\(word) \(rows.count)")
  }

  /// How many columns stand between SELECT and FROM, or after RETURNING.
  private static func columns(askedBy sql: String) -> Int {
    let text = Array(sql.utf8)
    let returning = Array(" RETURNING ".utf8)
    var start: Int
    if sql.uppercased().hasPrefix("SELECT ") {
      start = 7
    } else if let place = text.indices.last(where: { text[$0...].starts(with: returning) }) {
      start = place + returning.count
    } else {
      return 0
    }
    var depth = 0
    var count = 1
    while start < text.count {
      switch text[start] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case UInt8(ascii: ",") where depth == 0: count += 1
      case UInt8(ascii: "F") where depth == 0 && text[start...].starts(with: "FROM ".utf8):
        return min(count, 2000)
      default: break
      }
      start += 1
    }
    return min(count, 2000)
  }
}
