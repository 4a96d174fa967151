internal import Archive
internal import Postgres

/// Copies the bytes of large objects out of the session that holds the snapshot.
struct LargeObjectCopy {
  let connection: Connection
  let progress: ProgressHandler?

  /// How many objects are asked for at once, and how much of each: most are small.
  private static let batch = 64
  private static let firstBytes = 64 << 10
  /// How much is asked for at once of what is longer.
  private static let pieceBytes = 1 << 20

  /// Copies the objects in order.
  func run(_ objects: [UInt32], into writer: any LargeObjectWriter) async throws
    -> [DataFileSummary]
  {
    let meter = ProgressMeter(
      phase: "copying large objects", itemsTotal: objects.count, handler: progress)
    for start in stride(from: 0, to: objects.count, by: LargeObjectCopy.batch) {
      let batch = objects[start..<min(start + LargeObjectCopy.batch, objects.count)]
      let heads = try await pieces(batch.map { ($0, 0, LargeObjectCopy.firstBytes) })
      for (oid, head) in zip(batch, heads) {
        try Task.checkCancellation()
        try writer.begin(oid)
        try head.withUnsafeBytes { try writer.append($0) }
        if head.count == LargeObjectCopy.firstBytes { try await copyRest(of: oid, into: writer) }
        meter.finishItem()
      }
    }
    return try writer.finish()
  }

  private func copyRest(of oid: UInt32, into writer: any LargeObjectWriter) async throws {
    var offset = Int64(LargeObjectCopy.firstBytes)
    while true {
      let piece = try await pieces([(oid, offset, LargeObjectCopy.pieceBytes)])[0]
      try piece.withUnsafeBytes { try writer.append($0) }
      guard piece.count == LargeObjectCopy.pieceBytes else { return }
      offset += Int64(piece.count)
      try Task.checkCancellation()
    }
  }

  private func pieces(_ wanted: [(oid: UInt32, offset: Int64, count: Int)]) async throws
    -> [[UInt8]]
  {
    do {
      let results = try await connection.pipeline(
        wanted.map { Statement("SELECT lo_get(\($0.oid), \($0.offset), \($0.count))") })
      return results.map { result in
        result.rows.first?.withBytes(of: 0) { LargeObjectCopy.bytes(ofHex: $0) } ?? []
      }
    } catch let error as PostgresError where error.sqlState != nil {
      throw DBError(
        .failed, "cannot read large objects: \(error.message)", hint: error.hint,
        details: error.details)
    }
  }

  /// The bytes of a bytea in its hexadecimal form, `\x0a1b`.
  private static func bytes(ofHex text: UnsafeRawBufferPointer?) -> [UInt8] {
    guard let text, text.count > 2 else { return [] }
    let digits = text.dropFirst(2)
    return [UInt8](unsafeUninitializedCapacity: digits.count / 2) { buffer, count in
      count = digits.count / 2
      var place = digits.startIndex
      for index in 0..<count {
        buffer[index] = digit(digits[place]) << 4 | digit(digits[place + 1])
        place += 2
      }
    }
  }

  /// The server writes lower case.
  private static func digit(_ character: UInt8) -> UInt8 {
    character <= UInt8(ascii: "9")
      ? character - UInt8(ascii: "0") : character - UInt8(ascii: "a") + 10
  }
}
