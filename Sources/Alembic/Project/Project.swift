/// An Alembic project as its configuration describes it; no script has been read yet.
public struct Project: Sendable {
  /// The file that describes it, for messages: the `.ini` file, or `pyproject.toml` without one.
  public var configFile: String
  /// The `.ini` file if there is one.
  public var iniFile: String?
  /// The section of the `.ini` file.
  public var section: String
  /// The folder with `env.py`, `script.py.mako` and, by default, `versions`.
  public var scriptFolder: String
  /// The folders of the revision scripts.
  public var versionFolders: [String]
  /// Whether the configuration names version locations.
  public var namesVersionFolders: Bool
  /// Whether folders in the version folders hold scripts too.
  public var isRecursive: Bool
  /// Where the project's own modules are looked for, in order.
  public var modulePath: [String]
  /// How a new file is named.
  public var fileTemplate: String
  /// How long the words in a new file's name may be.
  public var slugLength: Int
  /// The time zone of a new file's date; nil is the machine's.
  public var timeZone: String?
  /// The encoding of new files.
  public var outputEncoding: String
  /// What is there and has no effect here, in words.
  public var warnings: [String] = []
  /// The programs that Alembic would run on a new file, by their names.
  public var hooks: [String] = []
  /// The files' other options, which scripts may ask for.
  let settings: ProjectSettings

  static let defaultFileTemplate = "%(rev)s_%(slug)s"

  /// Reads the configuration.
  ///
  /// - Throws: `ProjectError` for a file that cannot be read, an option that cannot be used, or a
  ///   folder that is not there.
  public init(_ locator: ProjectLocator) throws {
    let settings = try ProjectSettings(locator)
    self.settings = settings
    let finder = try LocationFinder(settings, locator)
    iniFile = settings.ini == nil ? nil : settings.iniPath
    configFile = iniFile ?? settings.tomlPath
    section = settings.section
    scriptFolder = try finder.scriptFolder()
    var modulePath = finder.modulePath
    if try locator.scriptLocation == nil && settings.text("script_location") == nil {
      // Flask's command line, which such a project is run by, finds the application's modules.
      let parent = Folder.parent(of: scriptFolder)
      if !modulePath.contains(parent) { modulePath.append(parent) }
    }
    self.modulePath = modulePath
    let named = try finder.versionFolders()
    namesVersionFolders = named != nil
    versionFolders = named ?? [Folder.joined(scriptFolder, "versions")]
    isRecursive = try settings.flag("recursive_version_locations")
    fileTemplate = try settings.text("file_template") ?? Project.defaultFileTemplate
    slugLength = try Project.slugLength(settings)
    timeZone = try settings.text("timezone")
    outputEncoding = try settings.text("output_encoding") ?? "utf-8"
    hooks = try settings.hookNames()
    if try settings.flag("sourceless") {
      warnings.append(
        "sourceless = true has no effect: compiled revisions without their source are not read")
    }
  }

  /// The database's address in SQLAlchemy's notation; nil where the file has none or what `alembic
  /// init` wrote there.
  ///
  /// Asked for only when it is needed: Alembic too stumbles over a `%` in it only then.
  public static func databaseURL(_ locator: ProjectLocator) throws -> String? {
    let settings = try ProjectSettings(locator)
    guard let url = try settings.iniText("sqlalchemy.url"), !url.isEmpty else { return nil }
    return url == "driver://user:pass@localhost/dbname" ? nil : url
  }

  /// Where the files say that scripts and revisions are, before anybody has looked for them there;
  /// paths relative to the `.ini` file are absolute already.
  ///
  /// - Throws: `ProjectError` for files that cannot be read or used.
  public static func locations(
    _ locator: ProjectLocator
  ) throws -> (scripts: String?, versions: String?) {
    let settings = try ProjectSettings(locator)
    return (try settings.text("script_location"), try settings.text("version_locations"))
  }

  private static func slugLength(_ settings: ProjectSettings) throws(ProjectError) -> Int {
    guard let text = try settings.text("truncate_slug_length") else { return 40 }
    guard let length = Int(text.stripped) else {
      throw ProjectError("truncate_slug_length is \"\(text)\", which is no number")
    }
    return length == 0 ? 40 : length
  }
}

