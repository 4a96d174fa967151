internal import Patterns

/// Lays records out and gathers the result.
final class RecordWriter {
  let style: RecordStyle
  private let secrets = SecretMask()
  private let hidden = ByteBuffer()
  private let laidOut = ByteBuffer()
  private var prefixes: [[UInt8]] = []
  private let isPlain: Bool

  init(_ style: RecordStyle) {
    self.style = style
    isPlain =
      style.format != .json && !style.isTerminal && !style.isColoured && !style.isPretty
      && style.template == nil && !(style.hasTime && style.format == .text)
  }

  /// Adds a record and its newline to a buffer.
  @inline(__always)
  func write(_ record: inout LogRecord, _ label: SourceLabel, to output: ByteBuffer) {
    if style.hidesSecrets {
      hidden.removeAll()
      if secrets.hide(in: record.bytes, to: hidden) {
        var masked = record.with(hidden.bytes)
        return layOut(&masked, label, to: output)
      }
    }
    layOut(&record, label, to: output)
  }

  @inline(__always)
  private func layOut(_ record: inout LogRecord, _ label: SourceLabel, to output: ByteBuffer) {
    guard isPlain else { return layOutFully(&record, label, to: output) }
    if style.hasPrefix, style.format == .text { output.append(prefix(of: record.source, label)) }
    output.append(record.bytes)
    if record.dropped > 0 { appendCut(record.dropped, to: output) }
    output.append(0x0A)
  }

  private func layOutFully(
    _ record: inout LogRecord, _ label: SourceLabel, to output: ByteBuffer
  ) {
    switch style.format {
    case .json: RecordObject.append(&record, label, to: output)
    case .raw:
      if style.isTerminal {
        TerminalText.append(record.bytes, to: output)
      } else {
        output.append(record.bytes)
      }
      if record.dropped > 0 { appendCut(record.dropped, to: output) }
    case .text: text(&record, label, to: output)
    }
    output.append(0x0A)
  }

  private func text(_ record: inout LogRecord, _ label: SourceLabel, to output: ByteBuffer) {
    laidOut.removeAll()
    if let template = style.template {
      template.append(&record, label, style, to: laidOut)
    } else {
      if style.hasPrefix { output.append(prefix(of: record.source, label)) }
      if style.hasTime, !style.isPretty || record.shape == .plain, let time = record.time {
        coloured("2", output) { output.append(TimeText.full(time, zone: style.zone)) }
        output.append(0x20)
      }
      if !style.isPretty || !PrettyRecord.append(&record, style, to: laidOut) {
        plain(&record)
      }
    }
    if style.highlights.isEmpty || !style.isColoured {
      output.append(laidOut.bytes)
    } else {
      Highlight.append(laidOut.bytes, style.highlights, to: output)
    }
    if record.dropped > 0 { appendCut(record.dropped, to: output) }
  }

  /// The record as it is, in the colour of its level where that is a warning or worse.
  private func plain(_ record: inout LogRecord) {
    guard style.isColoured, let level = record.level, level >= .warn || level <= .debug else {
      return appendText(record.bytes)
    }
    laidOut.append(Colours.start(Colours.code(of: level)))
    appendText(record.bytes)
    laidOut.append(Colours.end)
  }

  private func appendText(_ bytes: Bytes) {
    if style.isTerminal {
      TerminalText.append(bytes, to: laidOut)
    } else {
      laidOut.append(bytes)
    }
  }

  private func coloured(_ code: String, _ output: ByteBuffer, _ body: () -> Void) {
    if style.isColoured { output.append(Colours.start(code)) }
    body()
    if style.isColoured { output.append(Colours.end) }
  }

  private func appendCut(_ count: Int, to output: ByteBuffer) {
    output.append(" [\(count) bytes more were cut]")
  }

  /// Made once for each source.
  @inline(__always)
  private func prefix(of source: Int, _ label: SourceLabel) -> [UInt8] {
    if source < prefixes.count, !prefixes[source].isEmpty { return prefixes[source] }
    return makePrefix(of: source, label)
  }

  /// The source's number will be another's.
  func forget(_ source: Int) { if source < prefixes.count { prefixes[source] = [] } }

  private func makePrefix(of source: Int, _ label: SourceLabel) -> [UInt8] {
    while prefixes.count <= source { prefixes.append([]) }
    let buffer = ByteBuffer()
    coloured(Colours.code(of: label.name), buffer) {
      Array(label.name.utf8).withUnsafeBytes { TerminalText.append($0, to: buffer) }
    }
    buffer.append(style.isColoured ? " " : ": ")
    prefixes[source] = Array(buffer.bytes)
    return prefixes[source]
  }
}

/// Makes what patterns find stand out.
enum Highlight {
  private static let start = Colours.start("1;7")

  static func append(_ text: Bytes, _ patterns: [Pattern], to output: ByteBuffer) {
    var place = 0
    while place < text.count, let match = first(text, patterns, from: place) {
      output.append(text.part(place..<match.lowerBound))
      output.append(start)
      output.append(text.part(match))
      output.append(Colours.end)
      place = match.upperBound
    }
    output.append(text.part(min(place, text.count)..<text.count))
  }

  /// The leftmost match that is not empty.
  private static func first(_ text: Bytes, _ patterns: [Pattern], from place: Int) -> Range<Int>? {
    var best: Range<Int>?
    for pattern in patterns {
      guard case .found(let range) = pattern.search(text, from: place), !range.isEmpty,
        range.lowerBound >= place
      else { continue }
      if let other = best, other.lowerBound <= range.lowerBound { continue }
      best = range
    }
    return best
  }
}
