internal import CYAML
internal import Diagnostics

/// What libyaml reports, with its memory taken over.
struct Event {
  enum Kind {
    case streamStart, streamEnd, documentStart, documentEnd
    case alias(String)
    case scalar(String, YAMLScalar.Style)
    case sequenceStart, sequenceEnd, mappingStart, mappingEnd
  }

  var kind: Kind
  var location: SourceLocation
  var anchor: String?
  var tag: String?
}

/// libyaml's parser over bytes in memory; the only place that calls it.
final class EventStream {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// libyaml reads from here as long as it parses.
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let source: YAMLSource

  /// - Parameter bytes: UTF-8 without a byte order mark.
  init(_ bytes: some Collection<UInt8>, source: YAMLSource) {
    self.source = source
    input = .allocate(capacity: max(1, bytes.count))
    _ = input.initialize(from: bytes)
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      preconditionFailure("out of memory")
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    input.deallocate()
  }

  func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let location = location(event.start_mark)
    switch event.type {
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, location: location)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, location: location)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, location: location)
    case YAML_ALIAS_EVENT:
      return Event(kind: .alias(string(event.data.alias.anchor) ?? ""), location: location)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let bytes = UnsafeRawBufferPointer(start: scalar.value, count: scalar.length)
      let style = EventStream.style(scalar.style)
      return Event(
        kind: .scalar(String(decoding: bytes, as: UTF8.self), style), location: location,
        anchor: string(scalar.anchor), tag: string(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(
        kind: .sequenceStart, location: location, anchor: string(start.anchor),
        tag: string(start.tag))
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, location: location)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(
        kind: .mappingStart, location: location, anchor: string(start.anchor),
        tag: string(start.tag))
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, location: location)
    default: return Event(kind: .streamEnd, location: location)
    }
  }

  private func string(_ text: UnsafePointer<yaml_char_t>?) -> String? {
    text.map { String(cString: $0) }
  }

  private func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    text.map { String(cString: $0) }
  }

  private func location(_ mark: yaml_mark_t) -> SourceLocation {
    SourceLocation(file: source.file, line: mark.line + 1, column: mark.column + 1)
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }

  private func failure() -> YAMLError {
    let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
    let context = parser.pointee.context.map { String(cString: $0) } ?? ""
    let place = location(parser.pointee.problem_mark)
    let line = source.lines.indices.contains(place.line - 1) ? source.lines[place.line - 1] : []
    let (message, hint) = PlainWords.explain(
      problem, while: context, line: String(String.UnicodeScalarView(line)))
    return YAMLError(
      YAMLProblem(message, at: place, hint: hint), excerpt: source.excerpt(at: place))
  }
}
