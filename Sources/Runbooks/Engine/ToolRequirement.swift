internal import Quantities

/// A program that a runbook needs, and its version: `aws: ">=1.40"`.
///
/// `>=1.40`, and `1.40` alone, mean that version or a newer one; `=1.40` means 1.40 and 1.40.x.
public struct ToolRequirement: Sendable {
  let tool: String
  let isExact: Bool
  let version: [Int]
  private let spelling: String

  /// Reads what stands behind the tool's name.
  public init(_ tool: String, _ spelling: String) {
    self.tool = tool
    self.spelling = spelling
    isExact = spelling.hasPrefix("=")
    version = ToolVersion.numbers(spelling.drop { ">=".contains($0) })
  }

  /// Asks the program for its version; throws `RunError` when it is not there or another one.
  func require(environment: [String: String]) async throws {
    let found: ToolVersion?
    do {
      found = try await ToolVersion.ask(tool, environment: environment)
    } catch let failure as ActionError {
      throw RunError(.unsupported, failure.message)
    }
    guard let found else {
      throw RunError(
        .unsupported, "the runbook needs \(tool) \(spelling), and there is none in PATH",
        hint: "Install it, or put its folder into PATH.")
    }
    guard let version = found.version else {
      throw RunError(
        .unsupported,
        "\(found.path) does not say its version: \(String(found.text.prefix(80)).singleLine)")
    }
    guard isMet(by: found.numbers) else {
      throw RunError(
        .unsupported, "the runbook needs \(tool) \(spelling), and \(found.path) is \(version)")
    }
  }

  /// Whether a version is one that it takes.
  public func isMet(by found: [Int]) -> Bool {
    for (index, needed) in version.enumerated() {
      let number = index < found.count ? found[index] : 0
      if number != needed { return !isExact && number > needed }
    }
    return true
  }
}
