internal import Glibc
internal import SystemPackage
internal import Terminal

/// The file of what was run at the prompt, a line for each entry, in the user's state folder.
///
/// Sessions add to its end, so that two at once lose nothing of each other.
struct LineHistory {
  /// How many entries are offered again, the newest.
  static let limit = 5000

  private let path: String?

  /// Finds the file and makes it the user's alone: statements may hold secrets.
  init(environment: [String: String]) {
    let home = environment["HOME"].map { $0 + "/.local/state" }
    let state = environment["XDG_STATE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? home
    path = state.map { $0 + "/omcops/connect_history" }
    guard let path else { return }
    LineHistory.makeFolders(above: path)
    let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    if descriptor >= 0 {
      fchmod(descriptor, 0o600)
      close(descriptor)
    }
  }

  /// The entries, oldest first; none where the file cannot be read.
  func read() -> [String] {
    guard let path else { return [] }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let text = String(decoding: InputStream(descriptor: descriptor).readAll(), as: UTF8.self)
    return text.split(separator: "\n").suffix(LineHistory.limit).map(LineHistory.decoded)
  }

  /// Adds an entry. A history that cannot be written is no reason to stop a session.
  func append(_ entry: String) {
    guard let path else { return }
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = try? FileDescriptor(rawValue: descriptor).writeAll((LineHistory.encoded(entry) + "\n").utf8)
  }

  /// One line: a newline becomes `\n`, a backslash two.
  static func encoded(_ entry: String) -> String {
    entry.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\n", "\r\n": text += "\\n"
      default: text.append(character)
      }
    }
  }

  static func decoded(_ line: Substring) -> String {
    var text = ""
    var isEscaped = false
    for character in line {
      if isEscaped {
        text.append(character == "n" ? "\n" : character)
      } else if character != "\\" {
        text.append(character)
      }
      isEscaped = !isEscaped && character == "\\"
    }
    return text
  }

  private static func makeFolders(above path: String) {
    var folder = ""
    for component in path.split(separator: "/").dropLast() {
      folder += "/" + component
      mkdir(folder, 0o700)
    }
  }
}
