internal import Text

/// A command of psql's in a script: `\connect`, `\restrict` and their like.
struct ScriptCommand: Hashable, Sendable {
  /// The word after the backslash.
  var name: String
  /// The rest of its line.
  var arguments: String
  /// The line.
  var line: Int

  /// The arguments as words; quotes of either kind hold a word together and are taken off.
  var words: [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in arguments {
      if let open = quote {
        if character == open { quote = nil } else { word?.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if let last = word { words.append(last) }
    return words
  }

  /// The database that a `\connect` names; nil where it says anything else than a name.
  ///
  /// pg_dump writes a name that is not plain as `-reuse-previous=on "dbname='such a name'"`.
  var connectedDatabase: String? {
    let words = words.filter { $0 != "-reuse-previous=on" }
    guard words.count == 1, let word = words.first else { return nil }
    guard word.hasPrefix("dbname=") else { return word.contains("=") ? nil : word }
    let value = arguments.split(around: "dbname=", maxSplits: 1).last ?? ""
    return ScriptCommand.connectionValue(value)
  }

  /// A value of a connection string in its quotes: a backslash keeps the next character.
  private static func connectionValue(_ text: Substring) -> String {
    var value = ""
    var isEscaped = false
    var isOpen = false
    for character in text {
      if isEscaped {
        value.append(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "'" {
        if isOpen { break }
        isOpen = true
      } else if character == "\"" || (!isOpen && character.isWhitespace) {
        break
      } else {
        value.append(character)
      }
    }
    return value
  }

  /// A variable's value as `:name`, `:'name'` or `:"name"` puts it into the SQL.
  static func quoted(_ value: String, by quote: UInt8?) -> String {
    guard let quote else { return value }
    let mark = String(UnicodeScalar(quote))
    return mark + value.replacing(text: mark, with: mark + mark) + mark
  }

  /// Variables of psql's own that change only what it shows.
  static let displayVariables: Set<String> = [
    "ON_ERROR_STOP", "ECHO", "ECHO_HIDDEN", "QUIET", "VERBOSITY", "SHOW_CONTEXT", "FETCH_COUNT",
    "HIDE_TABLEAM", "HIDE_TOAST_COMPRESSION", "COMP_KEYWORD_CASE", "PROMPT1", "PROMPT2", "PROMPT3",
  ]

  /// Variables of psql's own that change what a script does.
  static let effectiveVariables: Set<String> = [
    "AUTOCOMMIT", "ON_ERROR_ROLLBACK", "SINGLELINE", "SINGLESTEP",
  ]
}
