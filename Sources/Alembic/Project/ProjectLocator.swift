/// Which files describe the project, as Alembic's command line finds them.
public struct ProjectLocator: Sendable {
  /// The configuration files that were named with `--config`; `pyproject.toml` and one other may
  /// stand beside each other.
  public var files: [String]
  /// The section of the `.ini` file.
  public var section: String
  /// The folder that relative paths are seen from.
  public var workingFolder: String
  /// The script folder where something stands above the files' own `script_location`.
  public var scriptLocation: String?
  /// The variables of the process: `ALEMBIC_CONFIG` and `PYTHONPATH` are looked at.
  public var variables: [String: String]

  /// Looks in `workingFolder` for `alembic.ini` and `pyproject.toml` unless `files` or
  /// `ALEMBIC_CONFIG` name others.
  public init(
    files: [String] = [], section: String = "alembic", scriptLocation: String? = nil,
    workingFolder: String, variables: [String: String] = [:]
  ) {
    self.files = files
    self.section = section
    self.scriptLocation = scriptLocation
    self.workingFolder = workingFolder
    self.variables = variables
  }

  /// The two files, absolute, whether they exist or not.
  func located() throws(ProjectError) -> (ini: String, toml: String) {
    var ini: String?
    var toml: String?
    for file in files {
      if ProjectLocator.isTOML(file) {
        if toml != nil { throw ProjectError("pyproject.toml indicated more than once") }
        toml = file
      } else {
        if ini != nil { throw ProjectError("only one ini file may be indicated") }
        ini = file
      }
    }
    if let named = variables["ALEMBIC_CONFIG"], !named.isEmpty {
      if ProjectLocator.isTOML(named) { toml = toml ?? named } else { ini = ini ?? named }
    }
    return (
      Folder.absolute(ini ?? "alembic.ini", in: workingFolder),
      Folder.absolute(toml ?? "pyproject.toml", in: workingFolder)
    )
  }

  private static func isTOML(_ path: String) -> Bool {
    path == "pyproject.toml" || path.hasSuffix("/pyproject.toml")
  }
}
