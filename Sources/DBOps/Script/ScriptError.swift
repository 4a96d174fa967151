internal import Diagnostics
internal import Postgres

/// What is wrong with a script, and on which line.
struct ScriptError: Failure, Hashable {
  var file: String
  var line: Int
  var reason: String
  var hint: String?
  var details: [String] = []
  var status: ExitStatus = .failed

  var message: String { "\(file):\(line): \(reason)" }

  init(
    file: String, line: Int, reason: String, hint: String? = nil, status: ExitStatus = .failed
  ) {
    self.file = file
    self.line = line
    self.reason = reason
    self.hint = hint
    self.status = status
  }

  /// The server's error about a statement, at the place in the file that the server means.
  init(_ error: PostgresError, in statement: ScriptStatement, of file: String) {
    let place = error.place(in: statement.text ?? "", startingAtLine: statement.line)
    self.init(file: file, line: place?.line ?? statement.line, reason: error.message)
    hint = error.hint
    var shown = error
    shown.excerpt = place?.excerpt ?? []
    details = shown.details
  }

  /// The server's error about the rows of a `COPY`, which begin at a line of the file.
  init(_ error: PostgresError, inRowsOf statement: ScriptStatement, at first: Int, of file: String)
  {
    self.init(error, in: statement, of: file)
    if error.excerpt.isEmpty, let row = error.copyLine { line = first + row - 1 }
  }
}
