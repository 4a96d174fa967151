internal import Quantities

/// A record as a JSON object on one line: `time`, the source's names, `level`, `message`, and
/// `fields` where the record is structured. The shape is `schemas/log-record-v1.schema.json`.
enum RecordObject {
  static func append(_ record: inout LogRecord, _ label: SourceLabel, to output: ByteBuffer) {
    output.append("{\"time\":")
    if let time = record.time {
      output.append("\"" + time.timestamp.rfc3339(fractionDigits: 6) + "\"")
    } else {
      output.append("null")
    }
    for field in label.fields {
      output.append(",\"\(field.key)\":")
      string(Array(field.value.utf8), to: output)
    }
    output.append(",\"level\":" + (record.level.map { "\"\($0.name)\"" } ?? "null"))
    output.append(",\"message\":")
    let message = Message.bytes(of: record.bytes, record.shape)
    string(
      message.baseAddress == record.bytes.baseAddress ? Array(message) : JSONScan.decoded(message),
      to: output)
    fields(of: record.bytes, record.shape, to: output)
    if record.dropped > 0 { output.append(",\"cut\":\(record.dropped)") }
    output.append(0x7D)
  }

  private static func fields(of record: Bytes, _ shape: Shape, to output: ByteBuffer) {
    switch shape {
    case .json(let start):
      let object = record.part(start..<record.count)
      // What only looks like an object stays text.
      guard JSONCheck.isObject(object) else { return }
      output.append(",\"fields\":")
      for byte in object where byte != 0x0A && byte != 0x0D { output.append(byte) }
    case .logfmt:
      var names: Set<String> = []
      output.append(",\"fields\":{")
      LogfmtScan.pairs(of: record.firstLine) { key, value in
        // Of two fields of one name the first counts.
        guard names.insert(key.text).inserted else { return true }
        if names.count > 1 { output.append(0x2C) }
        string(Array(key), to: output)
        output.append(0x3A)
        string(JSONScan.decoded(value), to: output)
        return true
      }
      output.append(0x7D)
    case .plain: break
    }
  }

  /// A text as a JSON string; bytes that are not UTF-8 become replacement characters.
  static func string(_ bytes: [UInt8], to output: ByteBuffer) {
    output.append(0x22)
    bytes.withUnsafeBytes { text in
      var clean = 0
      var place = 0
      while place < text.count {
        let byte = text[place]
        if byte &- 0x20 < 0x5F, byte != 0x22, byte != 0x5C {
          place += 1
          continue
        }
        output.append(text.part(clean..<place))
        place += escaped(text, place, to: output)
        clean = place
      }
      output.append(text.part(clean..<text.count))
    }
    output.append(0x22)
  }

  private static func escaped(_ text: Bytes, _ place: Int, to output: ByteBuffer) -> Int {
    let byte = text[place]
    switch byte {
    case 0x22: output.append("\\\"")
    case 0x5C: output.append("\\\\")
    case 0x0A: output.append("\\n")
    case 0x0D: output.append("\\r")
    case 0x09: output.append("\\t")
    case 0..<0x20, 0x7F:
      output.append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
    default:
      guard let (_, length) = TerminalText.scalar(text, place) else {
        output.append("\u{FFFD}")
        return 1
      }
      output.append(text.part(place..<place + length))
      return length
    }
    return 1
  }
}
