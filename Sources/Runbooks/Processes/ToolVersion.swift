internal import Glibc
internal import Processes
internal import Quantities

/// A program in `PATH`, and the version that it says it has.
public struct ToolVersion: Sendable {
  /// Where it is.
  public var path: String
  /// What it printed when it was asked.
  public var text: String

  /// The first thing in it that looks like a version with at least two numbers: `2.15.30`.
  public var version: String? { ToolVersion.firstVersion(in: text[...]).map(String.init) }

  /// The numbers of the version.
  public var numbers: [Int] { version.map { ToolVersion.numbers($0[...]) } ?? [] }

  /// Asks a program; nil where there is none of that name in `PATH`.
  ///
  /// - Parameter arguments: how it is asked; `--version`, or what this program is known to want.
  /// - Throws: `ActionError` where it cannot be run, or gives no answer.
  public static func ask(
    _ tool: String, _ arguments: [String]? = nil, environment: [String: String]
  ) async throws -> ToolVersion? {
    guard let path = find(tool, in: environment["PATH"] ?? "") else { return nil }
    let process = GroupProcess(
      executable: path, arguments: [tool] + (arguments ?? question(for: tool)),
      environment: environment, workingDirectory: "/")
    let (output, error) = (BoundedCapture(), BoundedCapture())
    do {
      _ = try await Bounds(clock: SteadyClock(), time: .seconds(20)).run {
        try await process.runInAction { channel, bytes in
          (channel == .output ? output : error).append(bytes)
        }
      }
    } catch Obstacle.timedOut {
      throw ActionError(.timeout, "\(tool) did not say its version within 20 s")
    }
    return ToolVersion(path: path, text: output.text.isEmpty ? error.text : output.text)
  }

  /// How a program is asked: most know `--version`, some do not.
  public static func question(for tool: String) -> [String] {
    switch tool {
    case "kubectl": ["version", "--client"]
    case "helm", "go", "eksctl", "openssl": ["version"]
    case "ssh": ["-V"]
    default: ["--version"]
    }
  }

  private static func find(_ tool: String, in path: String) -> String? {
    path.split(separator: ":").lazy.map { "\($0)/\(tool)" }
      .first { access($0, X_OK) == 0 }
  }

  static func firstVersion(in text: Substring) -> Substring? {
    var rest = text
    while let start = rest.firstIndex(where: \.isASCIIDigit) {
      let found = rest[start...].prefix { $0.isASCIIDigit || $0 == "." }
      if numbers(found).count > 1 { return found }
      rest = rest[found.endIndex...]
    }
    return nil
  }

  static func numbers(_ text: Substring) -> [Int] {
    text.split(separator: ".").compactMap { Int($0) }
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
