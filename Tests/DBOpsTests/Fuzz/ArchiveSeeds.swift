import Digest
import Postgres
import Subprocess
import SystemPackage
import TestServer
import Testing

@testable import Archive
@testable import DBOps

/// An archive, script or backup that is whole: what mutants are made of.
struct ArchiveSeed {
  /// What proves that it is whole, beyond that it can be read to its end.
  enum Proof {
    /// A manifest: any change at all has to be seen.
    case manifest
    /// Checksums in the compressed data: changed rows have to be seen.
    case checksums
    /// Nothing: only what is missing has to be seen.
    case none
  }

  var name: String
  /// The files by their names; a single file that is no folder's has the empty name.
  var files: [String: [UInt8]]
  var proof: Proof

  var isFolder: Bool { files[""] == nil }
}

/// Makes seeds: forged ones of every version and compression, backups of our own, and what stock
/// pg_dump writes.
enum ArchiveSeeds {
  static func all(in folder: FilePath, _ server: ConnectionSettings) async throws -> [ArchiveSeed] {
    let connection = try await Connection.open(server, applicationName: "omcops tests")
    try await connection.execute(
      """
      CREATE TABLE users (id serial PRIMARY KEY, name text, note text);
      INSERT INTO users (name, note) SELECT 'n' || n, repeat('x', n) FROM generate_series(1, 40) n;
      CREATE VIEW names AS SELECT name FROM users; CREATE TABLE empty (a int);
      CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a;b' $$;
      CREATE INDEX ON users (name); COMMENT ON TABLE users IS 'it''s';
      """)
    await connection.close()
    return try await forged(folder) + own(folder, server) + stock(folder, server)
  }

  private static func forged(_ folder: FilePath) throws -> [ArchiveSeed] {
    var seeds: [ArchiveSeed] = []
    for minor in UInt8(10)...16 {
      let algorithms: [Compression.Algorithm] =
        minor < 15 ? [.none, .gzip] : [.none, .gzip, .lz4, .zstd]
      for algorithm in algorithms {
        let proof: ArchiveSeed.Proof = algorithm == .gzip ? .checksums : .none
        let name = "1.\(minor) \(algorithm)"
        var custom = ArchiveForge(minor: minor, .custom, algorithm)
        seeds.append(
          ArchiveSeed(name: "custom \(name)", files: ["": custom.custom(chunked)], proof: proof))
        var directory = ArchiveForge(minor: minor, .directory, algorithm)
        var files = ["toc.dat": directory.directory()]
        for (place, table) in ArchiveForge.tables.enumerated() {
          files["\(10 + place).dat\(algorithm.suffix)"] = packed(algorithm, table.rows)
        }
        seeds.append(ArchiveSeed(name: "directory \(name)", files: files, proof: proof))
      }
    }
    return seeds
  }

  /// As directory archives have it.
  private static func packed(_ algorithm: Compression.Algorithm, _ raw: [UInt8]) -> [UInt8] {
    guard let compressor = Compression(algorithm).compressor(limit: 1 << 16) else { return raw }
    return raw.withUnsafeBytes { Array(compressor.compressed($0)) }
  }

  /// As custom archives have it: gzip's data in zlib's wrapping, here in one stored block.
  private static func chunked(_ algorithm: Compression.Algorithm, _ raw: [UInt8]) -> [UInt8] {
    guard algorithm == .gzip else { return packed(algorithm, raw) }
    let size = UInt16(raw.count)
    var (low, high): (UInt32, UInt32) = (1, 0)
    for byte in raw {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    var bytes: [UInt8] = [0x78, 0x01, 0x01]
    withUnsafeBytes(of: size.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: (~size).littleEndian) { bytes += $0 }
    bytes += raw
    withUnsafeBytes(of: (high << 16 | low).bigEndian) { bytes += $0 }
    return bytes
  }

  private static func own(
    _ folder: FilePath, _ server: ConnectionSettings
  ) async throws -> [ArchiveSeed] {
    var seeds: [ArchiveSeed] = []
    for method in ["none", "gzip", "lz4", "zstd"] {
      let path = folder.appending("own-\(method)")
      _ = try await Backup(
        Backup.Options(
          source: server, destination: .folder(path), compression: Compression(method),
          omcopsVersion: "test")
      ).run()
      seeds.append(
        ArchiveSeed(name: "backup \(method)", files: try files(of: path), proof: .manifest))
    }
    return seeds
  }

  private static func stock(
    _ folder: FilePath, _ server: ConnectionSettings
  ) async throws -> [ArchiveSeed] {
    var seeds: [ArchiveSeed] = []
    let forms: [(String, [String], ArchiveSeed.Proof)] = [
      ("Fc", ["-Fc"], .checksums), ("Fc0", ["-Fc", "-Z0"], .none), ("Fd", ["-Fd"], .checksums),
      ("Fd0", ["-Fd", "-Z0"], .none), ("plain.sql", ["-C"], .none),
      ("inserts.sql", ["--inserts"], .none),
    ]
    for (name, options, proof) in forms {
      let path = folder.appending(name)
      _ = try await SampleArchive.text(of: server, options: options + ["-f", path.string])
      seeds.append(try seed(at: path, proof))
    }
    let path = folder.appending("pipe")
    try await SampleArchive.dumpThroughPipe(server, to: path, options: ["-Fc"])
    return seeds + [try seed(at: path, .checksums)]
  }

  /// What stands at a path.
  static func seed(at path: FilePath, _ proof: ArchiveSeed.Proof) throws -> ArchiveSeed {
    let name = path.lastComponent?.string ?? path.string
    if let files = try? files(of: path), !files.isEmpty {
      return ArchiveSeed(name: name, files: files, proof: proof)
    }
    return ArchiveSeed(
      name: name, files: ["": try DurableFile.read(path, atMost: 1 << 24)], proof: proof)
  }

  private static func files(of folder: FilePath) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try Folder(path: folder).names() {
      files[name] = try DurableFile.read(folder.appending(name), atMost: 1 << 24)
    }
    return files
  }
}
