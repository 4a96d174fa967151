internal import PythonSubset

/// Reads the text of an array: `{a,"b c",NULL,{1,2}}`.
enum ArrayText {
  /// The array as nested lists, each element by a function.
  static func parse(_ text: String, _ element: (String?) throws -> Value) throws -> Value {
    var scalars = Array(text.unicodeScalars)[...]
    // The bounds that precede an array which does not begin at 1.
    if scalars.first == "[", let brace = scalars.firstIndex(of: "{") { scalars = scalars[brace...] }
    return try list(&scalars, element)
  }

  private static func list(
    _ rest: inout ArraySlice<Unicode.Scalar>, _ element: (String?) throws -> Value
  ) throws -> Value {
    var items: [Value] = []
    _ = rest.popFirst()
    while let next = rest.first, next != "}" {
      switch next {
      case ",": _ = rest.popFirst()
      case "{": items.append(try list(&rest, element))
      case "\"": items.append(try element(quoted(&rest)))
      default:
        let word = plain(&rest)
        items.append(try element(word == "NULL" ? nil : word))
      }
    }
    _ = rest.popFirst()
    return .list(items)
  }

  private static func quoted(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    _ = rest.popFirst()
    while let next = rest.popFirst(), next != "\"" {
      text.append(next == "\\" ? rest.popFirst() ?? next : next)
    }
    return String(text)
  }

  private static func plain(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    while let next = rest.first, next != ",", next != "}" {
      text.append(next)
      _ = rest.popFirst()
    }
    return String(text)
  }
}

/// Reads the text of an hstore: `"a"=>"b", "c"=>NULL`.
enum HStoreText {
  /// Keys and values in order.
  static func parse(_ text: String) -> [(String, Value)] {
    var rest = Array(text.unicodeScalars)[...]
    var pairs: [(String, Value)] = []
    func word() -> (text: String, isQuoted: Bool) {
      var word = String.UnicodeScalarView()
      if rest.first == "\"" {
        _ = rest.popFirst()
        while let next = rest.popFirst(), next != "\"" {
          word.append(next == "\\" ? rest.popFirst() ?? next : next)
        }
        return (String(word), true)
      }
      while let next = rest.first, next != ",", next != "=" {
        word.append(next)
        _ = rest.popFirst()
      }
      return (String(word), false)
    }
    while !rest.isEmpty {
      while let next = rest.first, next == "," || next == " " { _ = rest.popFirst() }
      if rest.isEmpty { break }
      let key = word().text
      rest = rest.dropFirst(2)
      let value = word()
      pairs.append((key, !value.isQuoted && value.text == "NULL" ? .null : .string(value.text)))
    }
    return pairs
  }
}
