import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import TestServer
import Testing

/// Every way in which a backup may be ruined: `verify` names the file, `restore` refuses, and no
/// database comes to be.
@Suite("Damaged backups")
struct DamageTests {
  /// A backup of ours whose largest file spans many cuts.
  private func withBackup(
    _ body: (FilePath, ScratchFolder, ConnectionSettings) async throws -> Void
  ) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        """
        CREATE TABLE large AS SELECT n, md5(n::text) AS a, md5((n * 7)::text) AS b
          FROM generate_series(1, 9000) n;
        CREATE TABLE small AS SELECT n FROM generate_series(1, 10) n;
        CREATE TABLE twin AS SELECT n FROM generate_series(1, 10) n;
        CREATE SEQUENCE counter; SELECT nextval('counter')
        """)
      await connection.close()
      let path = scratch.path.appending("whole")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      #expect(try await Verify(path: path).run().isWhole)
      try await body(path, scratch, source)
    }
  }

  /// A copy of a backup with one change.
  private func copy(
    of path: FilePath, in scratch: ScratchFolder, _ change: (FilePath) throws -> Void
  ) throws -> FilePath {
    let target = scratch.path.appending("damaged")
    ScratchFolder.remove(target)
    mkdir(target.string, 0o700)
    for name in scratch.names(in: path) {
      try DurableFiles.copy(path.appending(name), to: target.appending(name))
    }
    try change(target)
    return target
  }

  /// Both refuse, name the file and leave no database.
  private func expectRefusal(
    _ path: FilePath, naming file: String, _ settings: ConnectionSettings, _ what: String
  ) async throws {
    let report = try await Verify(path: path).run()
    #expect(report.problems.contains { $0.file == file }, "\(what): \(report.problems)")
    let target = "ruined_\(settings["dbname"] ?? "")"
    let error = await #expect(throws: DBError.self, "\(what)") {
      try await Restore(
        Restore.Options(path: path, server: settings, database: target)
      ).run()
    }
    #expect(error?.status == .failed, "\(what)")
    let text = ([error?.message ?? ""] + (error?.details ?? [])).joined(separator: "\n")
    #expect(text.contains(file), "\(what): \(text)")
    #expect(try await RestoreTests.databases(settings, like: target) == [], "\(what)")
  }

  @Test("cut at every 64 KiB, and by one byte")
  func cuts() async throws {
    try await withBackup { path, scratch, settings in
      var cuts = 0
      for name in scratch.names(in: path) {
        let size = Int(try DurableFiles.size(path.appending(name)))
        for length in Array(stride(from: 0, to: size, by: 64 << 10)) + [size - 1] {
          let damaged = try copy(of: path, in: scratch) { folder in
            try #require(truncate(folder.appending(name).string, length) == 0)
          }
          try await expectRefusal(damaged, naming: name, settings, "\(name) cut at \(length)")
          cuts += 1
        }
      }
      // The large file alone is cut several times.
      #expect(cuts > 10)
    }
  }

  @Test("one flipped bit in each file, at its start, its middle and its end")
  func flips() async throws {
    try await withBackup { path, scratch, settings in
      for name in scratch.names(in: path) {
        let size = Int(try DurableFiles.size(path.appending(name)))
        for place in [0, size / 3, size / 2, size - 2] {
          let damaged = try copy(of: path, in: scratch) { folder in
            try DurableFiles.flip(folder.appending(name), at: place)
          }
          try await expectRefusal(damaged, naming: name, settings, "\(name) flipped at \(place)")
        }
      }
    }
  }

  @Test(
    "bytes behind the end of an archive of one file, ours, pg_dump's, or one through a pipe",
    arguments: [["omcops"], ["-Fc"], ["-Fc", "-Z0"], ["-Fc", "-a", "-t", "small"]])
  func excess(_ options: [String]) async throws {
    try await withBackup { _, scratch, settings in
      let file = scratch.path.appending("whole.dump")
      if options == ["omcops"] {
        _ = try await Backup(
          Backup.Options(source: settings, destination: .file(file), omcopsVersion: "test")
        ).run()
      } else {
        try await StockTool.run("pg_dump", options + ["-f", file.string], settings)
      }
      #expect(try await Verify(path: file).run().isWhole)
      let size = try DurableFiles.size(file)
      // What begins like a block, what begins like none, and the archive again.
      let whole = try DurableFiles.bytes(file)
      let beginning: [UInt8] = [1, 0, 9, 0, 0, 0, 0, 7]
      for more in [beginning, Array("\n".utf8), [UInt8](repeating: 0, count: 40), whole] {
        let damaged = scratch.path.appending("longer.dump")
        ScratchFolder.remove(damaged)
        try DurableFiles.copy(file, to: damaged)
        try DurableFiles.append(more, to: damaged)
        let report = try await Verify(path: damaged).run()
        // The manifest of a second archive speaks of places in that one.
        if more == whole, options == ["omcops"] {
          #expect(!report.isWhole)
          continue
        }
        let count = more.count == 1 ? "1 byte" : "\(more.count) bytes"
        let reason = "has \(count) behind its end, which is at byte \(size)"
        #expect(report.problems.map(\.description) == ["longer.dump: \(reason)"])
      }
    }
  }

  @Test("each file missing")
  func missing() async throws {
    try await withBackup { path, scratch, settings in
      for name in scratch.names(in: path) {
        let damaged = try copy(of: path, in: scratch) { unlink($0.appending(name).string) }
        try await expectRefusal(damaged, naming: name, settings, "\(name) missing")
      }
    }
  }

  @Test("two tables' files swapped")
  func swapped() async throws {
    try await withBackup { path, scratch, settings in
      let manifest = try Manifest(readingFrom: path)
      let large = try #require(manifest.tables["public.large"]?.file)
      let small = try #require(manifest.tables["public.small"]?.file)
      let damaged = try copy(of: path, in: scratch) { folder in
        rename(folder.appending(large).string, folder.appending("aside").string)
        rename(folder.appending(small).string, folder.appending(large).string)
        rename(folder.appending("aside").string, folder.appending(small).string)
      }
      try await expectRefusal(damaged, naming: large, settings, "swapped")
      try await expectRefusal(damaged, naming: small, settings, "swapped")
    }
  }

  @Test("a manifest that is wrong, though its digest of itself is right")
  func wrongManifest() async throws {
    try await withBackup { path, scratch, settings in
      let large = try #require(try Manifest(readingFrom: path).tables["public.large"]?.file)
      let changes: [(String, String, (inout Manifest) -> Void)] = [
        ("a digest", large, { $0.files[large]?.sha256 = String(repeating: "0", count: 64) }),
        ("a size", large, { $0.files[large]?.bytes += 1 }),
        ("a row count", large, { $0.tables["public.large"]?.rows += 1 }),
        ("a lost table", "manifest.json", { $0.tables["public.small"] = nil }),
        (
          "an invented table", "manifest.json",
          { manifest in
            manifest.tables["public.ghost"] = .init(rows: 0, file: large)
            manifest.tables["public.large"] = nil
          }
        ),
      ]
      for (what, file, change) in changes {
        let damaged = try copy(of: path, in: scratch) { folder in
          var manifest = try Manifest(readingFrom: folder)
          change(&manifest)
          unlink(folder.appending("manifest.json").string)
          try manifest.write(into: folder)
        }
        try await expectRefusal(damaged, naming: file, settings, what)
      }
    }
  }

  @Test("a table's hash that is not that of its rows")
  func wrongContent() async throws {
    try await withBackup { path, scratch, _ in
      let manifest = try Manifest(readingFrom: path)
      let (large, small) = (manifest.tables["public.large"], manifest.tables["public.small"])
      #expect(large?.content != small?.content)
      // The two have the same rows.
      #expect(small?.content == manifest.tables["public.twin"]?.content)
      let damaged = try copy(of: path, in: scratch) { folder in
        var manifest = manifest
        manifest.tables["public.large"]?.content = small?.content
        unlink(folder.appending("manifest.json").string)
        try manifest.write(into: folder)
      }
      let report = try await Verify(path: damaged).run()
      #expect(
        report.problems.map(\.description) == [
          "\(try #require(large?.file)): "
            + "holds other rows than those that the manifest has the hash of"
        ])
    }
  }

  @Test("a manifest of another backup")
  func foreignManifest() async throws {
    try await withBackup { path, scratch, settings in
      let damaged = try copy(of: path, in: scratch) { folder in
        unlink(folder.appending("manifest.json").string)
        try ManifestTests.sample.write(into: folder)
      }
      try await expectRefusal(damaged, naming: "toc.dat", settings, "foreign manifest")
    }
  }

  @Test("a data file that stock readers would prefer, put beside the right one")
  func extraFile() async throws {
    try await withBackup { path, scratch, settings in
      let large = try #require(try Manifest(readingFrom: path).tables["public.large"]?.file)
      let plain = String(large.dropLast(3))
      let damaged = try copy(of: path, in: scratch) { folder in
        try DurableFiles.copy(folder.appending("toc.dat"), to: folder.appending(plain))
      }
      try await expectRefusal(damaged, naming: plain, settings, "extra file")
    }
  }

  @Test("a sequence that is not where the manifest says undoes the restore")
  func sequence() async throws {
    try await withBackup { path, scratch, settings in
      let damaged = try copy(of: path, in: scratch) { folder in
        var manifest = try Manifest(readingFrom: folder)
        manifest.sequences["public.counter"]?.lastValue += 1
        unlink(folder.appending("manifest.json").string)
        try manifest.write(into: folder)
      }
      let target = "displaced_\(settings["dbname"] ?? "")"
      let error = await #expect(throws: DBError.self) {
        try await Restore(
          Restore.Options(path: damaged, server: settings, database: target)
        ).run()
      }
      #expect(error?.message == "the sequence public.counter is not where the manifest says")
      #expect(try await RestoreTests.databases(settings, like: target) == [])
    }
  }
}

/// Deeds on files that only tests do.
enum DurableFiles {
  static func copy(_ path: FilePath, to target: FilePath) throws {
    try write(try bytes(path), to: target)
  }

  static func flip(_ path: FilePath, at place: Int) throws {
    var bytes = try bytes(path)
    bytes[place] ^= 0x01
    try write(bytes, to: path)
  }

  static func size(_ path: FilePath) throws -> Int64 { Int64(try bytes(path).count) }

  static func append(_ more: [UInt8], to path: FilePath) throws {
    try write(try bytes(path) + more, to: path)
  }

  static func bytes(_ path: FilePath) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(path, .readOnly)
    return try descriptor.closeAfter {
      let size = Int(try descriptor.seek(offset: 0, from: .end))
      return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = try descriptor.read(
          fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }

  private static func write(_ bytes: [UInt8], to path: FilePath) throws {
    let descriptor = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    _ = try descriptor.closeAfter { try descriptor.writeAll(bytes) }
  }
}
