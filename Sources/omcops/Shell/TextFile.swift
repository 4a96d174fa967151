internal import Diagnostics
internal import SystemPackage
internal import Terminal

/// A text that the user names: a file, or `-` for standard input.
enum TextFile {
  /// - Throws: a usage error that names the file and why it cannot be read.
  static func read(_ file: String, _ context: Context) throws -> String {
    if file == "-" { return String(decoding: context.input.readAll(), as: UTF8.self) }
    do {
      let descriptor = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        String(
          decoding: InputStream(descriptor: descriptor.rawValue).readAll(), as: UTF8.self)
      }
    } catch let error as Errno {
      throw UnreadableText(file: file, reason: "\(error)")
    }
  }
}

/// A file that cannot be read.
private struct UnreadableText: Failure {
  var file: String
  var reason: String
  var message: String { "cannot read \(file): \(reason)" }
  var status: ExitStatus { .usage }
}
