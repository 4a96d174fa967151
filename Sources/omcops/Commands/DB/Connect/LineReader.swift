internal import CEdit
internal import Glibc

/// Reads lines at a terminal with editing and a history that outlives the session.
struct LineReader {
  private let historyFile: String?

  /// Takes up the history in the user's state folder.
  init(environment: [String: String]) {
    // libedit reads multibyte characters as the locale says.
    setlocale(LC_CTYPE, "")
    let state = environment["XDG_STATE_HOME"] ?? environment["HOME"].map { $0 + "/.local/state" }
    historyFile = state.map { $0 + "/omcops/connect_history" }
    using_history()
    guard let historyFile else { return }
    LineReader.makeFolders(above: historyFile)
    // Statements may hold secrets: the file is the user's alone from its first moment.
    let descriptor = open(historyFile, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      fchmod(descriptor, 0o600)
      close(descriptor)
    }
    read_history(historyFile)
  }

  /// The next line without its newline; nil at the end of input.
  func read(_ prompt: String) -> String? {
    guard let line = readline(prompt) else { return nil }
    defer { free(line) }
    return String(cString: line)
  }

  /// Remembers what was run, a statement an entry.
  func remember(_ entry: String) {
    guard !entry.isEmpty else { return }
    add_history(entry)
    if let historyFile { write_history(historyFile) }
  }

  private static func makeFolders(above path: String) {
    var folder = ""
    for component in path.split(separator: "/").dropLast() {
      folder += "/" + component
      mkdir(folder, 0o700)
    }
  }
}
