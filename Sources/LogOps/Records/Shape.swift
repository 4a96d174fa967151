/// How a record is written.
enum Shape: Equatable {
  /// A JSON object that begins at a place and fills the rest.
  case json(at: Int)
  /// `key=value` pairs.
  case logfmt
  /// Anything else.
  case plain

  /// Looks at a record's first bytes and, for an object, at its last.
  init(of record: Bytes) {
    let body = record.trimmed
    if let last = body.last, last == UInt8(ascii: "}") {
      // A prefix before the object, as `app: {...}`, stays what it is.
      if body[0] == UInt8(ascii: "{"), body.count > 4, let base = record.baseAddress,
        let start = body.baseAddress
      {
        self = .json(at: start - base)
        return
      }
    }
    self = LogfmtScan.isLogfmt(body) ? .logfmt : .plain
  }
}
