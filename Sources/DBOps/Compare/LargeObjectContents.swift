internal import Archive
internal import Digest
internal import Postgres

/// The sizes and hashes of a database's large objects: a few bytes of each, however long it is.
///
/// It takes objects as an archive does, and writes none.
final class LargeObjectContents: LargeObjectWriter {
  /// What is known of one object.
  struct Object: Hashable, Sendable {
    var bytes: Int64 = 0
    var hash = ContentHash()

    /// `12 bytes, hash 0f..`.
    var summary: String { "\(bytes) byte\(bytes == 1 ? "" : "s"), hash \(hash)" }
  }

  /// The objects that have ended, by their numbers.
  private(set) var objects: [UInt32: Object] = [:]
  private var current: (oid: UInt32, bytes: Int64, row: ContentHash.Row)?

  func begin(_ oid: UInt32) throws {
    end()
    current = (oid, 0, ContentHash.Row())
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    current?.row.update(bytes)
    current?.bytes += Int64(bytes.count)
  }

  func finish() throws -> [DataFileSummary] {
    end()
    return []
  }

  private func end() {
    guard let ended = current else { return }
    var object = Object(bytes: ended.bytes)
    object.hash.add(ended.row)
    objects[ended.oid] = object
    current = nil
  }
}

extension LiveDatabase {
  /// Reads all large objects of the snapshot.
  func largeObjects(_ progress: ProgressHandler?) async throws
    -> [UInt32: LargeObjectContents.Object]
  {
    let numbers = catalog.selfContained.compactMap { ($0 as? LargeObject)?.oid }.sorted()
    if numbers.isEmpty { return [:] }
    return try await sessions.with { session in
      let contents = LargeObjectContents()
      _ = try await LargeObjectCopy(connection: session.connection, progress: progress)
        .run(numbers, into: contents)
      return contents.objects
    }
  }
}

extension StoredDatabase {
  /// Reads all large objects of the archive; those of which it has no bytes are empty.
  func largeObjects(_ progress: ProgressHandler?) async throws
    -> [UInt32: LargeObjectContents.Object]
  {
    let entries = contents.toc.entries
    let written = LargeObjectContents()
    for oid in entries.flatMap(\.largeObjects).compactMap({ UInt32($0) }) {
      try written.begin(oid)
    }
    let meter = ProgressMeter(phase: "reading large objects", handler: progress)
    for entry in entries where entry.kind == "BLOBS" && entry.hasData {
      let reader = try LargeObjectReader(opening: try contents.location(of: entry))
      while let oid = try reader.nextObject() {
        try written.begin(oid)
        while try reader.nextPiece({ try written.append($0) }) { try Task.checkCancellation() }
        meter.finishItem()
      }
    }
    _ = try written.finish()
    return written.objects
  }
}

/// Compares the large objects of two databases.
struct LargeObjectComparison {
  let expected: any ComparedDatabase
  let actual: any ComparedDatabase
  let progress: ProgressHandler?

  /// A part of a database that holds none says nothing of them.
  func run(_ report: inout ComparisonReport) async throws {
    async let first = expected.largeObjects(progress)
    async let second = actual.largeObjects(progress)
    let (wanted, there) = try await (first, second)
    report.comparedLargeObjects += wanted.count
    for oid in Set(wanted.keys).union(there.keys).sorted() where wanted[oid] != there[oid] {
      if wanted[oid] == nil, expected.isPartial { continue }
      if there[oid] == nil, actual.isPartial { continue }
      report.others.append(
        Difference(
          .largeObject, String(oid), expected: wanted[oid]?.summary,
          actual: there[oid]?.summary))
    }
  }
}
