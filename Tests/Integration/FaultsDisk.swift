import DBOps
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import Testing

@Suite(
  "A disk that does not take a backup",
  .enabled(if: TemporaryDisk.canMount, "mounting a small file system needs root"))
struct FaultsDisk {
  @Test(
    "a full disk ends the backup, and what was written is removed",
    arguments: ["directory", "custom"])
  func full(_ format: String) async throws {
    try await Scene.play { scene in
      try await scene.execute(
        "create table t as select n, md5(n::text) as a, md5((n + 1)::text) as b from generate_series(1, 100000) n"
      )
      try await TemporaryDisk.with(options: "size=2m", at: scene.folder.appending("disk")) { disk in
        let result = try await scene.omcops(
          [
            "db", "backup", "--url", scene.database.conninfo, "--output",
            disk.appending("b").string, "--format", format,
          ]
        )
        expectFailure(result, .failed, naming: "No space left on device")
        #expect(ScratchFolder.names(in: disk) == [])
        let listing = try await scene.omcops(
          ["db", "list", "--output", "json"], environment: ["OMCOPS_BACKUPS": disk.string])
        #expect(listing.exitCode == 0, "\(listing.errorOutput)")
        #expect(!listing.output.contains("\"id\""))
      }
    }
  }

  @Test("a server's disk that is full undoes the restore, and the server goes on")
  func serverFull() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsServer.manyRows)
      let path = scene.folder.appending("backup").string
      let made = try await scene.omcops(
        ["db", "backup", "--url", scene.database.conninfo, "--output", path])
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      // The server's account has to get through to its own folder.
      chmod(scene.folder.string, 0o755)
      let disk = scene.folder.appending("disk")
      try await TemporaryDisk.with(options: "size=120m,mode=755", at: disk) { disk in
        let sandbox = try await Sandbox.start(
          in: disk.appending("server"), Sandbox.Options(endsWithProcess: true))
        let result = try await scene.omcops(
          ["db", "restore", path, "--url", sandbox.settings.with(database: "copy").conninfo])
        expectFailure(result, .failed, naming: "cannot load public.t", "could not extend file")
        let watch = try await Connection.open(sandbox.settings, applicationName: "omcops tests")
        let left = try await watch.query("select datname from pg_database where datname ~ 'copy'")
        #expect(left.rows.isEmpty)
        await watch.close()
        try await sandbox.stop()
      }
    }
  }

  @Test("a read-only folder is named, and nothing else happens")
  func readOnly() async throws {
    try await Scene.play { scene in
      try await scene.execute("create table t as select 1 as n")
      try await TemporaryDisk.with(options: "ro", at: scene.folder.appending("disk")) { disk in
        let result = try await scene.omcops(
          [
            "db", "backup", "--url", scene.database.conninfo, "--output",
            disk.appending("b").string,
          ]
        )
        expectFailure(result, .failed, naming: "Read-only file system", disk.string)
      }
    }
  }
}

@Suite("A folder that may not be written")
struct FaultsFolder {
  @Test(
    "the folder is named",
    .enabled(if: !SystemUser.canSwitch, "root may write everywhere; FaultsDisk covers it"))
  func forbidden() async throws {
    try await Scene.play { scene in
      try await scene.execute("create table t as select 1 as n")
      let folder = scene.folder.appending("closed")
      try #require(mkdir(folder.string, 0o500) == 0)
      let result = try await scene.omcops(
        [
          "db", "backup", "--url", scene.database.conninfo, "--output",
          folder.appending("b").string,
        ])
      expectFailure(result, .failed, naming: "Permission denied", folder.string)
    }
  }

  @Test("the folder does not exist")
  func missing() async throws {
    try await Scene.play { scene in
      let path = scene.folder.appending("nowhere/b").string
      let result = try await scene.omcops(
        ["db", "backup", "--url", scene.database.conninfo, "--output", path])
      expectFailure(result, .failed, naming: "nowhere", "does not exist")
    }
  }
}

/// A small file system in memory, for root.
enum TemporaryDisk {
  /// Whether this process may mount: root without CAP_SYS_ADMIN, as in many containers, may not.
  static let canMount: Bool = {
    guard geteuid() == 0 else { return false }
    var template = Array("/tmp/omcops-disk-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return false }
    defer { rmdir(template) }
    guard mount("tmpfs", template, "tmpfs", 0, "size=64k") == 0 else { return false }
    umount(template)
    return true
  }()

  /// Runs `body` with a new file system at a path that does not exist yet.
  static nonisolated(nonsending) func with<Result>(
    options: String, at path: FilePath, _ body: (FilePath) async throws -> Result
  ) async throws -> Result {
    let isReadOnly = options == "ro"
    guard mkdir(path.string, 0o700) == 0,
      mount(
        "tmpfs", path.string, "tmpfs", isReadOnly ? UInt(MS_RDONLY) : 0,
        isReadOnly ? "size=64k" : options) == 0
    else { throw Errno(rawValue: errno) }
    defer {
      // Lazily, should anything of a failed test still be in it.
      umount2(path.string, Int32(MNT_DETACH))
      rmdir(path.string)
    }
    return try await body(path)
  }
}
