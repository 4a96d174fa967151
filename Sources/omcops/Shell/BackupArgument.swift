internal import DBOps
internal import SystemPackage

extension DatabaseOptions {
  /// The folder of the backup that the user named: a path, or in the environment's store `latest`,
  /// an id or a label.
  ///
  /// A word without a slash that does not end in `.sql` and its like is looked up in the store; where no store is known, it is a folder in
  /// the working directory.
  func backup(_ reference: String, _ context: Context) throws -> FilePath {
    if reference.contains("/") || reference == "." { return FilePath(reference) }
    if Restore.isScript(named: reference) { return FilePath(reference) }
    let isOutsideConfiguration = url != nil && environment == nil && global.config == nil
    if isOutsideConfiguration { return FilePath(reference) }
    guard let folder = try choice.environment(context).backups else { return FilePath(reference) }
    let store = BackupStore(path: FilePath(folder.value))
    return try store.find(reference).path
  }
}
