internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Runbooks
internal import SystemPackage

/// Where runbooks are looked for.
struct RunbookFileOptions: ParsableArguments {
  @OptionGroup var global: GlobalOptions

  @Option(
    help: """
      Folder of the runbooks; the default is that of omcops.yaml, then the nearest folder \
      "runbooks" above this one.
      """, completion: .directory)
  var dir: String?

  private var place: RunbookPlace { RunbookPlace(dir: dir, config: global.config) }

  /// The folder of the runbooks.
  func folder(_ context: Context) throws -> RunbookFolder { try place.folder(context) }

  /// The file of a runbook, given by its name or by its path.
  func file(_ nameOrPath: String, _ context: Context) throws -> FilePath {
    try place.file(nameOrPath, context)
  }
}

/// Finds runbooks by what the operator said.
struct RunbookPlace {
  /// The folder that was named.
  var dir: String?
  /// The configuration file that was named.
  var config: String?

  func folder(_ context: Context) throws -> RunbookFolder {
    if let dir { return RunbookFolder(FilePath(dir)) }
    let configuration = try Configuration.load(
      path: config, from: context.workingDirectory, variables: context.environment)
    if let folder = configuration.runbooksFolder(variables: context.environment) {
      return RunbookFolder(nearby(FilePath(folder.value), context))
    }
    guard let folder = RunbookFolder.find(upFrom: FilePath(context.workingDirectory)) else {
      throw NoRunbooks(folder: context.workingDirectory)
    }
    return RunbookFolder(nearby(folder.path, context))
  }

  func file(_ nameOrPath: String, _ context: Context) throws -> FilePath {
    let isPath =
      nameOrPath.contains("/") || [".yaml", ".yml"].contains { nameOrPath.hasSuffix($0) }
    return isPath ? FilePath(nameOrPath) : try folder(context).file(of: nameOrPath)
  }

  /// The path from the working directory where that is shorter to read.
  private func nearby(_ path: FilePath, _ context: Context) -> FilePath {
    var below = path
    guard below.removePrefix(FilePath(context.workingDirectory)) else { return path }
    return below.isEmpty ? "." : below
  }
}

/// There is no folder to look in.
private struct NoRunbooks: Failure {
  var folder: String
  var message: String { "no folder \"runbooks\" in \(folder) or above it" }
  var hint: String? { "name it with --dir, or with \"runbooks\" in omcops.yaml" }
  var status: ExitStatus { .usage }
}
