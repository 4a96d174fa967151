internal import Alembic
internal import Configuration
internal import DBOps
internal import Digest
internal import Glibc
internal import Postgres
internal import SystemPackage
internal import TestOps

/// How the template of a suite's databases is made: the migrations by the engine of omcops itself, then
/// the seed.
struct TemplateMaking: Sendable {
  private let plan: SuitePlan

  init(_ plan: SuitePlan) { self.plan = plan }

  private var database: TestDatabaseConfiguration { plan.suite.database }

  /// The template, under a key that changes with every file that goes into it: the project's options,
  /// everything in Python and SQL in its script folder and its folders of revisions, and the seed.
  ///
  /// What `env.py` imports from elsewhere, and what a seed's program reads, is not part of the key:
  /// `omcops test clean` makes all anew.
  func recipe() throws -> TemplateRecipe {
    var parts = ["1"]
    let project = try database.migrate.map { try source($0.value).project() }
    if let project {
      parts += [
        plan.configuration.alembic.map { "\($0.arguments.map { "\($0.key)=\($0.value.value)" })" }
          ?? ""
      ]
      let files = [project.configFile] + scripts(of: project)
      for file in files { parts += [file, SHA256.hex(of: try bytes(of: file))] }
    }
    if let seed = database.seed { parts.append(SHA256.hex(of: try bytes(of: seed.value))) }
    parts += database.seedCommand.map(\.value)
    return TemplateRecipe(key: SHA256.hex(of: parts.joined(separator: "\0"))) { settings in
      if database.migrate != nil { try await migrate(settings) }
      try await seed(settings)
    }
  }

  // MARK: Migrations

  private func source(_ file: String) -> ProjectSource {
    var configuration = plan.configuration.alembic
    configuration?.config = nil
    var place = plan.context
    place.workingDirectory = FilePath(file).removingLastComponent().string
    return ProjectSource(configuration, files: [file], place)
  }

  private func migrate(_ settings: ConnectionSettings) async throws {
    guard let file = database.migrate?.value else { return }
    let source = source(file)
    let project = try source.project()
    let environment = try source.environment(of: project)
    let migrator = source.migrator(
      try ScriptDirectory(project), environment.online, plan.context)
    let server = DatabaseServer(
      settings, applicationName: plan.context.applicationName("test"))
    try await server.withConnection { connection in
      _ = try await migrator.run(.upgrade(to: "heads"), on: server, over: connection)
    }
  }

  /// In the order of their names, so that the key is the same everywhere.
  private func scripts(of project: Project) -> [String] {
    var found: Set<String> = []
    for folder in [project.scriptFolder] + project.versionFolders { collect(folder, &found) }
    return found.sorted()
  }

  private func collect(_ folder: String, _ found: inout Set<String>) {
    guard let stream = opendir(folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") || name == "__pycache__" { continue }
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".py") || name.hasSuffix(".sql") {
        found.insert(path)
      } else if !name.contains(".") {
        collect(path, &found)
      }
    }
  }

  // MARK: Seed

  private func seed(_ settings: ConnectionSettings) async throws {
    if let file = database.seed {
      let server = DatabaseServer(
        settings, applicationName: plan.context.applicationName("test"))
      let sql = try bytes(of: file.value)
      do {
        try await server.withConnection { _ = try await $0.execute(bytes: sql) }
      } catch let error as PostgresError {
        throw TestFailure(
          "\(file.value): \(error.message)", hint: error.hint, details: error.details)
      }
    }
    guard !database.seedCommand.isEmpty else { return }
    let variables = plan.variables.merging(plan.databaseVariables.values(settings)) { $1 }
    try await StepProgram(
      database.seedCommand.map(\.value), environment: variables, folder: plan.suite.folder.value,
      purpose: "seed the database of suite \"\(plan.suite.name.value)\""
    ).run()
  }

  private func bytes(of file: String) throws -> [UInt8] {
    do {
      let descriptor = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { return all }
          all += buffer[..<count]
        }
      }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw TestFailure("cannot read \(file): \(reason)", status: .usage)
    }
  }
}
