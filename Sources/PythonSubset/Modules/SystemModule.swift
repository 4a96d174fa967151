/// `sys`, as far as scripts read it.
enum SystemModule {
  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    .describing("sys") { table in
      table.value("version") { "3.12.0 (omcops)" }
      table.value("version_info") { .tuple([3, 12, 0, "final", 0]) }
      table.value("hexversion") { 0x030C_00F0 }
      table.value("platform") { "linux" }
      table.value("maxsize") { .int(.max) }
      table.value("byteorder") { "little" }
      table.value("argv") { .list(surroundings.arguments.map { .string($0) }) }
      table.value("path") { .list([]) }
      table.value("executable") { "" }
      table.computed("modules") { python in
        .dict(PythonDict(python.modules.elements.map { ($0.key, .object($0.value)) }))
      }
      table.function("exc_info") { call in
        guard let exception = call.python.currentException else {
          return .tuple([.null, .null, .null])
        }
        return .tuple([
          .object(exception.pythonClass), .object(exception),
          try call.python.attribute(of: .object(exception), "__traceback__") ?? .null,
        ])
      }
      table.function("exit", "status=None, /") { call in
        throw PythonError(.systemExit, arguments: call[0].isNone ? [] : [call[0]])
      }
      table.function("getrecursionlimit") { _ in 1000 }
      for name in ["getdefaultencoding", "getfilesystemencoding"] {
        table.function(name) { _ in "utf-8" }
      }
      table.function("intern", "string, /") { $0[0] }
      for name in ["stdout", "stderr"] {
        table.value(name) { .object(StandardStream(isOutput: name == "stdout", surroundings)) }
      }
      table.refused("settrace", "setprofile", "setrecursionlimit", "_getframe", in: "sys")
    }
  }

  /// `sys.stdout` and `sys.stderr`: what is written goes to the log.
  final class StandardStream: PythonObject {
    private let isOutput: Bool
    private let surroundings: ScriptSurroundings
    private var line = ""

    init(isOutput: Bool, _ surroundings: ScriptSurroundings) {
      self.isOutput = isOutput
      self.surroundings = surroundings
    }

    override class var ownMethods: [String] { ["write", "flush", "isatty"] }

    override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
      switch name {
      case "write":
        return .function("write", "text, /") { [self] call in
          let text = try call.string(0)
          line += text
          while let end = line.firstIndex(of: "\n") {
            surroundings.log(String(line[..<end]))
            line = String(line[line.index(after: end)...])
          }
          return .int(text.unicodeScalars.count)
        }
      case "flush":
        return .function("flush") { [self] _ in
          if !line.isEmpty { surroundings.log(line) }
          line = ""
          return .null
        }
      case "isatty": return .function("isatty") { _ in false }
      case "encoding": return "utf-8"
      default: return try super.attribute(name, python)
      }
    }
  }
}

extension Interpreter {
  /// The exception that is being handled.
  var currentException: ExceptionObject? { handled.last }
}
