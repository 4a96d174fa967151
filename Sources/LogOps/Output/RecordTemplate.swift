public import Diagnostics

/// A layout of the user's own: `{time} {pod} {level} {message} {.http.status}`.
public struct RecordTemplate: Sendable {
  private enum Part: Sendable {
    case literal([UInt8])
    case time(isClock: Bool)
    case level
    case message
    case text
    case source
    case name(String)
    case field(FieldPath)
  }

  private var parts: [Part] = []

  /// Reads a template: names in braces, `{{` for a brace, `\n` and `\t` as in C.
  ///
  /// `{time}`, `{clock}`, `{level}`, `{message}`, `{text}` (the whole record), `{source}`, `{pod}`,
  /// `{container}`, `{namespace}`, `{file}`, and `{.path.of.a.field}`. Throws `TemplateError`.
  public init(parsing text: String) throws {
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), let next = rest.first, let meant = RecordTemplate.escapes[next]
      {
        literal.append(meant)
        rest = rest.dropFirst()
      } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}"), rest.first == byte {
        literal.append(byte)
        rest = rest.dropFirst()
      } else if byte == UInt8(ascii: "{") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
          throw TemplateError(message: "in the template \"\(text)\" a \"}\" is missing")
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
        parts.append(try RecordTemplate.part(String(decoding: rest[..<end], as: UTF8.self)))
        rest = rest[(end + 1)...]
      } else {
        literal.append(byte)
      }
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
  ]

  private static func part(_ name: String) throws -> Part {
    switch name {
    case "time": return .time(isClock: false)
    case "clock": return .time(isClock: true)
    case "level": return .level
    case "message": return .message
    case "text": return .text
    case "source": return .source
    case "pod", "container", "namespace", "file", "node": return .name(name)
    default:
      guard name.hasPrefix("."), let path = FieldPath(String(name.dropFirst())) else {
        throw TemplateError(message: "a template knows no {\(name)}")
      }
      return .field(path)
    }
  }

  func append(
    _ record: inout LogRecord, _ label: SourceLabel, _ style: RecordStyle, to output: ByteBuffer
  ) {
    func show(_ bytes: [UInt8]) {
      bytes.withUnsafeBytes {
        if style.isTerminal { TerminalText.append($0, to: output) } else { output.append($0) }
      }
    }
    for part in parts {
      switch part {
      case .literal(let bytes): output.append(bytes)
      case .time(let isClock):
        guard let time = record.time else { continue }
        output.append(
          isClock ? TimeText.clock(time, zone: style.zone) : TimeText.full(time, zone: style.zone))
      case .level:
        guard let level = record.level else { continue }
        if style.isColoured { output.append(Colours.start(Colours.code(of: level))) }
        output.append(level.name)
        if style.isColoured { output.append(Colours.end) }
      case .message:
        let message = Message.bytes(of: record.bytes, record.shape)
        show(
          message.baseAddress == record.bytes.baseAddress
            ? Array(message) : JSONScan.decoded(message))
      case .text: show(Array(record.bytes))
      case .source: show(Array(label.name.utf8))
      case .name(let key): show(Array((label[key] ?? "").utf8))
      case .field(let path):
        if let value = path.value(in: record.bytes, record.shape) { show(JSONScan.decoded(value)) }
      }
    }
  }
}

/// A template cannot be used.
public struct TemplateError: Failure {
  /// What is wrong.
  public let message: String
  /// What there is.
  public var hint: String? {
    "{time} {clock} {level} {message} {text} {source} {pod} {container} {namespace} {file} "
      + "{.path.of.a.field}"
  }
  /// Wrong usage.
  public var status: ExitStatus { .usage }
}
