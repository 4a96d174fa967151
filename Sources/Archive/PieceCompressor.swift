internal import CDeflate
internal import CLZ4
internal import CZstd

/// Makes a gzip member, a zstd frame or an LZ4 frame of each piece by itself. One after the other
/// they are one stream to every reader, and no piece waits for another.
protocol PieceCompressor: AnyObject {
  /// What became of a piece, valid until the next call.
  func compressed(_ piece: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer
}

extension Compression {
  /// What compresses pieces up to a size; nil where nothing is compressed. In a block of a custom
  /// archive gzip's pieces are parts of one zlib stream, whose start and end `ZlibStream` writes.
  func compressor(limit: Int, isBlock: Bool = false) -> (any PieceCompressor)? {
    let level = level ?? algorithm.levels?.lowerBound ?? 0
    switch algorithm {
    case .none: return nil
    case .gzip:
      if level == 1, let igzip = IgzipCompressor(limit: limit, isBlock: isBlock) { return igzip }
      return isBlock
        ? ZlibPieceCompressor(level: level, limit: limit)
        : GzipCompressor(level: level, limit: limit)
    case .lz4: return LZ4Compressor(limit: limit)
    case .zstd: return ZstdCompressor(level: level, limit: limit)
    }
  }
}

final class GzipCompressor: PieceCompressor {
  private let compressor: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer

  init(level: Int, limit: Int) {
    guard let compressor = libdeflate_alloc_compressor(Int32(level)) else {
      preconditionFailure("no memory for a compressor")
    }
    self.compressor = compressor
    output = .allocate(
      byteCount: libdeflate_gzip_compress_bound(compressor, limit), alignment: 16)
  }

  deinit {
    libdeflate_free_compressor(compressor)
    output.deallocate()
  }

  func compressed(_ piece: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let size = libdeflate_gzip_compress(
      compressor, piece.baseAddress, piece.count, output.baseAddress, output.count)
    precondition(size > 0, "the buffer has the size that the library asks for")
    return UnsafeRawBufferPointer(rebasing: output.prefix(size))
  }
}

private final class ZstdCompressor: PieceCompressor {
  private let context: OpaquePointer
  private let output: UnsafeMutableRawBufferPointer

  init(level: Int, limit: Int) {
    guard let context = ZSTD_createCCtx() else {
      preconditionFailure("no memory for a compressor")
    }
    self.context = context
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
    // pg_dump's frames have no checksum: damage would be restored as it is.
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    output = .allocate(byteCount: ZSTD_compressBound(limit), alignment: 16)
  }

  deinit {
    ZSTD_freeCCtx(context)
    output.deallocate()
  }

  func compressed(_ piece: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let size = ZSTD_compress2(
      context, output.baseAddress, output.count, piece.baseAddress, piece.count)
    precondition(ZSTD_isError(size) == 0, "the buffer has the size that the library asks for")
    return UnsafeRawBufferPointer(rebasing: output.prefix(size))
  }
}

private final class LZ4Compressor: PieceCompressor {
  private var preferences = LZ4F_preferences_t()
  private let output: UnsafeMutableRawBufferPointer

  init(limit: Int) {
    preferences.frameInfo.blockSizeID = LZ4F_max1MB
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    output = .allocate(byteCount: LZ4F_compressFrameBound(limit, &preferences), alignment: 16)
  }

  deinit { output.deallocate() }

  func compressed(_ piece: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let size = LZ4F_compressFrame(
      output.baseAddress, output.count, piece.baseAddress, piece.count, &preferences)
    precondition(LZ4F_isError(size) == 0, "the buffer has the size that the library asks for")
    return UnsafeRawBufferPointer(rebasing: output.prefix(size))
  }
}
