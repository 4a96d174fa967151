/// Reads a tar archive as it comes, piece by piece, and keeps no more than a header: ustar with pax
/// headers, GNU's long names and big numbers, and the format before both.
package struct TarReader {
  /// What comes out.
  package enum Event {
    case entry(TarEntry)
    /// A piece of the contents of the member before.
    case contents(ArraySlice<UInt8>)
    /// The member is whole.
    case endOfEntry
  }

  private enum State {
    case header
    /// The contents of a header that says more about the next member.
    case extra(type: UInt8, rest: Int)
    case contents(rest: Int64)
    case ended
  }

  /// Longer names and pax headers are no honest ones.
  private static let greatestExtra: Int64 = 1 << 20

  private var state = State.header
  private var block: [UInt8] = []
  private var extra: [UInt8] = []
  /// What fills the last block of the contents that are being read, and what of it is to come.
  private var paddingAfter = 0
  private var padding = 0
  private var zeroBlocks = 0
  private var said = TarAttributes()
  private var saidForAll = TarAttributes()

  /// Begins with an archive's first byte.
  package init() {}

  /// Whether the blocks have come that end an archive; otherwise it was cut.
  package var isComplete: Bool {
    if case .ended = state { true } else { false }
  }

  /// Takes the next bytes.
  ///
  /// - Throws: what `handle` throws, or an error that says what is wrong with the archive.
  package mutating func read(
    _ bytes: ArraySlice<UInt8>, _ handle: (Event) throws -> Void
  ) throws {
    var bytes = bytes
    while !bytes.isEmpty {
      if padding > 0 {
        let count = min(padding, bytes.count)
        padding -= count
        bytes = bytes.dropFirst(count)
        continue
      }
      switch state {
      case .ended: return
      case .contents(let rest):
        let piece = bytes.prefix(Int(min(rest, Int64(bytes.count))))
        bytes = bytes.dropFirst(piece.count)
        try handle(.contents(piece))
        try go(to: rest - Int64(piece.count), handle)
      case .extra(let type, let rest):
        let piece = bytes.prefix(rest)
        bytes = bytes.dropFirst(piece.count)
        extra += piece
        state = .extra(type: type, rest: rest - piece.count)
        if piece.count == rest { try endExtra(type) }
      case .header:
        let piece = bytes.prefix(TarFormat.block - block.count)
        bytes = bytes.dropFirst(piece.count)
        block += piece
        if block.count == TarFormat.block {
          try readHeader(handle)
          block.removeAll(keepingCapacity: true)
        }
      }
    }
  }

  private mutating func go(to rest: Int64, _ handle: (Event) throws -> Void) throws {
    if rest > 0 {
      state = .contents(rest: rest)
    } else {
      state = .header
      padding = paddingAfter
      try handle(.endOfEntry)
    }
  }

  private mutating func endExtra(_ type: UInt8) throws {
    state = .header
    padding = paddingAfter
    switch type {
    case UInt8(ascii: "L"): said.path = Array(extra.prefix { $0 != 0 })
    case UInt8(ascii: "K"): said.target = Array(extra.prefix { $0 != 0 })
    case UInt8(ascii: "g"): try saidForAll.read(extra)
    default: try said.read(extra)
    }
    extra = []
  }

  private mutating func readHeader(_ handle: (Event) throws -> Void) throws {
    if block.allSatisfy({ $0 == 0 }) {
      zeroBlocks += 1
      if zeroBlocks == 2 { state = .ended }
      return
    }
    let header = TarHeader(block)
    guard zeroBlocks == 0, header.isSound else {
      throw TarError("the stream is no tar archive, or was damaged on its way")
    }
    let size = try header.size
    if "LKxg".utf8.contains(header.type) {
      guard (1...Self.greatestExtra).contains(size) else {
        throw TarError("the archive has a header of \(size) bytes")
      }
      state = .extra(type: header.type, rest: Int(size))
      paddingAfter = TarFormat.padding(after: size)
      return
    }
    let entry = try header.entry(said, saidForAll)
    said = TarAttributes()
    try handle(.entry(entry))
    // Only files have contents, whatever the header of a link says about its size.
    paddingAfter = TarFormat.padding(after: entry.size)
    try go(to: entry.size, handle)
  }
}
