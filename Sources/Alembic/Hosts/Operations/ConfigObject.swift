internal import PythonSubset

/// The options of a project's `.ini` file, as scripts may ask for them.
///
/// A value is put together when it is asked for: Alembic too stumbles over a `%` in one only then.
public struct ScriptConfiguration: Sendable {
  /// The section of the project's options.
  var section: String
  /// The file; nil where the project has only a `pyproject.toml`.
  var file: String?
  private let settings: ProjectSettings

  /// The options of a project.
  public init(_ project: Project) {
    section = project.section
    file = project.iniFile
    settings = project.settings
  }

  /// The names of a section's options; nil for a section that is not there.
  func options(of section: String) -> [String]? { settings.iniOptions(of: section) }

  /// The value of an option.
  func value(_ option: String, in section: String) throws(ProjectError) -> String? {
    try settings.iniText(option, in: section)
  }
}

/// `context.config`.
final class ConfigObject: PythonObject {
  let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Config", module: "alembic.config",
    members: [
      "get_main_option": .method("self, name, default=None") { call in
        let object: ConfigObject = try call.receiver()
        return try object.option(in: object.section, call)
      },
      "get_section_option": .method("self, section, name, default=None") { call in
        let object: ConfigObject = try call.receiver()
        return try object.option(in: try call.string("section"), call)
      },
      "get_section": .method("self, name, default=None") { call in
        let object: ConfigObject = try call.receiver()
        return try object.section(try call.string("name"), default: call["default"])
      },
    ])

  override var pythonClass: PythonClass { ConfigObject.cls }

  private var section: String { run.settings.configuration?.section ?? "alembic" }

  private func option(in section: String, _ call: Call) throws -> Value {
    guard let configuration = run.settings.configuration,
      configuration.options(of: section) != nil
    else {
      let file = run.settings.configuration?.file ?? "None"
      throw PythonError(
        SQLAlchemyErrors.command,
        "No config file '\(file)' found, or file has no '[\(section)]' section")
    }
    let text = try value(try call.string("name"), section, configuration)
    return text.map { .string($0) } ?? call["default"]
  }

  private func section(_ name: String, default other: Value) throws -> Value {
    guard let configuration = run.settings.configuration,
      let options = configuration.options(of: name)
    else { return other }
    return .dict(
      PythonDict(
        try options.map { ($0, .string(try value($0, name, configuration) ?? "")) }))
  }

  private func value(
    _ name: String, _ section: String, _ configuration: ScriptConfiguration
  ) throws -> String? {
    // The file's address may be that of another database than the one that is migrated, and may
    // hold a password.
    if name.lowercased() == "sqlalchemy.url" {
      throw Unsupported("reading sqlalchemy.url in a revision")
    }
    return try configuration.value(name.lowercased(), in: section)
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "attributes": .dict(run.configurationAttributes)
    case "config_ini_section": .string(section)
    case "config_file_name": .string(orNone: run.settings.configuration?.file)
    default: try super.attribute(name, python)
    }
  }
}
