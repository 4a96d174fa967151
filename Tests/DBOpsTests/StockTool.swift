import Postgres
import Subprocess
import Testing

/// PostgreSQL's own client programs.
enum StockTool {
  /// Runs one on a database; fails with what it says when it fails.
  static func run(
    _ tool: String, _ arguments: [String], _ settings: ConnectionSettings
  ) async throws {
    let connection = ["host", "port", "user", "dbname"].compactMap { key in
      settings[key].map { "\(key)='\($0)'" }
    }
    _ = try await output(tool, ["-d", connection.joined(separator: " ")] + arguments)
  }

  /// Runs one; gives what it writes.
  static func output(_ tool: String, _ arguments: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .name(tool), arguments: .init(arguments), output: .string(limit: 1 << 24),
      error: .string(limit: 1 << 20))
    try #require(result.terminationStatus.isSuccess, "\(tool): \(result.standardError)")
    return result.standardOutput
  }
}
