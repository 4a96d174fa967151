public import Diagnostics

/// What was to be written could not be.
public struct OutputLost: Failure {
  var file: String
  var reason: String

  /// Where and why.
  public var message: String { "cannot write \(file): \(reason)" }
}
