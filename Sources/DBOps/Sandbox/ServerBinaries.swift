internal import Glibc
internal import Subprocess
public import SystemPackage

/// The programs of one installed PostgreSQL server.
public struct ServerBinaries: Hashable, Sendable {
  /// The folder that holds them.
  public let folder: FilePath

  var initdb: FilePath { folder.appending("initdb") }
  var control: FilePath { folder.appending("pg_ctl") }

  /// Finds a server: in `folder` when it is given, else by pg_config, on the PATH and in Debian's
  /// folders, newest major version first.
  ///
  /// - Throws: `SandboxError` of code `noServer`.
  public static func find(
    in folder: FilePath? = nil, environment: [String: String] = liveEnvironment
  ) async throws -> ServerBinaries {
    if let folder {
      guard isServer(folder) else {
        throw SandboxError(
          .noServer, "\(folder) holds no PostgreSQL server: initdb, pg_ctl and postgres",
          hint: "name the folder that `pg_config --bindir` prints on a machine that has a server")
      }
      return ServerBinaries(folder: folder)
    }
    // Debian's pg_config names a folder that may hold the client programs only.
    let path = environment["PATH"] ?? "/usr/bin:/bin"
    let onPath = path.split(separator: ":").map { FilePath(String($0)) }
    for candidate in await configured(path) + onPath + debianFolders() where isServer(candidate) {
      return ServerBinaries(folder: candidate)
    }
    throw SandboxError(
      .noServer, "no PostgreSQL server is installed here",
      hint: "install one: apt-get install --no-install-recommends postgresql")
  }

  /// The PATH of this process, which is all that the search needs.
  public static var liveEnvironment: [String: String] {
    getenv("PATH").map { ["PATH": String(cString: $0)] } ?? [:]
  }

  private static func isServer(_ folder: FilePath) -> Bool {
    ["initdb", "pg_ctl", "postgres"].allSatisfy {
      access(folder.appending($0).string, X_OK) == 0
    }
  }

  private static func configured(_ path: String) async -> [FilePath] {
    // Without a pg_config the other places are still to be looked at.
    guard
      let result = try? await run(
        .name("pg_config"), arguments: ["--bindir"], output: .string(limit: 4096)),
      result.terminationStatus.isSuccess,
      let line = result.standardOutput.split(separator: "\n").first
    else { return [] }
    return [FilePath(String(line))]
  }

  private static func debianFolders() -> [FilePath] {
    let root = FilePath("/usr/lib/postgresql")
    let versions = FolderTree.names(in: root).compactMap { name in Int(name).map { ($0, name) } }
    return versions.sorted { $0.0 > $1.0 }.map { root.appending($0.1).appending("bin") }
  }
}
