import Glibc
import ProgramRunner
import SystemPackage
import TestServer

/// Suites whose commands are little scripts, in a scratch folder.
struct CommandSuiteScene: Sendable {
  let scene: Scene

  /// Runs `body` with these files, the scripts among them made executable, and these suites.
  static func play(
    _ files: [String: String] = [:], suites: String,
    _ body: (CommandSuiteScene) async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let play = CommandSuiteScene(scene: scene)
      for (name, text) in files { try play.write(name, text) }
      let lines = suites.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
      try play.write("omcops.yaml", "tests:\n\(lines)\n")
      try await body(play)
    }
  }

  /// Writes a file, with the folders above it.
  func write(_ name: String, _ text: String) throws {
    let path = scene.folder.pushing(FilePath(name))
    var folder = scene.folder
    for component in FilePath(name).removingLastComponent().components {
      folder.append(component)
      mkdir(folder.string, 0o755)
    }
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWriteExecute)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }

  /// What a script has written; nothing where it did not.
  func text(_ name: String) -> String {
    guard let file = try? FileDescriptor.open(scene.folder.pushing(FilePath(name)), .readOnly)
    else { return "" }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = (try? bytes.withUnsafeMutableBytes { try file.read(into: $0) }) ?? 0
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  func test(
    _ arguments: String..., timeout: Duration = .seconds(60),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    // Toolchains are where this process finds them.
    let path = getenv("PATH").map { ["PATH": String(cString: $0)] } ?? [:]
    return try await scene.omcops(
      ["test"] + arguments, environment: path, timeout: timeout, meanwhile: meanwhile)
  }
}

extension FilePermissions {
  fileprivate static let ownerReadWriteExecute: FilePermissions = [.ownerReadWrite, .ownerExecute]
}
