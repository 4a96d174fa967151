/// `text.format(...)`: replacement fields in braces.
enum BraceFormat {
  static func format(
    _ text: PythonString, _ arguments: Arguments, _ python: Interpreter
  ) throws -> String {
    var formatter = Formatter(python: python) { name in
      guard let value = arguments[name] else {
        throw PythonError(.keyError, arguments: [.string(name)])
      }
      return value
    } positional: { index in
      guard index < arguments.positional.count else {
        throw PythonError(
          .indexError,
          "Replacement index \(index) out of range for positional args tuple")
      }
      return arguments.positional[index]
    }
    return try formatter.format(text.unicodeScalars, depth: 2)
  }

  static func format(
    _ text: PythonString, mapping: Value, _ python: Interpreter
  ) throws -> String {
    var formatter = Formatter(python: python) { name in
      try python.item(of: mapping, .string(name))
    } positional: { _ in
      throw PythonError(.valueError, "Format string contains positional fields")
    }
    return try formatter.format(text.unicodeScalars, depth: 2)
  }

  private struct Formatter {
    let python: Interpreter
    let named: (String) throws -> Value
    let positional: (Int) throws -> Value
    var nextIndex: Int? = 0

    init(
      python: Interpreter, named: @escaping (String) throws -> Value,
      positional: @escaping (Int) throws -> Value
    ) {
      self.python = python
      self.named = named
      self.positional = positional
    }

    mutating func format(_ scalars: [Unicode.Scalar], depth: Int) throws -> String {
      guard depth > 0 else { throw PythonError(.valueError, "Max string recursion exceeded") }
      var result = String.UnicodeScalarView()
      var index = 0
      while index < scalars.count {
        let scalar = scalars[index]
        index += 1
        guard scalar == "{" || scalar == "}" else {
          result.append(scalar)
          continue
        }
        if index < scalars.count, scalars[index] == scalar {
          result.append(scalar)
          index += 1
          continue
        }
        guard scalar == "{" else {
          throw PythonError(.valueError, "Single '}' encountered in format string")
        }
        let end = try fieldEnd(scalars, index)
        let text = try field(Array(scalars[index..<end]), depth: depth)
        result.append(contentsOf: text.unicodeScalars)
        try python.charge(text.utf8.count)
        index = end + 1
      }
      return String(result)
    }

    private func fieldEnd(_ scalars: [Unicode.Scalar], _ start: Int) throws -> Int {
      if start == scalars.count {
        throw PythonError(.valueError, "Single '{' encountered in format string")
      }
      var depth = 1
      for index in start..<scalars.count {
        if scalars[index] == "{" { depth += 1 }
        if scalars[index] == "}" { depth -= 1 }
        if depth == 0 { return index }
      }
      throw PythonError(.valueError, "expected '}' before end of string")
    }

    private mutating func field(_ scalars: [Unicode.Scalar], depth: Int) throws -> String {
      var bracket = false
      let end =
        scalars.firstIndex { scalar in
          if scalar == "[" { bracket = true }
          if scalar == "]" { bracket = false }
          return !bracket && (scalar == "!" || scalar == ":")
        } ?? scalars.count
      var value = try lookup(Array(scalars[..<end]))
      var rest = scalars[end...]
      if rest.first == "!" {
        rest.removeFirst()
        guard let conversion = rest.popFirst() else {
          throw PythonError(
            .valueError, "end of string while looking for conversion specifier")
        }
        value = try converted(value, conversion)
        guard rest.isEmpty || rest.first == ":" else {
          throw PythonError(.valueError, "expected ':' after conversion specifier")
        }
      }
      let specification = try rest.isEmpty ? "" : format(Array(rest.dropFirst()), depth: depth - 1)
      return try python.format(value, specification)
    }

    private func converted(_ value: Value, _ conversion: Unicode.Scalar) throws -> Value {
      switch conversion {
      case "s": return .string(try python.str(value))
      case "r": return .string(try python.repr(value))
      case "a": return .string(try python.ascii(value))
      default:
        throw PythonError(.valueError, "Unknown conversion specifier \(conversion)")
      }
    }

    private mutating func lookup(_ scalars: [Unicode.Scalar]) throws -> Value {
      let end = scalars.firstIndex { $0 == "." || $0 == "[" } ?? scalars.count
      let name = String(String.UnicodeScalarView(scalars[..<end]))
      var value: Value
      if name.isEmpty {
        guard let index = nextIndex else {
          throw PythonError(
            .valueError,
            "cannot switch from manual field specification to automatic field numbering")
        }
        nextIndex = index + 1
        value = try positional(index)
      } else if let index = Int(name), index >= 0 {
        if let next = nextIndex, next > 0 {
          throw PythonError(
            .valueError,
            "cannot switch from automatic field numbering to manual field specification")
        }
        nextIndex = nil
        value = try positional(index)
      } else {
        value = try named(name)
      }
      var rest = scalars[end...]
      while let first = rest.popFirst() {
        if first == "." {
          let part = rest.prefix { $0 != "." && $0 != "[" }
          rest = rest.dropFirst(part.count)
          value = try python.get(String(String.UnicodeScalarView(part)), of: value)
        } else {
          let part = rest.prefix { $0 != "]" }
          rest = rest.dropFirst(part.count)
          guard rest.popFirst() == "]" else {
            throw PythonError(.valueError, "Missing ']' in format string")
          }
          let key = String(String.UnicodeScalarView(part))
          value = try python.item(of: value, Int(key).map { .int($0) } ?? .string(key))
        }
      }
      return value
    }
  }
}
