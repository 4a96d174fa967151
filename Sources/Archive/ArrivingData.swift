/// Data that arrives in pieces, plain or compressed: gzip, zstd and LZ4 are told by their first bytes.
///
/// For what is no file of an archive, such as logs through a pipe. One task at a time may use it.
public final class ArrivingData {
  private static let outputSize = 256 << 10

  private let name: String
  private var start: [UInt8]? = []
  private var decompressor: (any Decompressor)?
  private var algorithm = Compression.Algorithm.none
  private var place: Int64 = 0

  /// - Parameter name: how messages name the data.
  public init(named name: String) { self.name = name }

  /// Whether what has arrived so far is compressed.
  public var isCompressed: Bool { algorithm != .none }

  /// Takes the next piece and gives out what it holds, which is valid only inside `body`.
  ///
  /// Throws `ArchiveError` with the byte's place where the data is damaged, and what `body` throws;
  /// false from `body` ends the piece.
  public func take(
    _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Bool
  ) throws -> Bool {
    guard let beginning = start else { return try pass(piece, body) }
    let joined = beginning + piece
    guard joined.count >= 4 else {
      start = joined
      return true
    }
    return try begin(joined, body)
  }

  /// The data has ended. Throws `ArchiveError` where it was cut within a compressed part.
  public func finish(_ body: (UnsafeRawBufferPointer) throws -> Bool) throws {
    if let beginning = start, !beginning.isEmpty { _ = try begin(beginning, body) }
    guard let decompressor, !decompressor.isAtBorder else { return }
    throw ArchiveError(
      .truncated, "the data ends within a \(algorithm.partName)", file: name, offset: place)
  }

  private func begin(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Bool
  ) throws -> Bool {
    start = nil
    algorithm = Compression.Algorithm(startingWith: bytes)
    decompressor = algorithm.decompressor(
      limit: ArrivingData.outputSize, isBlock: false, isArriving: true)
    return try bytes.withUnsafeBytes { try pass($0, body) }
  }

  private func pass(
    _ piece: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Bool
  ) throws -> Bool {
    guard let decompressor else { return piece.isEmpty ? true : try body(piece) }
    if piece.isEmpty { return true }
    decompressor.feed(piece)
    defer { place += Int64(piece.count) }
    while !decompressor.needsInput {
      let raw: UnsafeRawBufferPointer
      do {
        raw = try decompressor.decompress()
      } catch {
        let used = Int64(piece.count - decompressor.unread)
        throw ArchiveError(.corrupt, error.reason, file: name, offset: place + used)
      }
      if !raw.isEmpty, try !body(raw) { return false }
    }
    return true
  }
}
