internal import Archive
internal import SystemPackage

/// Tells scripts of SQL from everything else that somebody may want to restore.
enum ScriptFile {
  private static let endings = [".sql", ".sql.gz", ".sql.zst", ".sql.lz4", ".psql", ".pgsql"]

  /// Whether a path has the name of a script.
  static func isNamedLikeOne(_ path: String) -> Bool {
    endings.contains { path.lowercased().hasSuffix($0) }
  }

  /// Whether a file is a script: by its name, or because it begins as pg_dump's do.
  static func isOne(_ path: FilePath) -> Bool {
    guard !Folder(path: path).exists, !CustomArchive.isOne(path) else { return false }
    if isNamedLikeOne(path.string) { return true }
    guard var reader = try? ScriptReader(path) else { return false }
    for _ in 0..<3 {
      guard case .comment(let text)? = try? reader.next() else { return false }
      if text.hasPrefix("PostgreSQL database ") { return true }
    }
    return false
  }
}
