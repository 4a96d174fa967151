internal import Text

/// Errors outside of any test, which Vitest and Playwright count on a line of their output and leave out of
/// their files: a promise that nobody waited for, a server that could not be started.
struct StrayErrors {
  private let runner: CommandRunner
  /// How the runner counts them; nil where there was none.
  private(set) var words: String?

  init(_ runner: CommandRunner) { self.runner = runner }

  mutating func take(_ line: [UInt8]) {
    let sign: String
    switch runner {
    // "Vitest caught 2 unhandled errors during the test run."
    case .vitest: sign = "Vitest caught "
    // "2 errors were not a part of any test, see above for details"
    case .playwright: sign = " not a part of any test"
    case .swift, .junit, .tap: return
    }
    // Most lines are none of it.
    guard words == nil, line.count < 400 else { return }
    let text = String(decoding: line, as: UTF8.self)
    guard text.contains(text: sign) else { return }
    let count = text.withoutColours.split(separator: " ").lazy.compactMap { Int($0) }.first ?? 1
    words = "\(counted(count, "error")) outside of any test"
  }
}
