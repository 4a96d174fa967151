/// Calls that a module makes for the world outside: messages to a logger, and work on files. They
/// change nothing that a name of the module stands for, so that names can be had without them.
struct OutwardCalls {
  /// Names of a module that stand for loggers and nothing else.
  private var loggers: Set<String> = []
  /// Names of a module that stand for standard modules and nothing else.
  private var modules: Set<String> = []

  init() {}

  /// The loggers and modules among the names that a module's top level binds.
  init(_ body: [Statement]) {
    var others: Set<String> = []
    for statement in body {
      switch statement.kind {
      case .assign(let targets, let value):
        if targets.count == 1, case .name(let name) = targets[0].kind, Self.isLogger(value) {
          loggers.insert(name)
        } else {
          others.formUnion(LocalNames.bound(in: [statement]))
        }
      case .import(let paths):
        for path in paths {
          let isPlain = path.alias == nil && Self.fileWork[path.path[0]] != nil
          if isPlain {
            modules.insert(path.path[0])
          } else {
            others.insert(path.alias ?? path.path[0])
          }
        }
      default: others.formUnion(LocalNames.bound(in: [statement]))
      }
    }
    loggers.subtract(others.union(modules))
    modules.subtract(others)
  }

  /// Whether `name.method(...)` is such a call.
  func contains(_ name: String, _ method: String) -> Bool {
    loggers.contains(name) && Self.messages.contains(method)
      || modules.contains(name) && Self.fileWork[name]?.contains(method) == true
  }

  /// `logging.getLogger(...)`.
  private static func isLogger(_ value: Expression) -> Bool {
    guard case .call(let function, _) = value.kind,
      case .attribute(let object, "getLogger", _) = function.kind,
      case .name("logging") = object.kind
    else { return false }
    return true
  }

  private static let messages: Set<String> = [
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log",
  ]

  private static let fileWork: [String: Set<String>] = [
    "os": ["chmod", "makedirs", "mkdir", "remove", "rename", "replace", "rmdir", "unlink"],
    "shutil": ["copy", "copy2", "copyfile", "copytree", "make_archive", "move", "rmtree"],
  ]
}
