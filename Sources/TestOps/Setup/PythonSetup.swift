internal import DBOps
internal import Digest
internal import Glibc
internal import SystemPackage

/// A virtual environment with what a suite needs, made once for each state of its requirements.
public struct PythonSetup: Sendable {
  /// Where the needs stand.
  public enum Needs: Sendable {
    /// A file of requirements as pip reads them.
    case requirements(String)
    /// The dependencies of a `pyproject.toml`, with extras and dependency groups. The project itself is
    /// not installed: tests import it from its folder.
    case project(String, extras: [String])

    var file: String {
      switch self {
      case .requirements(let file), .project(let file, _): file
      }
    }
  }

  /// The interpreter that it is made with, a whole path.
  public var python: String
  /// What is needed.
  public var needs: Needs
  /// The folder of all environments.
  public var cache: String
  /// The variables of the programs that make it.
  public var variables: [String: String]

  /// Describes an environment.
  public init(python: String, needs: Needs, cache: String, variables: [String: String]) {
    self.python = python
    self.needs = needs
    self.cache = cache
    self.variables = variables
  }

  /// The name of the file that is written when all else is there.
  private static let seal = "omcops-complete"

  /// Makes the environment where it is not there, and gives its interpreter.
  ///
  /// - Parameter say: is told what is done where that takes long.
  /// - Throws: `TestFailure` with what pip said.
  public func interpreter(_ say: @Sendable (String) -> Void) async throws -> String {
    let folder = "\(cache)/\(try key())"
    let interpreter = folder + "/bin/python"
    if access("\(folder)/\(PythonSetup.seal)", F_OK) == 0 { return interpreter }
    try makeFolders()
    // Whoever comes second finds it made.
    let lock = try FileLock(FilePath(folder + ".lock"), create: true, wait: true)
    defer { withExtendedLifetime(lock) {} }
    if access("\(folder)/\(PythonSetup.seal)", F_OK) == 0 { return interpreter }
    try FolderTree.remove(FilePath(folder))
    say("making a Python environment for \(needs.file)")
    try await program([python, "-m", "venv", folder], "make a virtual environment")
    try await install(into: folder, interpreter)
    let file = try FileDescriptor.open(
      FilePath("\(folder)/\(PythonSetup.seal)"), .writeOnly, options: [.create, .closeOnExec],
      permissions: .ownerReadWrite)
    try file.close()
    return interpreter
  }

  private func install(into folder: String, _ interpreter: String) async throws {
    let pip = [
      interpreter, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet",
    ]
    switch needs {
    case .requirements(let file):
      try await program(pip + ["-r", file], "install \(file)")
    case .project(let file, let extras):
      let list = folder + "/omcops-requirements.txt"
      try await program(
        [interpreter, "-c", PythonSetup.lister, file, list] + extras,
        "read the dependencies of \(file)")
      try await program(pip + ["-r", list], "install the dependencies of \(file)")
    }
  }

  private func program(_ words: [String], _ purpose: String) async throws {
    let parent = FilePath(needs.file).removingLastComponent().string
    try await StepProgram(words, environment: variables, folder: parent, purpose: purpose).run()
  }

  private func makeFolders() throws {
    var built = FilePath("/")
    for component in FilePath(cache).components {
      built.append(component)
      if mkdir(built.string, 0o700) != 0, errno != EEXIST {
        throw TestFailure("cannot make \(built): \(Errno(rawValue: errno))")
      }
    }
  }

  // MARK: The key

  /// The interpreter's file and all that is asked for.
  private func key() throws -> String {
    var parts = ["1", resolved(python)]
    switch needs {
    case .requirements(let file):
      var seen: Set<String> = []
      parts += try contents(of: file, &seen)
    case .project(let file, let extras):
      parts += [try PythonSetup.text(of: file)] + extras
    }
    return String(SHA256.hex(of: parts.joined(separator: "\0")).prefix(24))
  }

  /// A file of requirements with those that it includes.
  private func contents(of file: String, _ seen: inout Set<String>) throws -> [String] {
    guard seen.insert(file).inserted else { return [] }
    let text = try PythonSetup.text(of: file)
    var parts = [text]
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "=" || $0 == "\t" }
      guard words.count > 1,
        ["-r", "-c", "--requirement", "--constraint"].contains(words[0])
      else { continue }
      let parent = FilePath(file).removingLastComponent()
      parts += try contents(
        of: parent.pushing(FilePath(String(words[1]))).lexicallyNormalized().string, &seen)
    }
    return parts
  }

  /// Another interpreter behind the same name is another one.
  private func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    var status = stat()
    let name = String(cString: real)
    guard stat(name, &status) == 0 else { return name }
    return "\(name) \(status.st_size) \(status.st_mtim.tv_sec)"
  }

  private static func text(of file: String) throws -> String {
    do {
      let descriptor = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while all.count <= 4 << 20 {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { break }
          all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
      }
    } catch {
      let reason = (error as? Errno).map { "\($0)" } ?? "\(error)"
      throw TestFailure("cannot read \(file): \(reason)", status: .usage)
    }
  }

  /// Writes the dependencies of a pyproject.toml (PEP 621, PEP 735) as a file of requirements.
  private static let lister = """
    import sys
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    path, target, extras = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(path, "rb") as file:
        data = tomllib.load(file)
    project, groups = data.get("project", {}), data.get("dependency-groups", {})
    optional = project.get("optional-dependencies", {})
    lines = list(project.get("dependencies", []))
    def group(name):
        for entry in groups[name]:
            if isinstance(entry, str):
                lines.append(entry)
            else:
                group(entry["include-group"])
    for extra in extras:
        if extra in optional:
            lines.extend(optional[extra])
        elif extra in groups:
            group(extra)
        else:
            sys.exit("there is neither an extra nor a dependency group %s" % extra)
    with open(target, "w") as file:
        file.write("\\n".join(lines) + "\\n")
    """
}
