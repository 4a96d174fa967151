internal import Diagnostics
internal import OrderedCollections

/// A configuration file by the rules of Python's `configparser` with its default settings, which is
/// what Alembic reads `alembic.ini` with.
///
/// Keys fold to small letters, `=` and `:` both divide, comments fill whole lines (what stands
/// behind a value belongs to it), deeper lines continue a value, `[DEFAULT]` speaks for every
/// section, and `%(name)s` is replaced when a value is asked for.
struct INIFile: Sendable {
  /// The file's name, for messages.
  let file: String
  private var sections: OrderedDictionary<String, Section> = [:]
  private var defaults = Section()
  /// What the reader gives besides the file: `here`.
  private let given: [String: String]

  private struct Section: Sendable {
    var values: OrderedDictionary<String, (lines: [String], line: Int)> = [:]
  }

  /// Reads the text of a file.
  ///
  /// - Parameter given: values that every section has; they are taken as they are.
  /// - Throws: `ProjectError` with the line.
  init(parsing text: String, file: String, given: [String: String]) throws(ProjectError) {
    self.file = file
    self.given = given
    var reader = Reader(file: file)
    for line in INIFile.lines(of: text) { try reader.read(line) }
    sections = reader.sections
    defaults = reader.defaults
  }

  /// Whether there is such a section.
  func hasSection(_ name: String) -> Bool { sections[name] != nil }

  /// The value of an option, with its parts filled in; nil where neither the section nor
  /// `[DEFAULT]` has it.
  ///
  /// - Throws: `ProjectError` when the value names an option that does not exist, or holds a `%`
  ///   that says nothing.
  func value(_ option: String, in section: String) throws(ProjectError) -> String? {
    guard sections[section] != nil else { return nil }
    guard let raw = raw(option.lowercased(), section) else { return nil }
    if raw.isGiven { return raw.text }
    return try interpolated(raw.text, option: option.lowercased(), section, depth: 1)
  }

  /// The options of a section and of `[DEFAULT]`.
  func options(of section: String) -> [String] {
    guard let section = sections[section] else { return [] }
    return Array(OrderedSet(Array(section.values.keys) + Array(defaults.values.keys)))
  }

  /// Where an option stands.
  func location(of option: String, in section: String) -> SourceLocation {
    let entry =
      sections[section]?.values[option.lowercased()] ?? defaults.values[option.lowercased()]
    return SourceLocation(file: file, line: entry?.line ?? 1, column: 1)
  }

  private func raw(_ option: String, _ section: String) -> (text: String, isGiven: Bool)? {
    let entry = sections[section]?.values[option] ?? defaults.values[option]
    if let entry { return (INIFile.joined(entry.lines), false) }
    return given[option].map { ($0, true) }
  }

  private static func joined(_ lines: [String]) -> String {
    var text = lines.first ?? ""
    for line in lines.dropFirst() { text += "\n" + line }
    while let last = text.unicodeScalars.last, last.properties.isWhitespace {
      text.unicodeScalars.removeLast()
    }
    return text
  }

  /// Replaces `%(name)s` by the value of `name`, which may have such parts itself, and `%%` by `%`.
  private func interpolated(
    _ text: String, option: String, _ section: String, depth: Int
  ) throws(ProjectError) -> String {
    func wrong(_ reason: String, _ hint: String) -> ProjectError {
      ProjectError(
        at: location(of: option, in: section), "the value of \(option) \(reason)", hint: hint)
    }
    if depth > 10 {
      throw wrong("refers to values that refer to it", "write one of them without %(...)s")
    }
    var result = ""
    var rest = text[...]
    while let percent = rest.firstIndex(of: "%") {
      result += String(rest[..<percent])
      rest = rest[rest.index(after: percent)...]
      if rest.first == "%" {
        result += "%"
        rest = rest.dropFirst()
        continue
      }
      guard rest.first == "(", let close = rest.firstIndex(of: ")"),
        rest[close...].dropFirst().first == "s"
      else {
        throw wrong(
          "has a % that is followed by neither % nor (name)s",
          "write %% for a percent sign, as configparser asks for")
      }
      let name = rest[rest.index(after: rest.startIndex)..<close].lowercased()
      guard let value = raw(name, section) else {
        throw wrong(
          "names %(\(name))s, which is no option of [\(section)]",
          "write %%(\(name))s if the text itself is meant")
      }
      result +=
        value.isGiven || !value.text.contains("%")
        ? value.text : try interpolated(value.text, option: name, section, depth: depth + 1)
      rest = rest[close...].dropFirst(2)
    }
    return result + String(rest)
  }

  /// The lines by Python's universal newlines.
  private static func lines(of text: String) -> [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var endsWithReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\n", endsWithReturn {
        endsWithReturn = false
        continue
      }
      endsWithReturn = scalar == "\r"
      if scalar == "\n" || scalar == "\r" {
        lines.append(String(line))
        line.removeAll()
      } else {
        line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(String(line)) }
    return lines
  }

  /// The state between two lines.
  private struct Reader {
    let file: String
    var sections: OrderedDictionary<String, Section> = [:]
    var defaults = Section()
    private var section: String?
    private var option: String?
    private var indent = 0
    private var number = 0

    init(file: String) { self.file = file }

    mutating func read(_ line: String) throws(ProjectError) {
      number += 1
      if number == 1, line.unicodeScalars.first == "\u{FEFF}" {
        throw wrong("the file begins with a byte order mark, which configparser does not take")
      }
      let text = line.stripped
      if text.hasPrefix("#") || text.hasPrefix(";") { return }
      if text.isEmpty {
        append("")
        return
      }
      let depth = line.unicodeScalars.prefix { $0.properties.isWhitespace }.count
      if section != nil, option != nil, depth > indent {
        append(text)
        return
      }
      indent = depth
      if text.hasPrefix("["), let close = text.lastIndex(of: "]"),
        text.distance(from: text.startIndex, to: close) > 1
      {
        try begin(String(text[text.index(after: text.startIndex)..<close]))
      } else {
        try set(text)
      }
    }

    private mutating func append(_ text: String) {
      guard let section, let option else { return }
      if section == "DEFAULT" {
        defaults.values[option]?.lines.append(text)
      } else {
        sections[section]?.values[option]?.lines.append(text)
      }
    }

    private mutating func begin(_ name: String) throws(ProjectError) {
      option = nil
      section = name
      if name == "DEFAULT" { return }
      if sections[name] != nil { throw wrong("section [\(name)] stands in the file twice") }
      sections[name] = Section()
    }

    private mutating func set(_ text: String) throws(ProjectError) {
      guard let section else { throw wrong("there is no section before \"\(text)\"") }
      guard let divider = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
        throw wrong("\"\(text)\" is neither a section nor an option with a value")
      }
      let name = String(text[..<divider]).stripped.lowercased()
      if name.isEmpty { throw wrong("\"\(text)\" has no name before its value") }
      let value = String(text[text.index(after: divider)...]).stripped
      let isDouble =
        section == "DEFAULT"
        ? defaults.values[name] != nil : sections[section]?.values[name] != nil
      if isDouble { throw wrong("option \(name) stands in [\(section)] twice") }
      if section == "DEFAULT" {
        defaults.values[name] = ([value], number)
      } else {
        sections[section]?.values[name] = ([value], number)
      }
      option = name
    }

    private func wrong(_ message: String) -> ProjectError {
      ProjectError(at: SourceLocation(file: file, line: number, column: 1), message)
    }
  }
}

extension String {
  /// Without white space at both ends, as Python's `strip()`.
  var stripped: String {
    var scalars = unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
