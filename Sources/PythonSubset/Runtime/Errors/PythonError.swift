public import Diagnostics

/// A Python exception on its way: what `except` catches.
///
/// A host throws one with a builtin class (`throw PythonError(.valueError, "...")`) or with an
/// ``ExceptionObject`` of its own class. Any other Swift error that a host throws passes through
/// the script: neither `except` nor `finally` nor `with` sees it, and the script is abandoned.
///
/// Sendable only because Swift errors are: the exception belongs to the thread of the interpreter,
/// which catches it there; who lets it leave that thread makes a ``ScriptFailure`` of it first.
public struct PythonError: Error, @unchecked Sendable {
  /// The exception.
  public let exception: ExceptionObject

  /// An exception that exists.
  public init(_ exception: ExceptionObject) { self.exception = exception }

  /// A new exception of a builtin class.
  public init(_ kind: BuiltinException, _ message: String) {
    exception = ExceptionObject(kind.pythonClass, [.string(message)])
  }

  /// A new exception of a builtin class with any arguments.
  public init(_ kind: BuiltinException, arguments: [Value]) {
    exception = ExceptionObject(kind.pythonClass, arguments)
  }

  /// A new exception of a host class.
  public init(_ pythonClass: PythonClass, _ message: String) {
    exception = ExceptionObject(pythonClass, [.string(message)])
  }

  /// Whether the exception is an instance of a builtin class or of one that derives from it.
  public func isA(_ kind: BuiltinException) -> Bool {
    exception.pythonClass.isSubclass(of: kind.pythonClass)
  }
}

/// What `body` gives, or nil where it raises a Python exception, which is swallowed. What abandons
/// a script (``Unsupported``, ``LimitExceeded``, an error of the host) passes.
public func unlessRaised<Result>(_ body: () throws -> Result) throws -> Result? {
  do {
    return try body()
  } catch is PythonError {
    return nil
  }
}

/// A Python exception that nothing in the script caught, as a person reads it. Holds no Python
/// values, so it can go to another thread.
public struct ScriptFailure: Failure, Equatable {
  /// The exception's class.
  public let exception: String
  /// `str()` of the exception.
  public let text: String
  /// The places it went through, the innermost first.
  public let traceback: [TracebackEntry]
  /// The exceptions behind it: `__cause__` or `__context__`, as one line each.
  public let causes: [String]

  /// Reads an exception.
  public init(_ error: PythonError, _ python: Interpreter) {
    exception = error.exception.pythonClass.name
    text = (try? python.str(.object(error.exception))) ?? "<exception str() failed>"
    traceback = error.exception.traceback
    var causes: [String] = []
    var next = error.exception
    while let cause = next.cause ?? (next.suppressesContext ? nil : next.context),
      causes.count < 8
    {
      let text = (try? python.str(.object(cause))) ?? "<exception str() failed>"
      causes.append(text.isEmpty ? cause.pythonClass.name : "\(cause.pythonClass.name): \(text)")
      next = cause
    }
    self.causes = causes
  }

  /// The innermost place that has one, the exception and its text.
  public var message: String {
    let place = traceback.first.map { "\($0.file):\($0.line): " } ?? ""
    return place + (text.isEmpty ? exception : "\(exception): \(text)")
  }

  /// The way it took, and what is behind it.
  public var details: [String] {
    traceback.dropFirst().map { "called from \($0.file):\($0.line), in \($0.function)" }
      + causes.map { "after \($0)" }
  }
}
