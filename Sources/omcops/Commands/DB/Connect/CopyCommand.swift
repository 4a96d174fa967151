internal import Diagnostics
internal import Postgres
internal import SystemPackage
internal import Terminal

extension ConnectShell {
  /// `\copy`: rows to and from files of this machine.
  func copy(_ argument: String) async throws {
    let request = try CopyRequest(argument)
    let rows = request.isOut ? try await copyOut(request) : try await copyIn(request)
    context.error.write("COPY \(rows)\n")
  }

  private func copyOut(_ request: CopyRequest) async throws -> Int64 {
    let connection = connection
    let sql = request.sql
    guard let name = request.file else {
      let output = context.output
      return try await running.run { try await connection.copyOut(sql) { output.write($0) } }
    }
    let path = try fileName(name, for: "\\copy")
    let file = try FileDescriptor.opening(path, forWriting: true)
    return try await closing(file) {
      try await running.run {
        try await connection.copyOut(sql) { bytes in
          do {
            _ = try file.writeAll(bytes)
          } catch {
            throw ShellCommandError(message: "cannot write \(path): \(error)", hint: nil)
          }
        }
      }
    }
  }

  private func copyIn(_ request: CopyRequest) async throws -> Int64 {
    guard let name = request.file else {
      throw ShellCommandError(
        message: "\\copy takes rows from a file, not from the terminal",
        hint: "write them to a file first, or use INSERT")
    }
    let file = try FileDescriptor.opening(try fileName(name, for: "\\copy"))
    let connection = connection
    let sql = request.sql
    return try await closing(file) {
      try await running.run {
        try await connection.copyIn(sql) { send in
          try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            let count = try file.read(into: buffer)
            if count > 0 { try send(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return count > 0
          }
        }
      }
    }
  }

  private func closing<Result>(
    _ file: FileDescriptor, _ body: () async throws -> Result
  ) async throws -> Result {
    do {
      let result = try await body()
      // A file system may tell only now that it is full.
      try file.close()
      return result
    } catch {
      try? file.close()
      throw error
    }
  }
}

/// What `\copy` is asked for: `TABLE TO 'file' (FORMAT csv)` and its like.
struct CopyRequest: Equatable {
  let sql: String
  /// The file as it was written; nil for the terminal's own streams.
  let file: String?
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
    if name.lowercased() == "program" {
      throw ShellCommandError(
        message: "\\copy runs no programs", hint: "use a file, or omcops db query in a pipe")
    }
    let streams = isOut ? ["stdout", "pstdout"] : ["stdin", "pstdin"]
    file = streams.contains(name.lowercased()) ? nil : name
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
