internal import Archive
internal import Postgres
internal import Text

/// Fills large objects that have been made empty.
struct LargeObjectLoad {
  let connection: Connection

  /// How many bytes go to the server at once, and how many objects make a transaction.
  private static let pieceBytes = 512 << 10
  private static let objectsPerTransaction = 1000

  /// Writes the objects of an entry; they are read from `location`.
  func run(_ location: DataLocation) async throws {
    let reader = try LargeObjectReader(opening: location)
    do {
      var isDone = false
      while !isDone {
        isDone = try await connection.transaction { connection in
          for _ in 0..<LargeObjectLoad.objectsPerTransaction {
            guard let oid = try reader.nextObject() else { return true }
            try await fill(oid, reader)
          }
          return false
        }
      }
    } catch let error as PostgresError {
      throw RestoreSession.explained(error, "cannot fill large objects from \(location.name)")
    }
  }

  private func fill(_ oid: UInt32, _ reader: LargeObjectReader) async throws {
    var offset: Int64 = 0
    var piece: [UInt8] = []
    var hasMore = true
    while hasMore {
      hasMore = try reader.nextPiece { piece += $0 }
      guard piece.count >= LargeObjectLoad.pieceBytes || (!hasMore && !piece.isEmpty) else {
        continue
      }
      try await connection.query(
        "SELECT pg_catalog.lo_put($1, $2, $3)",
        [SQLValue(oid), SQLValue(offset), SQLValue(piece)])
      offset += Int64(piece.count)
      piece.removeAll(keepingCapacity: true)
      try Task.checkCancellation()
    }
  }
}

extension ArchiveEntry {
  /// The numbers of the large objects that an entry makes: pg_dump makes one entry of many since 17,
  /// with a number in each line.
  var largeObjects: [String] {
    switch kind {
    case "BLOB": [tag]
    case "BLOB METADATA":
      definition.split(separator: "\n").map { String($0.prefix { $0.isNumber }) }
        .filter { !$0.isEmpty }
    default: []
    }
  }

  /// The statements that make its large objects.
  var largeObjectCreations: String {
    largeObjects.map { "SELECT pg_catalog.lo_create('\($0)');\n" }.joined()
  }

  /// The entry of rights on many large objects with the statements for all of them: the archive has
  /// those for the first.
  ///
  /// - Parameter group: the entry that makes the objects.
  func rights(onAll group: ArchiveEntry?) -> ArchiveEntry {
    guard tag.hasPrefix("LARGE OBJECTS "), let objects = group?.largeObjects,
      let first = objects.first
    else { return self }
    let parts = definition.split(around: "LARGE OBJECT \(first) ")
    var entry = self
    entry.definition = objects.map { parts.joined(separator: "LARGE OBJECT \($0) ") }.joined()
    return entry
  }
}
