internal import PythonSubset
internal import Text

/// The Python files below a project's folders, to look for what only some file or other says.
struct ProjectFiles {
  private let files: [String]

  /// Where nobody keeps code of his own.
  private static let foreign: Set<String> = [
    "node_modules", "site-packages", "dist-packages", "__pycache__", "venv", "env",
  ]
  /// More files than any project has; of a project with more nothing is said.
  private static let limit = 20_000

  /// Why the list is not whole; nil where it is.
  private let gap: ProjectError?

  /// Lists the files below `roots`, without hidden folders and without installed packages.
  init(roots: [String]) {
    var files: [String] = []
    var seen: Set<String> = []
    var gap: ProjectError?
    var folders = roots.map(Folder.resolved).filter { !Folder.isMissing($0) }
    while gap == nil, let folder = folders.popLast() {
      guard seen.insert(folder).inserted else { continue }
      let contents: Folder.Contents
      do {
        contents = try Folder.contents(of: folder)
      } catch {
        gap = error
        continue
      }
      if contents.files.contains("pyvenv.cfg") { continue }
      guard files.count + contents.files.count < ProjectFiles.limit else {
        gap = ProjectError("the project has too many files to look through")
        continue
      }
      files += contents.files.filter { $0.hasSuffix(".py") }.map { Folder.joined(folder, $0) }
      folders += contents.folders
        .filter { !$0.hasPrefix(".") && !ProjectFiles.foreign.contains($0) }
        .map { Folder.joined(folder, $0) }
    }
    self.files = files
    self.gap = gap
  }

  /// The files in which a word stands, anywhere.
  ///
  /// - Throws: `ProjectError` where not all files could be looked at: what one that cannot be read
  ///   says is not known, which is not the same as its saying nothing.
  func mentioning(_ word: String) throws(ProjectError) -> [String] {
    if let gap { throw gap }
    let pattern = Array(word.utf8)
    var found: [String] = []
    // A link to nothing is no file.
    for file in files where !Folder.isMissing(file) {
      if try Folder.bytes(of: file).contains(pattern) { found.append(file) }
    }
    return found
  }
}

extension [UInt8] {
  /// Whether some bytes stand in it side by side.
  fileprivate func contains(_ pattern: [UInt8]) -> Bool {
    guard let first = pattern.first, count >= pattern.count else { return false }
    var from = startIndex
    while let at = self[from...].firstIndex(of: first), at + pattern.count <= endIndex {
      if self[at..<at + pattern.count].elementsEqual(pattern) { return true }
      from = at + 1
    }
    return false
  }
}

/// What Flask-Migrate hands to Alembic: the standard `env.py` asks the running application for it,
/// so it is looked for where the application is made.
struct FlaskProject {
  private var files: ProjectFiles
  private var reader: MetadataReader
  private let roots: [String]

  init(roots: [String], reader: MetadataReader) {
    files = ProjectFiles(roots: roots)
    self.roots = roots
    self.reader = reader
  }

  /// The convention of the metadata that `SQLAlchemy(...)` makes.
  ///
  /// With several such calls in a project all have to say the same.
  mutating func namingConvention() -> MetadataNaming {
    do {
      return try convention()
    } catch {
      return .unknown(error.message)
    }
  }

  private mutating func convention() throws(ProjectError) -> MetadataNaming {
    guard try !files.mentioning("naming_convention").isEmpty else { return .none }
    var found: MetadataNaming?
    for (call, module) in try calls(of: ["SQLAlchemy"], mentioning: "SQLAlchemy(") {
      let naming = reader.convention(of: call, in: module)
      if case .unknown = naming { return naming }
      if let found, found != naming {
        return .unknown(
          "\(module.module.location(of: call.position)): one of several calls of SQLAlchemy, "
            + "which do not agree")
      }
      found = naming
    }
    return found
      ?? .unknown("the project names a naming convention, and no call of SQLAlchemy has it")
  }

  /// What `Migrate(app, db, ...)` and `migrate.init_app(app, db, ...)` say beside.
  ///
  /// - Throws: `ProjectError` where not all files could be looked at.
  mutating func options() throws(ProjectError) -> [String: Expression] {
    var options: [String: Expression] = [:]
    for (call, _) in try calls(of: ["Migrate", "init_app"], mentioning: "Migrate(") {
      guard case .call(let function, let arguments) = call.kind else { continue }
      // The init_app of other extensions is no call of Flask-Migrate's.
      let name = function.dottedName ?? []
      if name.last == "init_app", !name.dropLast().contains(where: { $0.contains(text: "migrat") })
      {
        continue
      }
      for case .keyword(let keyword, let value, _) in arguments { options[keyword] = value }
    }
    return options
  }

  private mutating func calls(
    of names: Set<String>, mentioning word: String
  ) throws(ProjectError) -> [(Expression, ProjectModules.ParsedModule)] {
    var calls: [(Expression, ProjectModules.ParsedModule)] = []
    for file in try files.mentioning(word) {
      guard let module = reader.modules.load(file: file, package: package(of: file)) else {
        continue
      }
      var statements = module.module.body
      var expressions: [Expression] = []
      while let statement = statements.popLast() {
        statements += statement.statements
        expressions += statement.expressions
      }
      while let expression = expressions.popLast() {
        expressions += expression.children
        if case .call(let function, _) = expression.kind, let name = function.dottedName?.last,
          names.contains(name)
        {
          calls.append((expression, module))
        }
      }
    }
    return calls
  }

  /// The package that a file's relative imports begin at.
  private func package(of file: String) -> [String] {
    guard let root = roots.map(Folder.resolved).first(where: { file.hasPrefix($0 + "/") }) else {
      return []
    }
    let parts = file.dropFirst(root.count + 1).split(separator: "/").map(String.init)
    return Array(parts.dropLast())
  }
}
