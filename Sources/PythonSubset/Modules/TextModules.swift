/// `string`, `textwrap` and `unicodedata`.
enum TextModules {
  static func string() -> HostModule {
    .describing("string") { table in
      let lower = "abcdefghijklmnopqrstuvwxyz"
      let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      let punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
      table.value("ascii_lowercase") { .string(lower) }
      table.value("ascii_uppercase") { .string(upper) }
      table.value("ascii_letters") { .string(lower + upper) }
      table.value("digits") { "0123456789" }
      table.value("hexdigits") { "0123456789abcdefABCDEF" }
      table.value("octdigits") { "01234567" }
      table.value("punctuation") { .string(punctuation) }
      table.value("whitespace") { " \t\n\r\u{0B}\u{0C}" }
      table.value("printable") {
        .string("0123456789" + lower + upper + punctuation + " \t\n\r\u{0B}\u{0C}")
      }
      table.function("capwords", "s, sep=None") { call in
        let parts = try call.python.items(
          call.python.callMethod("split", of: call[0], call[1].isNone ? [] : [call[1]]))
        let words = try parts.map { try call.python.callMethod("capitalize", of: $0).string ?? "" }
        return .string(words.joined(separator: call[1].string ?? " "))
      }
      table.type(templateClass, as: "Template")
    }
  }

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) private static let templateClass = PythonClass(
    host: "Template", module: "string",
    members: [
      "__new__": .new { .object(PythonInstance(try $0.cls())) },
      "__init__": .method("self, template") { call in
        let instance: PythonInstance = try call.receiver()
        instance.attributes["template"] = call[1]
        return .null
      },
      "substitute": .method("self, mapping=None, /, **kws") { try substitute($0, isSafe: false) },
      "safe_substitute": .method("self, mapping=None, /, **kws") {
        try substitute($0, isSafe: true)
      },
    ])

  private static func substitute(_ call: Call, isSafe: Bool) throws -> Value {
    let pattern = try PatternObject(
      #"\$(?:(?P<escaped>\$)|(?P<named>(?a:[_a-z][_a-z0-9]*))|{(?P<braced>(?a:[_a-z][_a-z0-9]*))}|(?P<invalid>))"#,
      flags: [.ignoreCase])
    let template = try call.python.get("template", of: call[0])
    let replacement = Value.function("replacement", "match") { inner in
      let match: MatchObject = try inner.object(0)
      if match.text(1) != nil { return "$" }
      guard let name = match.text(2)?.string ?? match.text(3)?.string else {
        if isSafe { return match.text(0) ?? .null }
        throw PythonError(.valueError, "Invalid placeholder in string")
      }
      if let value = call.keywords.first(where: { $0.name == name })?.value {
        return .string(try inner.python.str(value))
      }
      if let mapping = call[1].orNil {
        do {
          return .string(try inner.python.str(inner.python.item(of: mapping, .string(name))))
        } catch let error as PythonError where isSafe && error.isA(.keyError) {
          return match.text(0) ?? .null
        }
      }
      if isSafe { return match.text(0) ?? .null }
      throw PythonError(.keyError, name)
    }
    return try ReModule.substitute(pattern, replacement, template, 0, call.python).0
  }

  static func textwrap() -> HostModule {
    .describing("textwrap") { table in
      table.function("dedent", "text") { .string(dedent(try $0.string(0))) }
      table.function("indent", "text, prefix, predicate=None") { call in
        let prefix = try call.string(1)
        var result = ""
        for line in lines(of: try call.string(0)) {
          let isWanted =
            try call[2].orNil.map {
              try call.python.truth(call.python.call($0, [.string(line)]))
            } ?? line.unicodeScalars.contains { !$0.properties.isWhitespace }
          result += (isWanted ? prefix : "") + line
        }
        return .string(result)
      }
      table.function("shorten", "text, width, **kwargs") { call in
        let words = try call.string(0).split(whereSeparator: \.isWhitespace).map(String.init)
        let whole = words.joined(separator: " ")
        let width = try call.int(1)
        if whole.unicodeScalars.count <= width { return .string(whole) }
        let mark = call.keywords.first { $0.name == "placeholder" }?.value.string ?? " [...]"
        var kept = ""
        for word in words {
          let next = kept.isEmpty ? word : kept + " " + word
          if next.unicodeScalars.count + mark.unicodeScalars.count > width { break }
          kept = next
        }
        return .string(kept.isEmpty ? Whitespace.trimmed(mark) : kept + mark)
      }
      table.refused("wrap", "fill", "TextWrapper", in: "textwrap")
    }
  }

  private static func lines(of text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for scalar in text.unicodeScalars {
      line.unicodeScalars.append(scalar)
      if scalar == "\n" {
        lines.append(line)
        line = ""
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// `textwrap.dedent`: the blanks that all lines with text begin with are taken away, and lines of
  /// blanks become empty.
  static func dedent(_ text: String) -> String {
    let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
    var lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    for index in lines.indices where lines[index].allSatisfy(isBlank) { lines[index] = [] }
    var margin: [UInt8]?
    for line in lines where !line.isEmpty {
      let indent = Array(line.prefix(while: isBlank))
      guard let common = margin else {
        margin = indent
        continue
      }
      margin = zip(common, indent).prefix { $0 == $1 }.map { $0.0 }
    }
    let width = margin?.count ?? 0
    let result = lines.map { $0.isEmpty ? $0 : Array($0.dropFirst(width)) }
    return String(decoding: Array(result.joined(separator: [10])), as: UTF8.self)
  }

  static func unicodedata() -> HostModule {
    .describing("unicodedata") { table in
      table.function("normalize", "form, unistr, /") { call in
        let text = try call.string(1)
        switch try call.string(0) {
        case "NFC": return .string(Normalization.compose(text, isCompatible: false))
        case "NFKC": return .string(Normalization.compose(text, isCompatible: true))
        case "NFD": return .string(Normalization.decompose(text, isCompatible: false))
        case "NFKD": return .string(Normalization.decompose(text, isCompatible: true))
        default: throw PythonError(.valueError, "invalid normalization form")
        }
      }
      table.function("category", "chr, /") { .string(categories(try scalar($0))) }
      table.function("combining", "chr, /") {
        .int(Int(try scalar($0).properties.canonicalCombiningClass.rawValue))
      }
      table.function("name", "chr, default=..., /") { call in
        if let name = try scalar(call).properties.name { return .string(name) }
        guard let other = call.optional("default") else {
          throw PythonError(.valueError, "no such name")
        }
        return other
      }
      table.function("lookup", "name, /") { call in
        guard let found = CharacterNames.scalar(named: try call.string(0)) else {
          throw PythonError(.keyError, "undefined character name '\(try call.string(0))'")
        }
        return .string(String(found))
      }
    }
  }

  private static func scalar(_ call: Call) throws -> Unicode.Scalar {
    guard let text = call[0].pythonString, text.count == 1 else {
      throw PythonError(
        .typeError, "\(call.function)() argument 1 must be a unicode character, not str")
    }
    return text[0]
  }

  private static func categories(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    default: "Cn"
    }
  }
}
