public import PythonSubset
internal import Synchronization

/// A project's scripts: its configuration, the graph of its revisions, and how to get at each.
public struct ScriptDirectory: Sendable {
  /// The configuration.
  public let project: Project
  /// The graph.
  public let map: RevisionMap
  /// The scripts of which nothing but the header has been read.
  private let unread: [String]
  private let parsed = ParsedModules()

  /// How much of the scripts is read for the graph.
  public enum Extent: Sendable {
    /// All of them, as Alembic would import them: a file that is no Python is an error even if nobody
    /// asks for its revision.
    case whole
    /// The headers, where they stand for themselves; `readRest` reads on.
    case headers
  }

  /// Reads the header of every script in the version folders.
  ///
  /// - Throws: `ProjectError`, `SyntaxFailure`, or `RevisionError` when they form no graph.
  public init(_ project: Project, reading extent: Extent = .whole) throws {
    var headers = Headers(extent)
    for path in try ScriptDirectory.files(of: project) { try headers.read(path) }
    try self.init(project, headers)
  }

  /// The same, with `pause` after every script: for a thread that has something else to do.
  public static func reading(
    _ extent: Extent = .whole, of project: Project, _ pause: () async -> Void
  ) async throws -> ScriptDirectory {
    var headers = Headers(extent)
    for path in try files(of: project) {
      try headers.read(path)
      await pause()
    }
    return try ScriptDirectory(project, headers)
  }

  private init(_ project: Project, _ headers: Headers) throws {
    self.project = project
    unread = headers.unread
    map = try RevisionMap(headers.revisions)
  }

  /// What the scripts' headers say.
  private struct Headers {
    let extent: Extent
    private(set) var revisions: [Revision] = []
    private(set) var unread: [String] = []

    init(_ extent: Extent) { self.extent = extent }

    mutating func read(_ path: String) throws {
      if let revision = try revision(at: path) { revisions.append(revision) }
    }

    private mutating func revision(at path: String) throws -> Revision? {
      if path.hasSuffix(".sql") { return try ScriptDirectory.readSQL(path) }
      let source = try Folder.bytes(of: path)
      if extent == .headers, let revision = PythonHeader.revision(headOf: source, path: path) {
        unread.append(path)
        return revision
      }
      return try PythonHeader(try Module.parse(source, file: path)).revision(path: path)
    }
  }

  /// Parses the scripts of which only the header has been read, as `Extent.whole` would have.
  ///
  /// - Throws: `ProjectError` or `SyntaxFailure` for the first that is no Python.
  public func readRest() throws {
    for path in unread { _ = try Module.parse(try Folder.bytes(of: path), file: path) }
  }

  /// The parsed module of a revision in Python.
  ///
  /// A file is read once: what runs is what was checked, whoever writes to the file meanwhile.
  public func module(of revision: Revision) throws -> Module {
    try parsed.module(at: revision.path) {
      try Module.parse(try Folder.bytes(of: revision.path), file: revision.path)
    }
  }

  /// The statements of a revision in SQL.
  public func statements(of revision: Revision) throws -> SQLRevision {
    try SQLRevision(parsing: try Folder.text(of: revision.path), path: revision.path)
  }

  private static func readSQL(_ path: String) throws -> Revision? {
    let text = try Folder.text(of: path)
    guard SQLRevision.isRevision(text) else { return nil }
    return try SQLRevision(parsing: text, path: path).revision
  }

  /// The scripts in the order in which Alembic reads them: folder by folder, in each by name.
  static func files(of project: Project) throws -> [String] {
    var seen: Set<String> = []
    return try project.versionFolders.filter(Folder.isFolder).flatMap { folder in
      try files(in: Folder.resolved(folder), recursively: project.isRecursive)
    }
    .filter { seen.insert($0).inserted }
  }

  private static func files(in folder: String, recursively: Bool) throws -> [String] {
    if folder.hasSuffix("__pycache__") { return [] }
    let contents = try Folder.contents(of: folder)
    var paths = contents.files.filter(isScript).map { name in
      let path = Folder.joined(folder, name)
      return contents.links.contains(name) ? Folder.resolved(path) : path
    }
    if recursively {
      for inner in contents.folders {
        paths += try ScriptDirectory.files(in: Folder.joined(folder, inner), recursively: true)
      }
    }
    return paths
  }

  private static func isScript(_ name: String) -> Bool {
    !name.hasPrefix(".#") && !name.hasPrefix("__init__")
      && (name.hasSuffix(".py") || name.hasSuffix(".sql"))
  }
}

/// The modules that were asked for.
private final class ParsedModules: Sendable {
  private let modules = Mutex<[String: Module]>([:])

  func module(at path: String, parse: () throws -> Module) throws -> Module {
    if let known = modules.withLock({ $0[path] }) { return known }
    let module = try parse()
    return modules.withLock { known in
      if let first = known[path] { return first }
      known[path] = module
      return module
    }
  }
}
