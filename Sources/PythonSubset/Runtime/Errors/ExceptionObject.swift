internal import OrderedCollections

/// An exception: an instance of `BaseException` or of a class that derives from it.
public final class ExceptionObject: PythonInstance {
  /// What it was made with: `args`.
  public var arguments: [Value]
  /// The exception after `raise ... from`.
  public var cause: ExceptionObject?
  /// The exception that was being handled when this one was raised.
  public var context: ExceptionObject?
  /// Whether `raise ... from None` hides the context.
  public var suppressesContext = false
  /// The places that it went through, the innermost first.
  public var traceback: [TracebackEntry] = []
  var notes: PythonList?
  /// The third argument of an `OSError`, which is not among its `args`.
  private var fileName: Value?
  private var isOSError: Bool { pythonClass.isSubclass(of: BuiltinException.osError.pythonClass) }

  /// Creates an exception of a class.
  public init(_ pythonClass: PythonClass, _ arguments: [Value]) {
    self.arguments = arguments
    super.init(pythonClass)
  }

  deinit {
    var held = arguments + [cause, context].compactMap { $0.map { .object($0) } }
    arguments = []
    (cause, context) = (nil, nil)
    Disposal.take(&held)
  }

  /// `str()` of the exception, without asking its class.
  public func defaultText(_ python: Interpreter) throws -> String {
    if pythonClass.isSubclass(of: BuiltinException.keyError.pythonClass), arguments.count == 1 {
      return try python.repr(arguments[0])
    }
    if isOSError, arguments.count == 2 {
      let file = try fileName.map { ": \(try python.repr($0))" } ?? ""
      return "[Errno \(try python.str(arguments[0]))] \(try python.str(arguments[1]))\(file)"
    }
    return switch arguments.count {
    case 0: ""
    case 1: try python.str(arguments[0])
    default: try python.repr(.tuple(arguments))
    }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "args": return .tuple(arguments)
    case "__cause__": return cause.map { .object($0) } ?? .null
    case "__context__": return context.map { .object($0) } ?? .null
    case "__suppress_context__": return .bool(suppressesContext)
    case "__traceback__":
      return traceback.isEmpty ? .null : .object(TracebackObject(traceback.reversed()))
    case "__notes__": return try notes.map { .list($0) } ?? super.attribute(name, python)
    default: break
    }
    if let value = try super.attribute(name, python) { return value }
    return builtinAttribute(name)
  }

  /// The attributes that some builtin exceptions take from their arguments.
  private func builtinAttribute(_ name: String) -> Value? {
    func has(_ exception: BuiltinException) -> Bool {
      pythonClass.isSubclass(of: exception.pythonClass)
    }
    switch name {
    case "value" where has(.stopIteration): return arguments.first ?? .null
    case "code" where has(.systemExit):
      return arguments.count == 1 ? arguments[0] : arguments.isEmpty ? .null : .tuple(arguments)
    case "errno" where has(.osError): return arguments.count > 1 ? arguments[0] : .null
    case "strerror" where has(.osError): return arguments.count > 1 ? arguments[1] : .null
    case "filename" where has(.osError): return fileName ?? .null
    case "name" where has(.importError) || has(.nameError) || has(.attributeError),
      "path" where has(.importError), "obj" where has(.attributeError):
      return Value.null
    case "msg" where has(.importError): return arguments.first ?? .null
    default: return nil
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    switch name {
    case "args": arguments = try python.items(value)
    case "__cause__":
      cause = value.object(as: ExceptionObject.self)
      suppressesContext = true
    case "__context__": context = value.object(as: ExceptionObject.self)
    case "__suppress_context__": suppressesContext = try python.truth(value)
    case "__traceback__": if value.isNone { traceback = [] }
    case "__notes__": notes = value.list
    default: return try super.setAttribute(name, to: value, python)
    }
    return true
  }

  /// The class that `OSError(errno, text)` makes an instance of.
  private static func specific(_ cls: PythonClass, _ arguments: [Value]) -> PythonClass {
    guard cls === BuiltinException.osError.pythonClass, arguments.count >= 2 else { return cls }
    let kind: BuiltinException? =
      switch arguments[0].int {
      case 1, 13: .permissionError
      case 2: .fileNotFoundError
      case 4: .interruptedError
      case 11: .blockingIOError
      case 17: .fileExistsError
      case 20: .notADirectoryError
      case 21: .isADirectoryError
      case 32: .brokenPipeError
      case 103: .connectionAbortedError
      case 104: .connectionResetError
      case 110: .timeoutError
      case 111: .connectionRefusedError
      default: nil
      }
    return kind?.pythonClass ?? cls
  }

  /// The members of a builtin exception's class; only `BaseException` has any.
  static func members(of exception: BuiltinException) -> OrderedDictionary<String, Value> {
    guard exception == .baseException else { return [:] }
    return [
      "__new__": .new { call in
        .object(ExceptionObject(specific(try call.cls(), call.rest), call.rest))
      },
      "__init__": .method("self, /, *args, **kwargs") { call in
        let object: ExceptionObject = try call.receiver()
        object.arguments = call.rest
        if call.rest.count > 2, object.isOSError {
          object.arguments = Array(call.rest.prefix(2))
          object.fileName = call.rest[2]
        }
        let name = object.pythonClass.name
        if object.pythonClass.isHost, !call.keywords.isEmpty {
          guard object.pythonClass.isSubclass(of: BuiltinException.importError.pythonClass) else {
            throw PythonError(.typeError, "\(name)() takes no keyword arguments")
          }
          for (name, value) in call.keywords { object.attributes[name] = value }
        }
        return .null
      },
      "__str__": .method { call in
        let object: ExceptionObject = try call.receiver()
        return .string(try object.defaultText(call.python))
      },
      "__repr__": .method { call in
        let object: ExceptionObject = try call.receiver()
        let arguments = try object.arguments.map { try call.python.repr($0) }
        return .string("\(object.pythonClass.name)(\(arguments.joined(separator: ", ")))")
      },
      "with_traceback": .method("self, tb, /") { call in call[0] },
      "add_note": .method("self, note, /") { call in
        let object: ExceptionObject = try call.receiver()
        let notes = object.notes ?? PythonList()
        notes.items.append(call[1])
        object.notes = notes
        return .null
      },
    ]
  }
}

/// One place that an exception went through.
public struct TracebackEntry: Hashable, Sendable {
  /// The file's name as the user knows it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column in characters, from 1.
  public var column: Int
  /// The function, `<module>` outside of functions.
  public var function: String
}

/// `__traceback__`: opaque to scripts but for what `traceback` reads.
public final class TracebackObject: PythonObject {
  /// The entries, the outermost first.
  public let entries: [TracebackEntry]

  init(_ entries: [TracebackEntry]) { self.entries = entries }

  public override var pythonClass: PythonClass { .tracebackType }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "tb_lineno": .int(orNone: entries.first?.line)
    case "tb_next": entries.count > 1 ? .object(TracebackObject(Array(entries.dropFirst()))) : .null
    default: try super.attribute(name, python)
    }
  }
}