/// Finds the folders that a project's configuration names.
private struct LocationFinder {
  let settings: ProjectSettings
  let workingFolder: String
  let modulePath: [String]
  private let given: String?
  private let configFolder: String

  init(_ settings: ProjectSettings, _ locator: ProjectLocator) throws(ProjectError) {
    self.settings = settings
    workingFolder = locator.workingFolder
    given = locator.scriptLocation
    let configFile = settings.ini == nil ? settings.tomlPath : settings.iniPath
    configFolder = Folder.parent(of: configFile)
    var path: [String] = []
    for item in try LocationFinder.prependedPath(settings) where !item.isEmpty {
      path.append(LocationFinder.place(item, locator.workingFolder, configFolder))
    }
    for item in (locator.variables["PYTHONPATH"] ?? "").split(separator: ":") {
      path.append(Folder.absolute(String(item), in: workingFolder))
    }
    modulePath = path
  }

  /// Where a relative path leads: Alembic sees it from the working folder. Where nothing is there,
  /// the configuration's folder is tried, so that the command can be given from anywhere.
  private static func place(_ path: String, _ working: String, _ config: String) -> String {
    let seen = Folder.absolute(path, in: working)
    if Folder.exists(seen) { return seen }
    let beside = Folder.absolute(path, in: config)
    return Folder.exists(beside) ? beside : seen
  }

  /// `prepend_sys_path`.
  private static func prependedPath(_ settings: ProjectSettings) throws(ProjectError) -> [String] {
    guard let text = try settings.iniText("prepend_sys_path"), !text.isEmpty else {
      return try settings.tomlList("prepend_sys_path") ?? []
    }
    guard let separator = try settings.pathSeparator(["path_separator"]) else {
      return text.split { $0 == " " || $0 == "," || $0 == ":" }.map(String.init)
    }
    return text.split(separator: separator).map { String($0).stripped }
  }

  func scriptFolder() throws(ProjectError) -> String {
    var named = given
    if named == nil { named = try settings.text("script_location") }
    guard let location = named else {
      // Flask-Migrate keeps its alembic.ini in the folder itself and names none.
      if Folder.isFile(Folder.joined(configFolder, "env.py")) { return configFolder }
      throw ProjectError(
        "No 'script_location' key found in configuration.",
        hint: "write script_location into [\(settings.section)] of \(settings.iniPath)")
    }
    let folder = try place(location, "script_location")
    guard Folder.isFolder(folder) else {
      throw ProjectError(
        "Path doesn't exist: \(folder)",
        hint: given == nil
          ? "script_location of \(settings.iniPath) names it"
          : "script-location of omcops.yaml names it")
    }
    return folder
  }

  /// `version_locations`; nil where the default is meant.
  func versionFolders() throws(ProjectError) -> [String]? {
    var names: [String]
    if let text = try settings.iniText("version_locations"), !text.isEmpty {
      if let separator = try settings.pathSeparator(["path_separator", "version_path_separator"]) {
        names = text.split(separator: separator).map { String($0).stripped }
      } else {
        names = text.split { $0 == " " || $0 == "," }.map(String.init)
      }
    } else {
      guard let list = try settings.tomlList("version_locations") else { return nil }
      names = list
    }
    names.removeAll(where: \.isEmpty)
    if names.isEmpty { return nil }
    var folders: [String] = []
    for name in names { folders.append(try place(name, "version_locations")) }
    return folders
  }

  /// A path, or `package:path`.
  private func place(_ location: String, _ option: String) throws(ProjectError) -> String {
    if location.hasPrefix("/") || !location.contains(":") {
      return LocationFinder.place(location, workingFolder, configFolder)
    }
    let parts = location.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let package = parts[0].split(separator: ".").joined(separator: "/")
    for root in modulePath + [workingFolder, configFolder] {
      var folder = Folder.joined(root, package)
      guard Folder.isFolder(folder) else { continue }
      for part in parts.dropFirst() { folder = Folder.absolute(part, in: folder) }
      return folder
    }
    throw ProjectError(
      "\(option) names the package \(parts[0]), which is in none of the folders of "
        + "prepend_sys_path",
      hint: "add the folder that holds it to prepend_sys_path in \(settings.iniPath), or to "
        + "PYTHONPATH")
  }
}
