internal import Text

/// Text of the shell.
public enum ShellText {
  /// A text as one word: as it is where the shell sees nothing in it, else in quotes.
  public static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || "-_./=:@,+".utf8.contains($0)
      }
    return isPlain
      ? text
      : "'" + text.replacing(text: "'", with: "'\\''") + "'"
  }

  // MARK: Variables in finished commands

  // Actions write their commands from values, and quote what needs it. A value that is not known
  // goes through them as a mark that needs no quotes, and becomes a variable afterwards.
  private static let opening = "OMCVAR_"
  private static let closing = "_RAVCMO"

  /// What stands for a variable until `expand` has seen the command.
  static func mark(_ variable: String) -> String { opening + variable + closing }

  /// Makes variables of the marks in a command, in quotes as each place needs them.
  static func expand(_ command: String) -> String {
    guard command.contains(text: opening) else { return command }
    var result = ""
    var rest = command[...]
    while let first = rest.first {
      if first == "'" {
        let content = rest.dropFirst().prefix { $0 != "'" }
        result += quotation(content)
        rest = rest.dropFirst(content.count + 2)
      } else if first == "#", result.last.map(\.isWhitespace) ?? true {
        let comment = rest.prefix { $0 != "\n" }
        result += filled(comment)
        rest = rest.dropFirst(comment.count)
      } else if first.isWhitespace || first == ";" || first == "|" || first == "\\" {
        let length = first == "\\" ? 2 : 1
        result += rest.prefix(length)
        rest = rest.dropFirst(length)
      } else {
        let word = rest.prefix { !$0.isWhitespace && !"';|\\".contains($0) }
        result += word.contains(text: opening) ? "\"\(filled(word))\"" : String(word)
        rest = rest.dropFirst(word.count)
      }
    }
    return result
  }

  /// The same in a text for people, which needs no quotes.
  static func readable(_ text: String) -> String { filled(text[...]) }

  /// What stands between single quotes: in double ones where that changes nothing else.
  private static func quotation(_ content: Substring) -> String {
    guard content.contains(text: opening) else { return "'\(content)'" }
    if !content.contains(where: { "\"$`\\!".contains($0) }) { return "\"\(filled(content))\"" }
    return "'" + filled(content, before: "'\"", after: "\"'") + "'"
  }

  /// The text with `$NAME` for its marks, or `${NAME}` where letters follow.
  private static func filled(
    _ text: Substring, before: String = "", after: String = ""
  ) -> String {
    var result = ""
    var rest = text
    while let first = rest.first {
      guard rest.hasPrefix(opening), let name = name(in: rest.dropFirst(opening.count)) else {
        result.append(first)
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(opening.count + name.count + closing.count)
      let isFollowed =
        after.isEmpty && (rest.first.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false)
        && !rest.hasPrefix(opening)
      result += before + (isFollowed ? "${\(name)}" : "$\(name)") + after
    }
    return result
  }

  private static func name(in text: Substring) -> String? {
    var name = ""
    var rest = text
    while let first = rest.first, first.isLetter || first.isNumber || first == "_" {
      if rest.hasPrefix(closing) { return name }
      name.append(first)
      rest = rest.dropFirst()
    }
    return nil
  }
}
