import Testing

@testable import Archive

@Suite("Pieces compressed with gzip at level 1")
struct PieceCompressorTests {
  private enum Way: CaseIterable {
    /// What is taken where the library is there, which the tests' machines have.
    case igzip
    /// What is taken elsewhere.
    case libdeflate
  }

  private static let limit = 1 << 20

  private func compressor(_ way: Way, isBlock: Bool) throws -> any PieceCompressor {
    switch way {
    case .igzip: try #require(IgzipCompressor(limit: Self.limit, isBlock: isBlock))
    case .libdeflate where isBlock: ZlibPieceCompressor(level: 1, limit: Self.limit)
    case .libdeflate: GzipCompressor(level: 1, limit: Self.limit)
    }
  }

  /// Nothing, a byte, borders of stored blocks, a whole piece; of bytes that cannot be made smaller,
  /// of one byte alone (igzip has a way of its own for 0x00 and 0xFF, also where more follows), and of
  /// rows.
  private static let pieces: [[UInt8]] = {
    var generator = SystemRandomNumberGenerator()
    let rows = DataFileTests.rows
    return [0, 1, 2, 3, 7, 100, 65_535, 65_536, limit - 1, limit].flatMap { count in
      let noise = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      return [
        noise, (0..<count).map { rows[$0 % rows.count] },
        [UInt8](repeating: 0, count: min(count, 5000)) + noise.dropFirst(5000),
      ] + [0x61, 0x00, 0xFF].map { [UInt8](repeating: $0, count: count) }
    }
  }()

  private func decompressed(_ bytes: [UInt8], isBlock: Bool) throws -> [UInt8] {
    let reader = try #require(
      Compression.Algorithm.gzip.decompressor(limit: Self.limit, isBlock: isBlock))
    return try bytes.withUnsafeBytes { bytes in
      var all: [UInt8] = []
      reader.feed(bytes)
      reader.endInput()
      while !reader.needsInput { all += try reader.decompress() }
      #expect(reader.isAtBorder && reader.unread == 0)
      return all
    }
  }

  @Test("each becomes a gzip member", arguments: Way.allCases)
  private func members(_ way: Way) throws {
    let compressor = try compressor(way, isBlock: false)
    for piece in Self.pieces {
      let member = piece.withUnsafeBytes { Array(compressor.compressed($0)) }
      #expect(member.count < piece.count + piece.count / 1000 + 64)
      #expect(try decompressed(member, isBlock: false) == piece)
    }
  }

  @Test("all of them are one zlib stream", arguments: Way.allCases)
  private func blocks(_ way: Way) throws {
    let compressor = try compressor(way, isBlock: true)
    var bytes = ZlibStream.start
    var stream = ZlibStream()
    for piece in Self.pieces {
      piece.withUnsafeBytes {
        bytes += compressor.compressed($0)
        stream.add(ZlibStream.checksum(of: $0), of: $0.count)
      }
    }
    let whole = try decompressed(bytes + stream.end, isBlock: true)
    #expect(whole == Array(Self.pieces.joined()))
  }

  @Test("igzip is taken for level 1 alone")
  func choice() {
    for isBlock in [false, true] {
      let levels = [nil, 1, 2, 9].map { level in
        Compression(.gzip, level: level).compressor(limit: 1, isBlock: isBlock) is IgzipCompressor
      }
      #expect(levels == [true, true, false, false])
    }
  }
}
