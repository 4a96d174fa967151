internal import ArgumentParser
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// Where a command leaves what monitoring wants to know of the backups.
struct MetricsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      File for node_exporter's textfile collector, written anew at the end; the default is the \
      environment's backups.metrics.
      """, valueName: "file.prom"), completion: .file(extensions: ["prom"]))
  var metrics: String?

  /// The file, once it is sure that it can be written; nil where nobody wants one.
  func file(
    _ environment: ResolvedEnvironment, store: FilePath, _ context: Context
  ) throws -> MetricsFile? {
    guard let path = metrics ?? environment.metrics?.value else { return nil }
    return try MetricsFile(path, store: store, environment: environment.name?.value)
  }
}

/// A file of metrics of one store.
struct MetricsFile {
  let path: FilePath
  let store: BackupStore
  let environment: String

  /// Throws where the file cannot come to be: nobody should find that out after a long backup.
  init(_ path: String, store: FilePath, environment: String?) throws {
    self.path = FilePath(path)
    self.store = BackupStore(path: store)
    self.environment = environment ?? ""
    guard self.path.extension == "prom" else {
      throw UnfitMetricsFile(path: path, reason: "node_exporter reads names that end in .prom only")
    }
    let folder = self.path.removingLastComponent()
    guard access(folder.isEmpty ? "." : folder.string, W_OK | X_OK) == 0 else {
      throw UnfitMetricsFile(path: path, reason: "\(Errno(rawValue: errno))")
    }
  }

  /// Writes what the store says.
  ///
  /// - Parameter run: a run that ended just now, in case that the store could not take note of it.
  func write(after run: BackupOutcome? = nil) throws {
    try BackupMetrics(of: store, environment: environment, runs: run.map { [$0] } ?? [])
      .write(to: path)
  }
}

/// The file of metrics cannot be written.
private struct UnfitMetricsFile: Failure {
  var path: String
  var reason: String
  var message: String { "cannot write metrics to \(path): \(reason)" }
  var status: ExitStatus { .usage }
}
