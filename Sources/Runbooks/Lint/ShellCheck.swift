internal import Diagnostics
internal import JSON
internal import Subprocess
internal import SystemPackage

/// What shellcheck says of the scripts in runbooks, where it is installed.
public struct ShellCheck: Sendable {
  private let program: FilePath

  /// Looks for the program in the folders of `PATH`; nil when it is in none of them.
  public init?(searchPath: String) {
    let candidates = searchPath.split(separator: ":").map {
      FilePath(String($0)).appending("shellcheck")
    }
    guard let found = candidates.first(where: { ShellCheck.isReadable($0) }) else { return nil }
    program = found
  }

  private static func isReadable(_ path: FilePath) -> Bool {
    guard let file = try? FileDescriptor.open(path, .readOnly) else { return false }
    return (try? file.close()) != nil
  }

  /// Warnings for every script of a runbook, at their places in its file.
  ///
  /// - Throws: what keeps the program from running, or from being understood.
  public func findings(in runbook: Runbook) async throws -> [Finding] {
    var findings: [Finding] = []
    for script in runbook.scripts { findings += try await self.findings(in: script) }
    return findings
  }

  private func findings(in script: Script) async throws -> [Finding] {
    // Variables come in by `env`, so that those never assigned (SC2154) are no slips.
    let arguments = [
      "--norc", "--format=json1", "--exclude=SC2154", "--shell=\(script.shell.rawValue)", "-",
    ]
    let answer: JSON
    do {
      let result = try await run(
        .path(program), arguments: Arguments(arguments), input: .string(script.text),
        output: .string(limit: 1 << 20), error: .discarded)
      answer = try JSON(parsing: result.standardOutput)
    } catch {
      throw RunbookError(.unreadable, "\(program) cannot check a script: \(error)")
    }
    return (answer["comments"]?.array ?? []).compactMap { finding($0, in: script) }
  }

  private func finding(_ comment: JSON, in script: Script) -> Finding? {
    guard let message = comment["message"]?.string, let level = comment["level"]?.string,
      level != "style", let code = comment["code"]?.int
    else { return nil }
    let text = message.hasSuffix(".") ? String(message.dropLast()) : message
    return Finding(
      .warning, .shell, text,
      at: script.location(
        line: Int(comment["line"]?.int ?? 1), column: Int(comment["column"]?.int ?? 1)),
      hint: "See SC\(code) of shellcheck.")
  }
}

extension Runbook {
  /// Every script in it.
  var scripts: [Script] {
    var works = guards.map(\.probe)
    for step in allSteps {
      works.append(step.work)
      works += (step.guards + step.checks).map(\.probe)
      guard case .action(let undo) = step.undo else { continue }
      works.append(undo.work)
      works += undo.checks.map(\.probe)
    }
    return works.compactMap { if case .script(let script)? = $0 { script } else { nil } }
  }
}

extension Script {
  /// The place in the file of a line and a column of the text, both from 1.
  fileprivate func location(line: Int, column: Int) -> SourceLocation {
    guard let origin else { return location }
    let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    let before = lines.prefix(max(0, line - 1)).reduce(0) { $0 + $1.count + 1 }
    return origin.location(at: before + max(0, column - 1))
  }
}
