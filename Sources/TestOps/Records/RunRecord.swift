internal import Glibc
internal import JSON
internal import OrderedCollections
public import SystemPackage

/// What is kept of a suite's runs for the next one: how long each test took, and which failed in the
/// last run.
///
/// A record that cannot be read or written is as good as none: it makes runs faster, not right.
public struct RunRecord: Sendable {
  /// Seconds by id, of the last run that each test was part of.
  public var durations: [String: Double] = [:]
  /// The tests that failed for good, in their order.
  public var failed: [String] = []

  /// Nothing is known.
  public init() {}

  /// Reads the record in a file; nil where there is none.
  public init?(at path: FilePath) {
    guard let bytes = RunRecord.contents(of: path), let json = try? JSON(parsing: bytes),
      json["format"]?.int == 1
    else { return nil }
    for (id, seconds) in json["durations"]?.object ?? [:] { durations[id] = seconds.double }
    failed = json["failed"]?.array?.compactMap(\.string) ?? []
  }

  /// Adds a run.
  ///
  /// - Parameter isWhole: whether it was of the whole suite: then what it did not meet is forgotten.
  public mutating func add(_ run: TestRun, isWhole: Bool) {
    let outcomes = run.outcomes
    if isWhole { durations = [:] }
    for (id, result) in outcomes where result.outcome != .skipped {
      durations[id] = result.duration
    }
    // Of a part of the suite, the rest is as bad as it was.
    let still = isWhole ? [] : failed.filter { outcomes[$0] == nil }
    failed = still + run.failures.map(\.id)
  }

  /// Writes it so that a reader sees all of it or nothing.
  public func write(to path: FilePath) {
    let members = durations.sorted { $0.key < $1.key }.map {
      ($0.key, JSON.double(($0.value * 10_000).rounded() / 10_000))
    }
    let json: JSON = [
      "format": 1, "failed": .array(failed.map(JSON.string)),
      "durations": .object(OrderedDictionary(members, uniquingKeysWith: { $1 })),
    ]
    RunRecord.makeFolders(above: path)
    let aside = FilePath("\(path).\(getpid())")
    guard
      let file = try? FileDescriptor.open(
        aside, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: .ownerReadWrite)
    else { return }
    let isWritten = (try? file.closeAfter { try file.writeAll((json.text() + "\n").utf8) }) != nil
    if !isWritten || rename(aside.string, path.string) != 0 { unlink(aside.string) }
  }

  private static func makeFolders(above path: FilePath) {
    var built = FilePath("/")
    for component in path.removingLastComponent().components {
      built.append(component)
      mkdir(built.string, 0o700)
    }
  }

  private static func contents(of path: FilePath) -> [UInt8]? {
    guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec) else {
      return nil
    }
    return try? file.closeAfter {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { return all }
        all += buffer[..<count]
      }
    }
  }
}
