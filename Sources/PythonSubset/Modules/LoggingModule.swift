internal import OrderedCollections

/// `logging`: messages go to the log that the caller gives; configuration is taken and has no
/// effect on it.
enum LoggingModule {
  static let levels = [
    ("CRITICAL", 50), ("FATAL", 50), ("ERROR", 40), ("WARNING", 30), ("WARN", 30), ("INFO", 20),
    ("DEBUG", 10), ("NOTSET", 0),
  ]

  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    let registry = Registry(surroundings)
    return .describing("logging", isPackage: true) { table in
      for (name, level) in levels { table.value(name) { .int(level) } }
      table.function("getLogger", "name=None") { call in
        .object(registry.logger(try call.optionalString("name") ?? "root"))
      }
      for (name, level) in methods {
        table.function(name, "msg, *args, **kwargs") { call in
          try registry.logger("root").log(level, call[0], call.rest, call)
        }
      }
      table.function("log", "level, msg, *args, **kwargs") { call in
        try registry.logger("root").log(call.int(0), call[1], call.rest, call)
      }
      table.function("basicConfig", "**kwargs") { _ in .null }
      table.function("disable", "level=50") { _ in .null }
      table.function("captureWarnings", "capture") { _ in .null }
      table.function("getLevelName", "level") { call in
        if let number = call[0].int {
          return .string(levels.first { $0.1 == number }?.0 ?? "Level \(number)")
        }
        return .int(orNone: levels.first { $0.0 == call[0].string }?.1)
      }
      for cls in unused { table.type(cls, as: cls.name) }
      table.function("getLevelNamesMapping") { _ in
        .dict(PythonDict(levels.map { ($0.0, .int($0.1)) }))
      }
      table.function("addLevelName", "level, levelName") { _ in .null }
      table.function("getLoggerClass") { _ in .object(loggerClass) }
      table.function("setLoggerClass", "klass") { _ in .null }
      table.value("root") { .object(registry.logger("root")) }
      table.type(loggerClass, as: "Logger")
      table.computed("config") { _ in
        .object(
          HostModule(
            "logging.config",
            [
              "fileConfig": { _ in .function("fileConfig", "*args, **kwargs") { _ in .null } },
              "dictConfig": { _ in .function("dictConfig", "*args, **kwargs") { _ in .null } },
            ]))
      }
    }
  }

  static let methods = [
    ("debug", 10), ("info", 20), ("warning", 30), ("warn", 30), ("error", 40), ("exception", 40),
    ("critical", 50), ("fatal", 50),
  ]

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let loggerClass = PythonClass(host: "Logger", module: "logging")

  final class Registry {
    let surroundings: ScriptSurroundings
    private var loggers: [String: Logger] = [:]

    init(_ surroundings: ScriptSurroundings) { self.surroundings = surroundings }

    func logger(_ name: String) -> Logger {
      if let logger = loggers[name] { return logger }
      let logger = Logger(name, surroundings)
      loggers[name] = logger
      return logger
    }
  }

  /// A logger; by default it shows warnings and what is graver, as Python's root does.
  final class Logger: PythonObject {
    let name: String
    let surroundings: ScriptSurroundings
    var level = 0
    var isDisabled = false

    init(_ name: String, _ surroundings: ScriptSurroundings) {
      self.name = name
      self.surroundings = surroundings
    }

    override var pythonClass: PythonClass { loggerClass }

    func log(_ level: Int, _ message: Value, _ arguments: [Value], _ call: Call) throws -> Value {
      guard !isDisabled, level >= (self.level == 0 ? 30 : self.level) else { return .null }
      var text = try call.python.str(message)
      if !arguments.isEmpty {
        // A single mapping gives %(name)s its names.
        let values =
          arguments.count == 1 && arguments[0].dict != nil ? arguments[0] : .tuple(arguments)
        text = try PercentFormat.format(text, values, call.python)
      }
      let label = levels.first { $0.1 == level }?.0 ?? "Level \(level)"
      surroundings.log("\(label) [\(name)] \(text)")
      return .null
    }

    override class var ownMethods: [String] {
      methods.map(\.0) + [
        "log", "setLevel", "isEnabledFor", "getEffectiveLevel", "getChild", "addHandler",
        "removeHandler", "addFilter", "removeFilter", "hasHandlers",
      ]
    }

    override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
      if let level = methods.first(where: { $0.0 == name })?.1 {
        return .function(name, "msg, *args, **kwargs") { [self] call in
          try log(level, call[0], call.rest, call)
        }
      }
      switch name {
      case "log":
        return .function("log", "level, msg, *args, **kwargs") { [self] call in
          try log(call.int(0), call[1], call.rest, call)
        }
      case "name": return .string(self.name)
      case "level": return .int(level)
      case "handlers": return .list([])
      case "propagate": return true
      case "disabled": return .bool(isDisabled)
      case "parent": return .null
      case "setLevel":
        return .function("setLevel", "level") { [self] call in
          level = call[0].int ?? LoggingModule.levels.first { $0.0 == call[0].string }?.1 ?? level
          return .null
        }
      case "isEnabledFor":
        return .function("isEnabledFor", "level") { [self] call in
          .bool(try call.int(0) >= (level == 0 ? 30 : level))
        }
      case "getEffectiveLevel":
        return .function("getEffectiveLevel") { [self] _ in .int(level == 0 ? 30 : level) }
      case "getChild":
        return .function("getChild", "suffix") { [self] call in
          .object(Logger("\(self.name).\(try call.string(0))", surroundings))
        }
      case "addHandler", "removeHandler", "addFilter", "removeFilter":
        return .function(name, "item") { _ in .null }
      case "hasHandlers": return .function(name) { _ in true }
      default: return try super.attribute(name, python)
      }
    }

    override func setAttribute(
      _ name: String, to value: Value, _ python: Interpreter
    ) throws -> Bool {
      if name == "disabled" { isDisabled = try python.truth(value) }
      return ["disabled", "propagate", "level", "handlers"].contains(name)
    }
  }

  /// Handlers, formatters and filters, which scripts may derive from: taken and not used.
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) private static let unused: [PythonClass] = {
    let handler = ignoring(
      "Handler",
      [
        "setFormatter", "setLevel", "addFilter", "removeFilter", "emit", "format", "handle",
        "flush",
        "close", "acquire", "release", "handleError",
      ])
    let formatter = ignoring("Formatter", ["format", "formatTime", "formatException", "usesTime"])
    let filter = ignoring("Filter", ["filter"])
    let handlers = ["StreamHandler", "NullHandler", "FileHandler"].map {
      PythonClass(host: $0, module: "logging", bases: [handler])
    }
    return [handler, formatter, filter, PythonClass(host: "LogRecord", module: "logging")]
      + handlers
  }()

  private static func ignoring(_ name: String, _ methods: [String]) -> PythonClass {
    var members: OrderedDictionary<String, Value> = [
      "__init__": .method("self, *args, **kwargs") { _ in .null }
    ]
    for method in methods { members[method] = .method("self, *args, **kwargs") { _ in .null } }
    return PythonClass(host: name, module: "logging", members: members)
  }
}
