public import Diagnostics
public import OrderedCollections

/// Runs Python: holds the modules, the output and the limits, and computes with values.
///
/// An interpreter and all values it makes belong to one thread at a time. It is synchronous, so
/// that what a script calls may wait for a server; run it on a thread that may block.
///
/// ```swift
/// let python = Interpreter(importer: modules, print: { text in … })
/// let script = try python.run(Parser.parse(…), as: "script")
/// try python.call(script.member("upgrade", python), [])
/// ```
public final class Interpreter {
  /// What bounds a script.
  public struct Limits: Sendable {
    /// Statements, loop turns and items that host functions go through.
    public var steps = 100_000_000
    /// Levels of nesting: calls within one another, `repr` of lists within lists. CPython raises
    /// RecursionError at 1000.
    public var depth = 1000
    /// Bytes that the process may have in memory while it builds large values.
    public var memory = 1 << 30
    /// Bytes of one string, list or integer.
    public var size = 1 << 27

    /// The limits that leave room for any real migration.
    public init() {}
  }

  /// The limits.
  public let limits: Limits
  /// The modules by their dotted name, as far as they are imported.
  public internal(set) var modules: OrderedDictionary<String, PythonModule> = [:]
  /// The module `builtins`.
  public private(set) lazy var builtins: PythonModule = Builtins.module()
  let importer: (any Importer)?
  let print: (String) -> Void

  var steps = 0
  var depth = 0
  var stack = StackBounds()
  private var charged = 0
  /// What is being printed by `repr`, so that a list that holds itself ends.
  var representing: [ObjectIdentifier] = []
  /// The exceptions that are being handled, the innermost last.
  var handled: [ExceptionObject] = []
  /// How many modules' top-level code is running, each for the next.
  var importing = 0
  /// The frame of the code that runs.
  var frame: Frame?

  /// Creates an interpreter. `print` gets what the script prints, as it prints it.
  public init(
    importer: (any Importer)? = nil, limits: Limits = Limits(),
    print: @escaping (String) -> Void = { _ in }
  ) {
    self.importer = importer
    self.limits = limits
    self.print = print
  }

  /// Where the script stands in a file: in the innermost of its functions that run; nil where none
  /// of them does.
  public func location(inFile file: String) -> SourceLocation? {
    var next = frame
    while let frame = next {
      if frame.code.file == file { return frame.location }
      next = frame.caller
    }
    return nil
  }

  /// Counts steps; host functions that go through many items call it for each.
  @inline(__always)
  public func tick(_ count: Int = 1) throws {
    steps &+= count
    if steps > limits.steps { throw stepsExceeded() }
  }

  /// Counts the work of going through text or bytes, a step for 256 of them.
  @inline(__always)
  public func tick(bytes: Int) throws {
    if bytes >= 256 { try tick(bytes >> 8) }
  }

  private func stepsExceeded() -> LimitExceeded {
    LimitExceeded(
      .steps, "the script ran more than \(limits.steps) steps", at: frame?.location)
  }

  /// Accounts for the bytes of a value about to be built, and the steps that takes; throws when the
  /// value or all that is alive would be too large.
  public func charge(_ bytes: Int) throws {
    if bytes > limits.size {
      throw LimitExceeded(
        .size, "the script builds a value of \(bytes) bytes, more than \(limits.size)",
        at: frame?.location)
    }
    try tick(bytes: bytes)
    charged += bytes
    if charged > limits.memory / 16 {
      charged = 0
      if ResidentMemory.bytes > limits.memory {
        throw LimitExceeded(
          .memory, "the script needs more than \(limits.memory) bytes of memory",
          at: frame?.location)
      }
    }
  }

  /// Bounds recursion, on the stack that is there, for everything that nests: calls, `repr`,
  /// comparison.
  @inline(__always)
  func nested<Result>(_ body: () throws -> Result) throws -> Result {
    if depth == 0 { stack = StackBounds() }
    depth += 1
    defer { depth -= 1 }
    if depth > limits.depth || stack.isExhausted { throw depthExceeded() }
    return try body()
  }

  func depthExceeded() -> LimitExceeded {
    LimitExceeded(
      .depth, "the script nests too deeply: \(depth) levels of calls", at: frame?.location)
  }
}
