/// Structured records for people: `10:00:00.123 ERROR message  key=value key=value`.
enum PrettyRecord {
  /// Adds a JSON or logfmt record in that form; false, and nothing is added, for other records.
  static func append(_ record: inout LogRecord, _ style: RecordStyle, to output: ByteBuffer) -> Bool
  {
    let shape = record.shape
    if shape == .plain { return false }
    if case .json(let start) = shape,
      !JSONCheck.isObject(record.bytes.part(start..<record.bytes.count))
    {
      return false
    }
    if let time = record.time {
      paint("2", style, output) { output.append(TimeText.clock(time, zone: style.zone)) }
      output.append(0x20)
    }
    if let level = record.level {
      let name = level.name.uppercased()
      paint(Colours.code(of: level), style, output) {
        output.append(name + String(repeating: " ", count: max(0, 6 - name.utf8.count)))
      }
    }
    let message = Message.bytes(of: record.bytes, shape)
    let hasMessage = message.baseAddress != record.bytes.baseAddress
    if hasMessage { show(JSONScan.decoded(message), style, output) }
    fields(record.bytes, shape, style, hasMessage: hasMessage, to: output)
    return true
  }

  private static func fields(
    _ record: Bytes, _ shape: Shape, _ style: RecordStyle, hasMessage: Bool,
    to output: ByteBuffer
  ) {
    var seenMessage = !hasMessage
    var traces: [[UInt8]] = []
    let field = { (key: Bytes, value: Bytes) -> Bool in
      if LevelReader.isKey(key) || TimeReader.isKey(key) { return true }
      if !seenMessage, Message.isKey(key) {
        seenMessage = true
        return true
      }
      let decoded = JSONScan.decoded(value)
      // A trace in a field is read as the lines that it is.
      if decoded.contains(0x0A) {
        traces.append(decoded)
        return true
      }
      output.append(0x20)
      paint("2", style, output) {
        show(Array(key), style, output)
        output.append(0x3D)
      }
      show(
        value.first == UInt8(ascii: "\"") && needsQuotes(decoded) ? Array(value) : decoded, style,
        output)
      return true
    }
    switch shape {
    case .json(let start): JSONScan.members(of: record.part(start..<record.count), field)
    case .logfmt: LogfmtScan.pairs(of: record.firstLine, field)
    case .plain: break
    }
    for trace in traces {
      output.append("\n    ")
      show(trace.flatMap { $0 == 0x0A ? Array("\n    ".utf8) : [$0] }, style, output)
    }
    // What was joined to a logfmt line stands below it.
    if shape == .logfmt, let end = record.find(0x0A) {
      show(Array(record.part(end..<record.count)), style, output)
    }
  }

  private static func needsQuotes(_ value: [UInt8]) -> Bool {
    value.isEmpty || value.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
  }

  private static func show(_ bytes: [UInt8], _ style: RecordStyle, _ output: ByteBuffer) {
    bytes.withUnsafeBytes {
      if style.isTerminal { TerminalText.append($0, to: output) } else { output.append($0) }
    }
  }

  private static func paint(
    _ code: String, _ style: RecordStyle, _ output: ByteBuffer, _ body: () -> Void
  ) {
    if style.isColoured { output.append(Colours.start(code)) }
    body()
    if style.isColoured { output.append(Colours.end) }
  }
}
