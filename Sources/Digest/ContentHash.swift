/// A hash of the rows of a table that does not depend on their order, so that it can be computed
/// while they stream past, over several connections, and again from a live table.
///
/// A row is the line that `COPY .. TO STDOUT` in text format writes for it, with its newline, in the
/// database's encoding as the archive names it (UTF-8 but for SQL_ASCII) and under the settings of a
/// backup: datestyle ISO, intervalstyle postgres, extra_float_digits 3, bytea_output hex, time zone
/// UTC, an empty search_path. Its hash is MurmurHash3 x64_128 with seed 0, read as a number of 128
/// bits with the first half on top; that of the table is the sum of its rows' modulo 2^128. It is
/// written as 32 lower-case hexadecimal digits; a table without rows has 0.
///
/// A row that is lost, doubled or changed changes the sum, as a XOR of hashes would not when there
/// are two of it. That two different tables have one sum by accident is as likely as 1 in 2^128. It
/// is no protection against somebody who chooses rows to that end: the files of a backup have their
/// SHA-256 for that.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
  private var sum: UInt128 = 0

  /// That of no rows.
  public init() {}

  /// Adds one row: its line with the newline.
  public mutating func add(_ row: UnsafeRawBufferPointer) {
    sum &+= MurmurHash3.hash(row)
  }

  /// Adds the rows of another part of the table.
  public mutating func combine(_ other: ContentHash) { sum &+= other.sum }

  /// A number below `count`, spread evenly over the hashes of different rows.
  public func slot(among count: Int) -> Int {
    Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: sum) % UInt64(count))
  }

  /// Reads 32 lower-case hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count == 32,
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      let sum = UInt128(text, radix: 16)
    else { return nil }
    self.sum = sum
  }

  /// 32 lower-case hexadecimal digits.
  public var description: String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 32 - digits.utf8.count) + digits
  }

  /// One row that comes in pieces.
  public struct Row: Sendable {
    private var state = MurmurHash3()

    /// Starts before the first byte.
    public init() {}

    /// Adds the next bytes of the row.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bytes) }

    fileprivate var hash: UInt128 { state.finished() }
  }

  /// Adds one row that came in pieces, the last of which ended with its newline.
  public mutating func add(_ row: Row) { sum &+= row.hash }
}
