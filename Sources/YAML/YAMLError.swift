public import Diagnostics

/// One thing that is wrong in a file.
public struct YAMLProblem: Hashable, Sendable, CustomStringConvertible {
  /// Where it is.
  public var location: SourceLocation
  /// What is wrong, lower case, without a full stop.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// Creates a problem.
  public init(_ message: String, at location: SourceLocation, hint: String? = nil) {
    self.location = location
    self.message = message
    self.hint = hint
  }

  /// `file:line:column: message`.
  public var description: String { "\(location): \(message)" }
}

/// A file that cannot be used, with everything that is wrong in it.
public struct YAMLError: Failure, Hashable {
  /// What is wrong, in the order of the file; never empty.
  public let problems: [YAMLProblem]
  /// The line of the first problem and a caret under the place.
  public let excerpt: [String]

  /// Creates an error of at least one problem.
  public init(_ first: YAMLProblem, _ rest: [YAMLProblem] = [], excerpt: [String] = []) {
    problems = [first] + rest
    self.excerpt = excerpt
  }

  /// The first problem with its place.
  public var message: String { problems[0].description }
  /// The excerpt and the other problems, each with its place.
  public var details: [String] { excerpt + problems.dropFirst().map(\.description) }
  /// What to do about the first problem that somebody knows a remedy for.
  public var hint: String? { problems.lazy.compactMap(\.hint).first }
  /// Wrong input.
  public var status: ExitStatus { .usage }
}

/// Gathers what is wrong in a file, so that one look shows all of it.
public final class YAMLProblems {
  /// What was reported so far, in the order of reporting.
  public private(set) var list: [YAMLProblem] = []

  /// Starts with nothing wrong.
  public init() {}

  /// Adds a problem.
  public func report(_ message: String, at location: SourceLocation, hint: String? = nil) {
    list.append(YAMLProblem(message, at: location, hint: hint))
  }

  /// Throws everything that was reported, in the order of the file; returns when that is nothing.
  public func throwIfAny(showing source: YAMLSource? = nil) throws(YAMLError) {
    let sorted = list.sorted {
      ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column)
    }
    guard let first = sorted.first else { return }
    throw YAMLError(
      first, Array(sorted.dropFirst()), excerpt: source?.excerpt(at: first.location) ?? [])
  }
}
