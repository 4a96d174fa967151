internal import Diagnostics
internal import OrderedCollections

/// The two configuration files of a project and how options are looked up in them.
///
/// The `.ini` file is asked first, `[tool.alembic]` of `pyproject.toml` second, option by option.
struct ProjectSettings: Sendable {
  let ini: INIFile?
  let section: String
  private let toml: OrderedDictionary<String, TOMLValue>
  /// The `.ini` file, whether it exists or not.
  let iniPath: String
  let tomlPath: String

  init(_ locator: ProjectLocator) throws(ProjectError) {
    (iniPath, tomlPath) = try locator.located()
    section = locator.section
    if Folder.isFile(iniPath) {
      ini = try INIFile(
        parsing: try Folder.text(of: iniPath), file: iniPath,
        given: ["here": Folder.parent(of: iniPath)])
    } else {
      ini = nil
    }
    var table: OrderedDictionary<String, TOMLValue> = [:]
    if Folder.isFile(tomlPath) {
      let document = try TOMLReader.read(try Folder.text(of: tomlPath), file: tomlPath)
      switch document["tool"]?["alembic"] {
      case nil: break
      case .table(let found)?: table = found
      default: throw ProjectError("\(tomlPath): [tool.alembic] is no table")
      }
    }
    toml = table
    try check(locator)
  }

  /// A file that was named must be there; a section that was named too.
  private func check(_ locator: ProjectLocator) throws(ProjectError) {
    if let ini {
      if !ini.hasSection(section), toml.isEmpty || section != "alembic" {
        throw ProjectError(
          "\(iniPath) has no '[\(section)]' section", hint: "name the section with --name")
      }
      return
    }
    if toml.isEmpty, locator.scriptLocation == nil {
      throw ProjectError(
        "there is no Alembic project here: no \(iniPath), and no [tool.alembic] in \(tomlPath)",
        hint: "name its alembic.ini or pyproject.toml with --config")
    }
  }

  /// An option as text.
  func text(_ option: String) throws(ProjectError) -> String? {
    if let value = try iniText(option) { return value }
    switch toml[option] {
    case nil: return nil
    case .string(let text)?: return try filled(text, option)
    case .integer(let number)?: return String(number)
    default: throw wrong(option, "text")
    }
  }

  /// An option of the `.ini` file alone.
  func iniText(_ option: String) throws(ProjectError) -> String? {
    try ini?.value(option, in: section)
  }

  /// The options of a section of the `.ini` file, those of `[DEFAULT]` among them; nil for a
  /// section that is not there.
  func iniOptions(of section: String) -> [String]? {
    ini.flatMap { $0.hasSection(section) ? $0.options(of: section) : nil }
  }

  /// An option of any section of the `.ini` file.
  func iniText(_ option: String, in section: String) throws(ProjectError) -> String? {
    try ini?.value(option, in: section)
  }

  /// A flag: in the `.ini` file nothing but `true` is one.
  func flag(_ option: String) throws(ProjectError) -> Bool {
    if let value = try iniText(option) { return value == "true" }
    switch toml[option] {
    case nil: return false
    case .bool(let flag)?: return flag
    default: throw ProjectError("boolean value expected for TOML parameter '\(option)'")
    }
  }

  /// A list of `pyproject.toml`.
  func tomlList(_ option: String) throws(ProjectError) -> [String]? {
    switch toml[option] {
    case nil: return nil
    case .string(let text)?: return [try filled(text, option)]
    case .array(let items)?:
      var list: [String] = []
      for item in items {
        guard let text = item.string else { throw wrong(option, "a list of texts") }
        list.append(try filled(text, option))
      }
      return list
    default: throw wrong(option, "a list of texts")
    }
  }

  /// The names of the hooks that run on new files.
  func hookNames() throws(ProjectError) -> [String] {
    if let ini, ini.hasSection("post_write_hooks") {
      let names = try ini.value("hooks", in: "post_write_hooks") ?? ""
      return names.split { $0 == " " || $0 == "," }.map(String.init)
    }
    guard case .array(let hooks)? = toml["post_write_hooks"] else { return [] }
    return hooks.compactMap { $0["name"]?.string }
  }

  /// The character between the paths of a list in the `.ini` file; nil for the old rules.
  func pathSeparator(_ options: [String]) throws(ProjectError) -> Character? {
    for option in options {
      guard let value = try iniText(option) else { continue }
      switch value {
      case "space": return " "
      case "newline": return "\n"
      case "os", ":": return ":"
      case ";": return ";"
      default:
        throw ProjectError(
          "'\(value)' is not a valid value for \(option); "
            + "expected 'space', 'newline', 'os', ':', ';'",
          hint: "in \(iniPath); what stands behind a value on its line belongs to it")
      }
    }
    return nil
  }

  private func wrong(_ option: String, _ expected: String) -> ProjectError {
    ProjectError("\(tomlPath): \(option) in [tool.alembic] must be \(expected)")
  }

  /// Replaces `%(here)s` and `%%`, as Python's `%` does with the words Alembic gives it.
  private func filled(_ text: String, _ option: String) throws(ProjectError) -> String {
    var result = ""
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[percent...].dropFirst()
      if rest.hasPrefix("%") {
        result += "%"
        rest = rest.dropFirst()
      } else if rest.hasPrefix("(here)s") {
        result += Folder.parent(of: tomlPath)
        rest = rest.dropFirst("(here)s".count)
      } else {
        throw ProjectError(
          "\(tomlPath): \(option) in [tool.alembic] has a % that is neither %% nor %(here)s",
          hint: "write %% for a percent sign")
      }
    }
    return result + rest
  }
}
