internal import Digest
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import SystemPackage

/// What a journal holds, its chain of hashes checked.
struct JournalContents: Sendable {
  /// The `prev` of the first record.
  static let firstPrevious = String(repeating: "0", count: 64)

  /// The SHA-256 of a file of evidence, as the journal names it.
  static func digest(of bytes: [UInt8]) -> String { SHA256.hex(of: bytes) }

  /// The whole records in order.
  private(set) var records: [JournalRecord] = []
  /// The hash of the last whole line: whoever keeps it can tell later whether the journal is the
  /// same.
  private(set) var head = JournalContents.firstPrevious
  /// The length of the whole records.
  private(set) var wholeBytes = 0
  /// The length of a torn record at the end, which a crash left and nobody acted upon.
  private(set) var droppedBytes = 0

  /// Reads a journal; throws where it was changed or is damaged before its last line.
  init(reading path: FilePath) throws(RunError) {
    try self.init(DurableFile.read(path), name: path.string)
  }

  /// Reads the bytes of a journal.
  init(_ bytes: [UInt8], name: String) throws(RunError) {
    try read(bytes, name: name)
  }

  private init() {}

  /// What can be read of a journal, and why it ends there if it was changed or is damaged.
  static func salvaged(from path: FilePath) -> (contents: JournalContents, damage: RunError?) {
    var contents = JournalContents()
    do throws(RunError) {
      try contents.read(DurableFile.read(path), name: path.string)
      return (contents, nil)
    } catch {
      return (contents, error)
    }
  }

  private mutating func read(_ bytes: [UInt8], name: String) throws(RunError) {
    var start = 0
    var number = 1
    while start < bytes.count {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else { break }
      let line = bytes[start..<end]
      do throws(LineError) {
        records.append(try record(line, number: number))
      } catch {
        // Broken JSON in the last line is a torn write whose blocks came out of order.
        if error.isTorn, end + 1 == bytes.count { break }
        throw RunError(
          .journal, "\(name):\(number): \(error.reason)",
          hint: "The journal was changed or damaged; compare it with a copy.")
      }
      head = SHA256.hex(of: line)
      start = end + 1
      number += 1
    }
    wholeBytes = start
    droppedBytes = bytes.count - start
  }

  private struct LineError: Error {
    var reason: String
    var isTorn = false
  }

  private func record(
    _ line: ArraySlice<UInt8>, number: Int
  ) throws(LineError) -> JournalRecord {
    let fields: JSON
    do throws(JSONError) {
      fields = try JSON(parsing: Array(line))
    } catch {
      throw LineError(reason: "this is no record: \(error)", isTorn: true)
    }
    guard fields["prev"]?.string == head else {
      throw LineError(
        reason: "the chain of hashes breaks: this line does not follow the one before")
    }
    guard fields["seq"]?.int == Int64(number) else {
      throw LineError(reason: "a record is missing: this should be number \(number)")
    }
    guard let time = fields["t"]?.string.flatMap(Timestamp.init(parsing:)),
      let type = fields["type"]?.string, let event = JournalEvent(type: type, fields: fields)
    else { throw LineError(reason: "the record cannot be understood") }
    return JournalRecord(sequence: number, time: time, event: event)
  }
}
