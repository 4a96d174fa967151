/// A member of a tar archive, without its contents. Names are bytes: nobody promises UTF-8.
package struct TarEntry: Hashable, Sendable {
  /// What a member is.
  package enum Kind: Hashable, Sendable {
    case file, folder, symbolicLink, hardLink
    /// What this program makes no copy of; the type's letter in the archive.
    case other(UInt8)
  }

  /// The name as the archive has it.
  package var path: [UInt8]
  /// What it is.
  package var kind: Kind
  /// How many bytes of contents follow; 0 for all but files.
  package var size: Int64
  /// The permission bits, with set-user-ID and its like.
  package var mode: UInt32
  /// When the contents were changed, in seconds since 1970.
  package var seconds: Int64
  /// The part of that second.
  package var nanoseconds: Int
  /// Where a link leads; for a hard link the name of another member.
  package var target: [UInt8]

  /// Describes a member.
  package init(
    path: [UInt8], kind: Kind, size: Int64 = 0, mode: UInt32 = 0o644, seconds: Int64 = 0,
    nanoseconds: Int = 0, target: [UInt8] = []
  ) {
    self.path = path
    self.kind = kind
    self.size = size
    self.mode = mode
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.target = target
  }
}

/// An archive that is not one, or that wants what no archive may have.
struct TarError: Error {
  var message: String

  /// Names a member in the message.
  init(_ message: String, _ path: [UInt8]) {
    self.message = "\"\(String(decoding: path, as: UTF8.self))\" \(message)"
  }

  init(_ message: String) { self.message = message }
}

/// The sizes and places of the format.
enum TarFormat {
  /// Everything comes in blocks of so many bytes.
  static let block = 512
  /// Archives end at a multiple of this: some readers wait for the whole of it.
  static let record = 20 * block

  /// How many bytes follow contents of this size to the next block.
  static func padding(after size: Int64) -> Int {
    Int((Int64(block) - size % Int64(block)) % Int64(block))
  }
}
