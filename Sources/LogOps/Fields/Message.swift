/// The part of a record that a person wrote.
enum Message {
  static let keys: [StaticString] = ["msg", "message", "event", "log", "text", "body", "MESSAGE"]

  static func isKey(_ key: Bytes) -> Bool {
    keys.contains { key.count == $0.utf8CodeUnitCount && key.has($0) }
  }

  /// The message field as it is written; the whole of a record that has none.
  static func bytes(of record: Bytes, _ shape: Shape) -> Bytes {
    var found: Bytes?
    switch shape {
    case .json(let start):
      JSONScan.members(of: record.part(start..<record.count)) { key, value in
        if isKey(key), value.first == UInt8(ascii: "\"") { found = value }
        return found == nil
      }
    case .logfmt:
      LogfmtScan.pairs(of: record.firstLine) { key, value in
        if isKey(key) { found = value }
        return found == nil
      }
    case .plain: return record
    }
    return found ?? record
  }
}
