import Archive
import DBOps
import Diagnostics
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Large objects", .serialized)
struct LargeObjectTests {
  /// A way to an archive.
  enum Maker: Sendable, CustomTestStringConvertible {
    case omcops(Backup.Format, String)
    case pgDump(String)

    var testDescription: String {
      switch self {
      case .omcops(let format, let compression): "omcops \(format) \(compression)"
      case .pgDump(let option): "pg_dump \(option)"
      }
    }

    func make(_ source: ConnectionSettings, _ path: FilePath) async throws {
      switch self {
      case .pgDump(let option):
        try await StockTool.run("pg_dump", [option, "-f", path.string], source)
      case .omcops(let format, let compression):
        _ = try await Backup(
          .init(
            source: source, destination: format == .custom ? .file(path) : .folder(path),
            compression: Compression(compression), omcopsVersion: "test")
        ).run()
      }
    }
  }

  private static let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
    .appending("Databases/largeobjects.sql")

  /// Everything about every large object.
  private static let state = """
    SELECT count(*) || ' ' || md5(string_agg(concat_ws(' ', oid, pg_get_userbyid(lomowner), lomacl,
      md5(lo_get(oid)), length(lo_get(oid)), obj_description(oid, 'pg_largeobject')), '; '
      ORDER BY oid)) FROM pg_largeobject_metadata
    """

  private func state(_ settings: ConnectionSettings) async throws -> String {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let state = try await connection.query(Self.state).single(as: String.self)
    await connection.close()
    return state
  }

  @Test(
    "large objects come back to the byte, with owners, rights and comments",
    arguments: [
      .omcops(.directory, "gzip"), .omcops(.directory, "none"), .omcops(.custom, "gzip"),
      .omcops(.custom, "none"), .omcops(.custom, "zstd"), .pgDump("-Fc"), .pgDump("-Fd"),
    ] as [Maker])
  func roundTrip(_ maker: Maker) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      try await StockTool.run("psql", ["-q", "-f", Self.script.string], source)
      let expected = try await state(source)
      try await maker.make(source, path)
      let target = "restored_\(source["dbname"] ?? "")"
      _ = try await Restore(.init(path: path, server: source, database: target)).run()
      let found = try await state(source.with(database: target))
      #expect(found == expected)
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("stock pg_restore reads the large objects of a custom archive")
  func stockRestore() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      try await StockTool.run("psql", ["-q", "-f", Self.script.string], source)
      let expected = try await state(source)
      try await Maker.omcops(.custom, "gzip").make(source, path)
      try await TestServer.withDatabase { target in
        try await StockTool.run("pg_restore", ["-e", path.string], target)
        let found = try await state(target)
        #expect(found == expected)
      }
    }
  }

  @Test(
    "a comparison names the objects that are missing, too many, or have other bytes",
    arguments: [.omcops(.directory, "gzip"), .omcops(.custom, "zstd"), .pgDump("-Fc")] as [Maker])
  func comparison(_ maker: Maker) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      try await StockTool.run("psql", ["-q", "-f", Self.script.string], source)
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      // One that comes in several pieces, and one without a byte.
      try await connection.execute(
        "SELECT lo_from_bytea(9001, decode(repeat('00ff', 100000), 'hex')), lo_create(9002)")
      try await maker.make(source, path)
      let server = DatabaseServer(source, applicationName: "omcops tests")
      func compare() async throws -> ComparisonReport {
        try await DatabaseComparison(expected: .backup(path), actual: .database(server)).run()
      }
      let same = try await compare()
      #expect(same.isEqual && same.comparedLargeObjects > 4)
      try await connection.execute(
        "SELECT lo_put(9001, 199999, '\\x01'), lo_unlink(9002), lo_from_bytea(9003, 'abc')")
      let report = try await compare()
      #expect(report.others.map(\.kind) == [.largeObject, .largeObject, .largeObject])
      #expect(report.others.map(\.object) == ["9001", "9002", "9003"])
      #expect(report.others[0].expected?.hasPrefix("200000 bytes, hash ") == true)
      #expect(report.others[0].expected != report.others[0].actual)
      #expect(report.others[1].expected?.hasPrefix("0 bytes") == true)
      #expect(report.others[1].actual == nil && report.others[2].expected == nil)
      await connection.close()
    }
  }

  @Test("a large object that lost a byte is found before anything is restored")
  func damage() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      try await StockTool.run("psql", ["-q", "-f", Self.script.string], source)
      try await Maker.omcops(.directory, "none").make(source, path)
      let file = try FileDescriptor.open(path.appending("blob_4701.dat"), .writeOnly)
      _ = try file.closeAfter { try file.write(toAbsoluteOffset: 2, [0x0B]) }
      let report = try await Verify(path: path, depth: .full).run()
      #expect(report.problems.map(\.file) == ["blob_4701.dat"])
    }
  }
}

extension FileDescriptor {
  fileprivate func write(toAbsoluteOffset offset: Int64, _ bytes: [UInt8]) throws -> Int {
    try bytes.withUnsafeBytes { try write(toAbsoluteOffset: offset, $0) }
  }
}
