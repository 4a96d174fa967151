internal import Diagnostics
internal import Glibc
internal import Quantities

/// A program that a runbook needs, and its version: `aws: ">=1.40"`.
///
/// `>=1.40`, and `1.40` alone, mean that version or a newer one; `=1.40` means 1.40 and 1.40.x.
struct ToolRequirement: Sendable {
  let tool: String
  let isExact: Bool
  let version: [Int]
  private let spelling: String

  init(_ tool: String, _ spelling: String) {
    self.tool = tool
    self.spelling = spelling
    isExact = spelling.hasPrefix("=")
    version = ToolRequirement.numbers(spelling.drop { ">=".contains($0) })
  }

  /// Asks the program for its version; throws `RunError` when it is not there or another one.
  func require(path: String, environment: [String: String]) async throws {
    guard let program = find(path) else {
      throw RunError(
        .unsupported, "the runbook needs \(tool) \(spelling), and there is none in PATH",
        hint: "Install it, or put its folder into PATH.")
    }
    let said = try await answer(of: program, environment)
    guard let found = ToolRequirement.firstVersion(in: said) else {
      throw RunError(
        .unsupported, "\(program) does not say its version: \(String(said.prefix(80)).singleLine)")
    }
    guard isMet(by: ToolRequirement.numbers(found)) else {
      throw RunError(
        .unsupported, "the runbook needs \(tool) \(spelling), and \(program) is \(found)")
    }
  }

  func isMet(by found: [Int]) -> Bool {
    for (index, needed) in version.enumerated() {
      let number = index < found.count ? found[index] : 0
      if number != needed { return !isExact && number > needed }
    }
    return true
  }

  /// The first thing that looks like a version with at least two numbers: `2.15.30`.
  static func firstVersion(in text: Substring) -> Substring? {
    var rest = text
    while let start = rest.firstIndex(where: \.isASCIIDigit) {
      let found = rest[start...].prefix { $0.isASCIIDigit || $0 == "." }
      if numbers(found).count > 1 { return found }
      rest = rest[found.endIndex...]
    }
    return nil
  }

  private static func numbers(_ text: Substring) -> [Int] {
    text.split(separator: ".").compactMap { Int($0) }
  }

  private func find(_ path: String) -> String? {
    path.split(separator: ":").lazy.map { "\($0)/\(tool)" }
      .first { access($0, X_OK) == 0 }
  }

  /// Most programs know `--version`; these do not.
  private var question: [String] {
    switch tool {
    case "kubectl": ["version", "--client"]
    case "helm", "go": ["version"]
    default: ["--version"]
    }
  }

  private func answer(of program: String, _ environment: [String: String]) async throws -> Substring
  {
    let process = ShellProcess(
      executable: program, arguments: [tool] + question, environment: environment,
      workingDirectory: "/")
    let (output, error) = (BoundedCapture(), BoundedCapture())
    do {
      _ = try await Bounds(clock: SteadyClock(), time: .seconds(20)).run {
        try await process.run { channel, bytes in
          (channel == .output ? output : error).append(bytes)
        }
      }
    } catch let failure as ActionError {
      throw RunError(.unsupported, failure.message)
    } catch Obstacle.timedOut {
      throw RunError(.unsupported, "\(program) did not say its version within 20 s")
    }
    return output.text.isEmpty ? error.text[...] : output.text[...]
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
