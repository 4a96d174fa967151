internal import Diagnostics
internal import Glibc
internal import Postgres
internal import Quantities
internal import SystemPackage
internal import Terminal

extension ConnectShell {
  private static let help = """
    \\d [NAME]      relations, or all about one      \\x [on|off|auto]  a line for each value
    \\dt \\di \\ds    tables, indexes, sequences       \\timing [on|off]  how long statements take
    \\dv \\dm \\df    views, materialized, functions   \\i FILE           run a file
    \\dn \\du \\dx    schemas, roles, extensions       \\e [FILE]         edit and run what is typed,
    \\l            databases                                          or the last statement
    \\sf NAME      a function's definition          \\watch [N]        run it every N seconds
    \\conninfo     where this session is            \\g \\gx            run it; a line a value
    \\copy TABLE|(QUERY) TO|FROM FILE [OPTIONS]     \\p \\r             print or drop what is typed
    \\?            this list                        \\q                end the session

    NAME may hold * and ?, and a schema before a dot. A + after \\d, \\dt, \\dv, \\dm, \\di and \\l
    adds sizes and comments. \\g, \\gx and \\watch may end a statement, in place of the semicolon.

    """

  /// Runs a line that begins with a backslash.
  mutating func command(_ line: String) async throws {
    let words = line.dropFirst().split(separator: " ", maxSplits: 1)
    let name = words.first.map(String.init) ?? ""
    let argument = words.count > 1 ? String(words[1]).trimmingBlanks : ""
    switch name {
    case "q": isEnded = true
    case "?", "h": context.output.write(ConnectShell.help)
    case "x": try setExpansion(argument)
    case "timing": try setTiming(argument)
    case "i": try await include(argument)
    case "e": try await edit(argument)
    case "g": try await again(expanded: false)
    case "gx": try await again(expanded: true)
    case "watch": try await watch(argument)
    case "copy": try await copy(argument)
    case "p": context.output.write((typed ?? "") + "\n")
    case "r": buffer = ""
    case "conninfo": context.output.write(connection.info.place + "\n")
    case "sf": try await showDefinitions(argument)
    default: try await list(name, argument)
    }
  }

  /// What is typed and not run yet, or else the last statement.
  private var typed: String? { SQLScript(buffer).rest?.sql ?? lastStatement }

  private mutating func takeTyped() throws -> String {
    guard let sql = typed else {
      throw ShellCommandError(message: "there is no statement to run yet", hint: nil)
    }
    buffer = ""
    return sql
  }

  private mutating func setExpansion(_ word: String) throws {
    let wanted = word.isEmpty ? (expansion == .on ? .off : .on) : Expansion(rawValue: word)
    guard let wanted else {
      throw ShellCommandError(message: "\\x takes on, off or auto, not \"\(word)\"", hint: nil)
    }
    expansion = wanted
    context.error.write("expanded output is \(expansion.rawValue)\n")
  }

  private mutating func setTiming(_ word: String) throws {
    guard ["", "on", "off"].contains(word) else {
      throw ShellCommandError(message: "\\timing takes on or off, not \"\(word)\"", hint: nil)
    }
    isTimed = word.isEmpty ? !isTimed : word == "on"
    context.error.write("timing is \(isTimed ? "on" : "off")\n")
  }

  private mutating func again(expanded: Bool) async throws {
    let before = expansion
    if expanded { expansion = .on }
    defer { expansion = before }
    try await run(try takeTyped())
  }

  private mutating func include(_ argument: String) async throws {
    let path = try fileName(argument, for: "\\i")
    try await take(try text(of: path) + "\n", from: path)
  }

  /// Has the user's editor change a file, or else what is typed or the last statement; runs what
  /// came of it. What is left as it was is not run.
  private mutating func edit(_ argument: String) async throws {
    if !argument.isEmpty {
      let path = try fileName(argument, for: "\\e")
      try openEditor(path)
      return try await take(try text(of: path) + "\n", from: path)
    }
    let before = (typed.map { $0 + ";" } ?? "") + "\n"
    let path = try temporaryFile(holding: before)
    defer { unlink(path) }
    try openEditor(path)
    let after = try text(of: path)
    guard after != before else {
      return context.error.write("nothing was changed, and nothing is run\n")
    }
    buffer = ""
    context.output.write(after)
    try await take(after)
  }

  private func temporaryFile(holding text: String) throws -> String {
    let folder = context.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array((folder + "/omcops-edit-XXXXXX.sql").utf8CString)
    let descriptor = FileDescriptor(rawValue: mkstemps(&template, 4))
    guard descriptor.rawValue >= 0 else {
      throw ShellCommandError(
        message: "cannot make a file in \(folder): \(Errno(rawValue: errno))", hint: nil)
    }
    try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func openEditor(_ path: String) throws {
    // The variable may hold options, so a shell reads it; the path goes as an argument of its own.
    setenv("OMCOPS_EDITED", path, 1)
    defer { unsetenv("OMCOPS_EDITED") }
    guard system("exec ${VISUAL:-${EDITOR:-vi}} \"$OMCOPS_EDITED\"") == 0 else {
      throw ShellCommandError(
        message: "the editor failed; nothing is run", hint: "EDITOR names the program to use")
    }
  }

  private mutating func watch(_ argument: String) async throws {
    guard let seconds = argument.isEmpty ? 2 : Double(argument), seconds > 0, seconds < 86400 else {
      throw ShellCommandError(message: "\\watch needs seconds, not \"\(argument)\"", hint: nil)
    }
    let sql = try takeTyped()
    while true {
      let interval = Duration.milliseconds(Int64(seconds * 1000)).readable
      context.error.write("\(Timestamp.now().rfc3339()), every \(interval)\n")
      try await run(sql)
      try await running.run { try await Task.sleep(for: .seconds(seconds)) }
    }
  }

  /// A file that the user named: quotes and `~` are taken away.
  func fileName(_ argument: String, for command: String) throws -> String {
    var path = argument
    if path.count > 1, path.hasPrefix("'"), path.hasSuffix("'") {
      path = String(path.dropFirst().dropLast())
    }
    if path.isEmpty {
      throw ShellCommandError(message: "\(command) needs the name of a file", hint: nil)
    }
    if path.hasPrefix("~/"), let home = context.environment["HOME"] {
      path = home + path.dropFirst()
    }
    return path
  }

  private func text(of path: String) throws -> String {
    let file = try FileDescriptor.opening(path)
    return try file.closeAfter {
      String(decoding: InputStream(descriptor: file.rawValue).readAll(), as: UTF8.self)
    }
  }
}

extension ConnectionInfo {
  /// One line that says where a session is, and as whom.
  fileprivate var place: String {
    let at = host.hasPrefix("/") ? "socket \(host)" : "host \(host)"
    return "database \(database) as \(user), \(at), port \(port), server process \(backendPID), "
      + (isEncrypted ? "encrypted" : "not encrypted") + (isStandby ? ", a standby" : "")
  }
}

/// A command of the interactive session that cannot be done.
struct ShellCommandError: Failure {
  var message: String
  var hint: String?
}

extension FileDescriptor {
  /// Opens a file that the user named.
  static func opening(_ path: String, forWriting: Bool = false) throws -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        FilePath(path), forWriting ? .writeOnly : .readOnly,
        options: forWriting ? [.create, .truncate, .closeOnExec] : .closeOnExec,
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch let error as Errno {
      throw ShellCommandError(message: "cannot open \(path): \(error)", hint: nil)
    }
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return String(text.drop { $0.isWhitespace })
  }
}
