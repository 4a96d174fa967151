import Diagnostics
import PythonSubset
import SystemPackage

@testable import Alembic

/// Runs damaged revisions as a migration would: their header, their check, and, where they pass,
/// their functions against a server that is not there.
final class RevisionFuzzer {
  /// How a trial ended.
  enum Ending: String, CaseIterable {
    case syntax = "no Python"
    case header = "no revision"
    case refused = "refused by the check"
    case finished = "ran to the end"
    case exception = "a Python exception"
    case unsupported = "refused while running"
    case limit = "a limit"
  }

  private let projects: [ScriptDirectory]
  private let mutator: RevisionMutator
  private(set) var endings: [Ending: Int] = [:]
  /// What must not be.
  private(set) var findings: [String] = []
  /// Where a mutant stands while it is tried: what brings the process down is left there.
  private let file: String

  /// Reads all scripts of the projects in a folder.
  init(projectsIn folders: [String], file: String) throws {
    projects = try folders.compactMap { folder in
      guard Folder.isFile(folder + "/alembic.ini") || Folder.isFile(folder + "/pyproject.toml")
      else { return nil }
      return try ScriptDirectory(Project(ProjectLocator(workingFolder: folder)))
    }
    var scripts: [RevisionMutator.Script] = []
    for (place, project) in projects.enumerated() {
      for revision in project.map.revisions where revision.path.hasSuffix(".py") {
        scripts.append(
          .init(
            project: place, path: revision.path, text: try Folder.bytes(of: revision.path)))
      }
    }
    mutator = RevisionMutator(scripts: scripts, offers: RevisionFuzzer.offers)
    self.file = file
  }

  /// What scripts can import.
  private static var offers: [(module: String, name: String)] {
    let own = AlembicModules(ScriptRun(ScriptConnection(ImaginaryServer(seed: 0))))
    let python = Interpreter(importer: own)
    let standard = [
      "base64", "collections", "collections.abc", "contextlib", "copy", "dataclasses", "datetime",
      "decimal", "enum", "functools", "hashlib", "itertools", "json", "logging", "math", "operator",
      "os", "os.path", "random", "re", "secrets", "string", "sys", "textwrap", "time", "types",
      "typing", "unicodedata", "uuid", "warnings", "builtins",
    ].compactMap { name in StandardModules.module(name, ScriptSurroundings()).map { (name, $0) } }
    let hosts = own.names.compactMap { name in
      try? own.module(name, python).map { (name, $0) }
    }
    return (standard + [("builtins", python.builtins)] + hosts).flatMap { name, module in
      ((module as? HostModule)?.vocabulary ?? module.attributeNames).map { (name, $0) }
    }
  }

  var scriptCount: Int { mutator.scripts.count }

  /// Tries one mutant.
  func attempt(_ number: Int) throws {
    let mutant = mutator.mutant(number)
    let descriptor = try FileDescriptor.open(
      FilePath(file), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    _ = try descriptor.closeAfter { try descriptor.writeAll(mutant.text) }
    let ending = try ending(of: mutant, number)
    endings[ending, default: 0] += 1
  }

  private func ending(of mutant: RevisionMutator.Script, _ number: Int) throws -> Ending {
    let revision: Revision
    do {
      let module = try Module.parse(mutant.text, file: file)
      revision = try PythonHeader(module).revision(path: file)
    } catch is SyntaxFailure {
      return .syntax
    } catch is ProjectError {
      return .header
    }
    var last = Ending.finished
    for kind in [MigrationStep.Kind.upgrade, .downgrade] {
      let step = MigrationStep(
        kind, revision: revision, from: [], to: [], shownFrom: [], shownTo: [],
        isUpgrade: kind == .upgrade)
      let ending = try run(step, in: projects[mutant.project], number)
      if ending == .refused { return .refused }
      if last == .finished { last = ending }
    }
    return last
  }

  private func run(_ step: MigrationStep, in project: ScriptDirectory, _ number: Int) throws
    -> Ending
  {
    let server = ImaginaryServer(seed: number)
    var settings = PythonRunner.Settings(naming: .none)
    settings.limits.steps = 300_000
    settings.limits.size = 1 << 24
    let runner = PythonRunner(project, over: ScriptConnection(server), settings)
    do {
      try runner.check(step)
    } catch is Unsupported {
      note(server.statements != 0, number, "a statement was sent before the check refused")
      return .refused
    }
    note(server.statements != 0, number, "the check sent a statement")
    do {
      try runner.perform(step, heads: [])
      return .finished
    } catch is UncaughtException {
      return .exception
    } catch is Unsupported {
      return .unsupported
    } catch is LimitExceeded {
      return .limit
    } catch {
      note(true, number, "\(type(of: error)): \((error as? any Failure)?.message ?? "\(error)")")
      return .exception
    }
  }

  private func note(_ isWrong: Bool, _ number: Int, _ what: String) {
    if isWrong { findings.append("mutant \(number): \(what)") }
  }
}
