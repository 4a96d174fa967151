internal import Diagnostics
internal import Glibc
internal import Postgres
internal import SystemPackage
internal import Terminal

extension ConnectShell {
  private static let help = """
    \\d [NAME]   relations, or one relation's columns     \\x        a line for each value, on or off
    \\dt \\di     tables, indexes                          \\timing   how long statements take
    \\dv \\df     views, functions                         \\i FILE   run the statements of a file
    \\dn \\du \\l  schemas, roles, databases                \\e        edit the last statement and run it
    \\copy TABLE|(QUERY) TO|FROM FILE [OPTIONS]           \\watch N  run the last one every N seconds
    \\?          this list                                \\q        end the session
    After \\dt and the like stands a pattern, as \\dt user%.

    """

  /// Runs a line that begins with a backslash.
  mutating func command(_ line: String) async throws {
    let words = line.dropFirst().split(separator: " ", maxSplits: 1)
    let name = words.first.map(String.init) ?? ""
    let argument = words.count > 1 ? String(words[1]).trimmingBlanks : ""
    switch name {
    case "q": isEnded = true
    case "?": context.output.write(ConnectShell.help)
    case "x":
      isExpanded.toggle()
      context.error.write("expanded output is \(isExpanded ? "on" : "off")\n")
    case "timing":
      isTimed.toggle()
      context.error.write("timing is \(isTimed ? "on" : "off")\n")
    case "i": try await include(argument)
    case "e": try await edit()
    case "watch": try await watch(argument)
    case "copy": try await copy(argument)
    case "d" where !argument.isEmpty:
      try await show(Statement(CatalogListing.columns, [SQLValue(argument)]))
      try await show(Statement(CatalogListing.parts, [SQLValue(argument)]))
    default:
      guard let query = CatalogListing.query(for: name) else {
        throw ShellCommandError(message: "there is no command \\\(name)", hint: "\\? lists them")
      }
      try await show(Statement(query, [SQLValue(argument.isEmpty ? "%" : argument)]))
    }
  }

  private mutating func include(_ path: String) async throws {
    let file = try FileDescriptor.opening(path)
    let text = try file.closeAfter {
      String(decoding: InputStream(descriptor: file.rawValue).readAll(), as: UTF8.self)
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      try await take(String(line))
    }
  }

  /// Has the user's editor change the last statement, then runs it.
  private mutating func edit() async throws {
    var template = Array("/tmp/omcops-edit-XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
    let descriptor = FileDescriptor(rawValue: mkstemp(&template))
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    try descriptor.closeAfter {
      _ = try descriptor.writeAll(((lastStatement.map { $0 + ";" } ?? "") + "\n").utf8)
    }
    // The name is ours and holds nothing that a shell would read otherwise.
    guard system("${VISUAL:-${EDITOR:-vi}} \(path)") == 0 else {
      throw ShellCommandError(message: "the editor failed", hint: "set EDITOR")
    }
    try await include(path)
  }

  private mutating func watch(_ argument: String) async throws {
    guard let sql = lastStatement else {
      throw ShellCommandError(message: "no statement has been run yet", hint: nil)
    }
    guard let seconds = argument.isEmpty ? 2 : Double(argument), seconds > 0, seconds < 86400 else {
      throw ShellCommandError(message: "\\watch needs seconds, not \"\(argument)\"", hint: nil)
    }
    while true {
      try await run(sql)
      try await running.run { try await Task.sleep(for: .seconds(seconds)) }
    }
  }

  private func copy(_ argument: String) async throws {
    let request = try CopyRequest(argument)
    let connection = connection
    let rows: Int64
    if request.isOut {
      let file = try FileDescriptor.opening(request.file, forWriting: true)
      let stream = OutputStream(descriptor: file.rawValue)
      rows = try await closing(file) {
        try await running.run { try await connection.copyOut(request.sql) { stream.write($0) } }
      }
    } else {
      let file = try FileDescriptor.opening(request.file)
      rows = try await closing(file) {
        try await running.run {
          try await connection.copyIn(request.sql) { send in
            try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
              let count = try file.read(into: buffer)
              if count > 0 { try send(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
              return count > 0
            }
          }
        }
      }
    }
    context.error.write("COPY \(rows)\n")
  }

  private func closing<Result>(
    _ file: FileDescriptor, _ body: () async throws -> Result
  ) async throws -> Result {
    defer { try? file.close() }
    return try await body()
  }
}

/// What `\copy` is asked for: `TABLE TO 'file' (FORMAT csv)` and its like.
struct CopyRequest {
  let sql: String
  let file: String
  let isOut: Bool

  init(_ text: String) throws {
    let words = CopyRequest.words(text)
    guard let index = words.firstIndex(where: { ["to", "from"].contains($0.lowercased()) }),
      index > 0, index + 1 < words.count
    else {
      throw ShellCommandError(
        message: "\\copy cannot be read", hint: "write \\copy TABLE TO FILE, or FROM FILE")
    }
    isOut = words[index].lowercased() == "to"
    let name = words[index + 1]
    file = name.hasPrefix("'") && name.count > 1 ? String(name.dropFirst().dropLast()) : name
    let what = words[..<index].joined(separator: " ")
    let options = words[(index + 2)...].joined(separator: " ")
    sql = "COPY \(what) \(isOut ? "TO STDOUT" : "FROM STDIN") \(options)"
  }

  /// Cuts at blanks outside quotes and parentheses.
  private static func words(_ text: String) -> [String] {
    var words = [""]
    var depth = 0
    var quote: Character?
    for character in text {
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "(" || character == ")" {
        depth += character == "(" ? 1 : -1
      } else if character == " ", depth == 0 {
        words.append("")
        continue
      }
      words[words.count - 1].append(character)
    }
    return words.filter { !$0.isEmpty }
  }
}

/// A command of the interactive session that cannot be done.
struct ShellCommandError: Failure {
  var message: String
  var hint: String?
}

extension FileDescriptor {
  /// Opens a file that the user named.
  fileprivate static func opening(
    _ path: String, forWriting: Bool = false
  ) throws -> FileDescriptor {
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
    while text.last == " " || text.last == ";" { text.removeLast() }
    return String(text.drop { $0 == " " })
  }
}
