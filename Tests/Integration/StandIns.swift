import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// A program that only some machines have, found as a shell finds it.
enum Tool {
  /// What `scripts/install-deps --tests` has brought.
  private static let own = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .removingLastComponent().appending(".build/test-tools/bin")
  /// Where this process looks for programs; its own are the first: their versions are known.
  static let path = "\(own):" + (getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin")
  /// Whether the stand-in for AWS is the one of `scripts/install-deps --tests`.
  static var hasOwnMoto: Bool { access(own.appending("moto_server").string, X_OK) == 0 }
  /// A Python with the libraries of the stand-ins.
  static var python: String {
    let python = own.appending("python3").string
    return access(python, X_OK) == 0 ? python : find("python3")?.string ?? "python3"
  }

  /// Where a program is; nil where there is none of that name.
  static func find(_ name: String) -> FilePath? {
    path.split(separator: ":").map { FilePath(String($0)).appending(name) }
      .first { access($0.string, X_OK) == 0 }
  }

  /// Runs a program of that name, with the variables given.
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String] = [:],
    input: String = "", in folder: FilePath = "/tmp"
  ) async throws -> ProgramResult {
    let program = Program(try #require(find(name), "there is no \(name)"))
    return try await program.run(
      arguments, environment: ["PATH": path].merging(environment) { $1 }, input: input, in: folder,
      timeout: .seconds(120))
  }
}

/// Servers on loopback that a test starts and that end with it.
enum StandIns {
  /// A server: the program, its arguments, and an address that answers when it is ready.
  struct Server: Sendable {
    var program: String
    var arguments: [String]
    var ready: String
  }

  /// Runs `body` beside the servers, once all of them answer, and beside `meanwhile`.
  static func with<Result: Sendable>(
    _ servers: [Server], in folder: FilePath,
    meanwhile: @escaping @Sendable () async throws -> Void = {},
    _ body: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for server in servers {
        let program = Program(try #require(Tool.find(server.program)))
        group.addTask {
          _ = try await program.run(
            server.arguments, environment: ["PATH": Tool.path], in: folder, timeout: .seconds(900))
        }
      }
      group.addTask { try await meanwhile() }
      defer { group.cancelAll() }
      for server in servers {
        try await waitUntil("\(server.program) to answer", within: .seconds(60)) {
          try await Task.sleep(for: .milliseconds(100))
          return try await Tool.run("curl", ["-fsS", server.ready]).exitCode == 0
        }
      }
      return try await body()
    }
  }

  /// Writes a file of a test, whole or not at all.
  static func write(_ text: String, to path: FilePath) throws {
    let aside = FilePath(path.string + ".new")
    let file = try FileDescriptor.open(
      aside, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
    guard rename(aside.string, path.string) == 0 else { throw Errno(rawValue: errno) }
  }

  /// Reads a file of this project or of a test.
  static func read(_ path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
  }
}

extension ProgramResult {
  /// All that it printed.
  var told: String { errorOutput + output }
}
