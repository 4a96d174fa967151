import PythonSubset
import Testing

@testable import Alembic

@Suite("projects")
struct ProjectTests {
  private static let revision = "revision = 'a1b2'\ndown_revision = None\n"

  @Test("the usual layout")
  func usual() throws {
    let files = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n",
      "migrations/env.py": "", "migrations/versions/one.py": ProjectTests.revision,
    ])
    let project = try files.project()
    #expect(project.scriptFolder == files.folder + "/migrations")
    #expect(project.versionFolders == [files.folder + "/migrations/versions"])
    #expect(project.modulePath == [files.folder])
    #expect(project.fileTemplate == "%(rev)s_%(slug)s" && project.slugLength == 40)
    #expect(try ScriptDirectory(project).map.headIDs == ["a1b2"])
  }

  @Test("Flask-Migrate's file lies in the script folder and does not say so")
  func flask() throws {
    let files = try TemporaryProject([
      "migrations/alembic.ini": "[alembic]\n# template used\n[loggers]\nkeys = root\n",
      "migrations/env.py": "", "migrations/versions/one.py": ProjectTests.revision,
    ])
    let project = try files.project(["migrations/alembic.ini"])
    #expect(project.scriptFolder == files.folder + "/migrations")
  }

  @Test("pyproject.toml, alone and beside an .ini file")
  func toml() throws {
    let files = try TemporaryProject([
      "pyproject.toml": """
      [tool.alembic]
      script_location = "%(here)s/db"
      version_locations = ["%(here)s/db/one", "%(here)s/db/two"]
      recursive_version_locations = true
      file_template = "%%(year)d_%%(rev)s"
      prepend_sys_path = ["."]
      """,
      "db/env.py": "", "db/one/deep/a.py": ProjectTests.revision,
    ])
    var project = try files.project()
    #expect(project.versionFolders == [files.folder + "/db/one", files.folder + "/db/two"])
    #expect(project.fileTemplate == "%(year)d_%(rev)s" && project.isRecursive)
    #expect(try ScriptDirectory(project).map.headIDs == ["a1b2"])
    try files.write("alembic.ini", "[alembic]\nfile_template = %%(rev)s\n")
    project = try files.project()
    #expect(project.fileTemplate == "%(rev)s", "the .ini file is asked first")
    #expect(project.scriptFolder == files.folder + "/db", "then pyproject.toml")
  }

  @Test(
    "version_locations are divided as path_separator says",
    arguments: [
      ("path_separator = os\nversion_locations = a:b c", ["a", "b c"]),
      ("path_separator = space\nversion_locations = a b", ["a", "b"]),
      ("path_separator = newline\nversion_locations =\n  a\n  b", ["a", "b"]),
      ("path_separator = ;\nversion_locations = a;b", ["a", "b"]),
      ("version_path_separator = :\nversion_locations = a:b", ["a", "b"]),
      ("version_locations = a, b c", ["a", "b", "c"]),
      ("version_locations = app:a /b", ["app/a", "/b"]),
    ])
  func separators(_ options: String, _ expected: [String]) throws {
    let files = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = s\nprepend_sys_path = .\n\(options)\n",
      "s/env.py": "", "app/__init__.py": "",
    ])
    let project = try files.project()
    #expect(
      project.versionFolders == expected.map { $0.hasPrefix("/") ? $0 : files.folder + "/" + $0 })
  }

  @Test("an inline comment is part of a separator, which matters only where it is used")
  func inlineComment() throws {
    let text = "[alembic]\nscript_location = s\nversion_path_separator = os  # Use os.pathsep\n"
    let files = try TemporaryProject(["alembic.ini": text, "s/env.py": ""])
    _ = try files.project()
    try files.write("alembic.ini", text + "version_locations = a\n")
    let error = #expect(throws: ProjectError.self) { try files.project() }
    #expect(error?.message.hasPrefix("'os  # Use os.pathsep' is not a valid value") == true)
  }

  @Test("package:path, a named section, and folders in folders")
  func packages() throws {
    let files = try TemporaryProject([
      "conf/alembic.ini":
        "[DEFAULT]\nprepend_sys_path = ../src\n[test]\nscript_location = app.db:migrations/pg\n",
      "src/app/db/migrations/pg/env.py": "",
    ])
    let project = try Project(
      ProjectLocator(files: ["alembic.ini"], section: "test", workingFolder: files.folder + "/conf")
    )
    #expect(project.scriptFolder == files.folder + "/src/app/db/migrations/pg")
    #expect(throws: ProjectError.self) {
      try Project(ProjectLocator(files: ["alembic.ini"], workingFolder: files.folder + "/conf"))
    }
  }

  @Test("ALEMBIC_CONFIG names the file; two of one kind cannot be meant")
  func locator() throws {
    let named = try ProjectLocator(workingFolder: "/w", variables: ["ALEMBIC_CONFIG": "x/y.ini"])
      .located()
    #expect(named == ("/w/x/y.ini", "/w/pyproject.toml"))
    let toml = try ProjectLocator(
      workingFolder: "/w", variables: ["ALEMBIC_CONFIG": "/p/pyproject.toml"]
    ).located()
    #expect(toml == ("/w/alembic.ini", "/p/pyproject.toml"))
    #expect(throws: ProjectError("only one ini file may be indicated")) {
      try ProjectLocator(files: ["a.ini", "b.ini"], workingFolder: "/w").located()
    }
  }

  @Test("a script that is no Python is met when the scripts are read as a whole, or to their end")
  func extents() throws {
    let files = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = s\n", "s/env.py": "",
      "s/versions/a.py": ProjectTests.revision + "def upgrade(:\n",
      "s/versions/b.sql": "-- revision: b\n-- down_revision: a1b2\n-- upgrade\nSELECT 1;\n",
    ])
    let project = try files.project()
    #expect(throws: SyntaxFailure.self) { try ScriptDirectory(project) }
    let scripts = try ScriptDirectory(project, reading: .headers)
    #expect(scripts.map.headIDs == ["b"])
    #expect(throws: SyntaxFailure.self) { try scripts.readRest() }
    try files.write("s/versions/a.py", ProjectTests.revision + "def upgrade(): pass\n")
    try scripts.readRest()
  }

  @Test("files are read by name, folder by folder; caches, locks and packages are no scripts")
  func fileOrder() throws {
    let files = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = s\nrecursive_version_locations = true\n",
      "s/env.py": "", "s/versions/b.py": "", "s/versions/a.py": "", "s/versions/Z.py": "",
      "s/versions/__init__.py": "", "s/versions/.#b.py": "", "s/versions/notes.txt": "",
      "s/versions/__pycache__/c.py": "", "s/versions/2024/y.py": "", "s/versions/2023/x.py": "",
    ])
    let names = try ScriptDirectory.files(of: try files.project()).map {
      String($0.dropFirst((files.folder + "/s/versions/").count))
    }
    #expect(names == ["Z.py", "a.py", "b.py", "2023/x.py", "2024/y.py"])
  }
}
