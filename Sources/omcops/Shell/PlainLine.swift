/// A command line in the form that scripts use in loops: the words of a command, then options that take
/// a value, each at most once.
///
/// The argument parser asks the runtime for the conformances of many types, which takes as long as all
/// else of a short command together. Lines of this form do without it; every other line, and every
/// slip, is the parser's.
struct PlainLine {
  private var values: [(name: String, value: String)] = []

  /// Reads the line of a command; nil where it has another form or is another command's.
  ///
  /// - Parameter options: the options as they are typed, and the name of what each gives.
  init?(_ arguments: [String], of command: [String], options: KeyValuePairs<String, String>) {
    guard arguments.starts(with: command) else { return nil }
    var rest = arguments.dropFirst(command.count)
    while let option = rest.popFirst() {
      guard let (_, name) = options.first(where: { $0.key == option }), self[name] == nil,
        let value = rest.popFirst(), !value.hasPrefix("-")
      else { return nil }
      values.append((name, value))
    }
  }

  subscript(name: String) -> String? { values.first { $0.name == name }?.value }
}
