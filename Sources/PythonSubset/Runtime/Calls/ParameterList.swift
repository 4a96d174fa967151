/// The names of a function's parameters and how a call's arguments go to them, with the errors of
/// CPython where they do not.
struct ParameterList {
  /// Positional-only, ordinary, and keyword-only parameters, in this order.
  var names: [String] = []
  /// How many of the names can only be given by position.
  var positionalOnly = 0
  /// How many of the names can be given by position.
  var positional = 0
  /// The name of `*args`.
  var rest: String?
  /// The name of `**kwargs`.
  var keywords: String?

  /// What a call gives each parameter: `values[i]` for `names[i]`, nil where neither an argument
  /// nor a default is there.
  struct Binding {
    var values: [Value?]
    var rest: [Value] = []
    var keywords: [(name: String, value: Value)] = []
  }

  /// Assigns arguments to parameters. `function` is the name for messages, and `hasDefault` tells
  /// which parameters may stay nil.
  func bind(
    _ arguments: Arguments, function: String, hasDefault: (Int) -> Bool
  ) throws -> Binding {
    var binding = Binding(values: Array(repeating: nil, count: names.count))
    let given = arguments.positional
    for index in 0..<min(given.count, positional) { binding.values[index] = given[index] }
    var misplaced: [String] = []
    for (name, value) in arguments.keywords {
      guard let index = names.firstIndex(of: name), index >= positionalOnly else {
        if keywords != nil {
          binding.keywords.append((name, value))
        } else if names.contains(name) {
          misplaced.append(name)
        } else {
          throw PythonError(
            .typeError, "\(function)() got an unexpected keyword argument '\(name)'")
        }
        continue
      }
      guard binding.values[index] == nil else {
        throw PythonError(.typeError, "\(function)() got multiple values for argument '\(name)'")
      }
      binding.values[index] = value
    }
    if !misplaced.isEmpty {
      throw PythonError(
        .typeError,
        "\(function)() got some positional-only arguments passed as keyword arguments: "
          + "'\(misplaced.joined(separator: ", "))'")
    }
    if given.count > positional {
      guard rest != nil else {
        throw tooMany(given.count, binding, function: function, hasDefault: hasDefault)
      }
      binding.rest = Array(given[positional...])
    }
    try checkMissing(binding, function: function, hasDefault: hasDefault)
    return binding
  }

  private func checkMissing(
    _ binding: Binding, function: String, hasDefault: (Int) -> Bool
  ) throws {
    func absent(_ range: Range<Int>) -> [String] {
      range.filter { binding.values[$0] == nil && !hasDefault($0) }.map { names[$0] }
    }
    for (range, kind) in [
      (0..<positional, "positional"), (positional..<names.count, "keyword-only"),
    ] {
      let missing = absent(range)
      if missing.isEmpty { continue }
      throw PythonError(
        .typeError,
        "\(function)() missing \(missing.count) required \(kind) "
          + "argument\(missing.count == 1 ? "" : "s"): \(ParameterList.enumeration(missing))")
    }
  }

  private func tooMany(
    _ given: Int, _ binding: Binding, function: String, hasDefault: (Int) -> Bool
  ) -> PythonError {
    let required = (0..<positional).filter { !hasDefault($0) }.count
    let takes = required == positional ? "\(positional)" : "from \(required) to \(positional)"
    let plural = positional == 1 && required == positional ? "" : "s"
    let byKeyword = (positional..<names.count).filter { binding.values[$0] != nil }.count
    let were =
      byKeyword == 0
      ? "\(given) \(given == 1 ? "was" : "were") given"
      : "\(given) positional argument\(given == 1 ? "" : "s") (and \(byKeyword) keyword-only "
        + "argument\(byKeyword == 1 ? "" : "s")) were given"
    return PythonError(
      .typeError, "\(function)() takes \(takes) positional argument\(plural) but \(were)")
  }

  /// `'a', 'b', and 'c'`.
  static func enumeration(_ names: [String]) -> String {
    let quoted = names.map { "'\($0)'" }
    return switch quoted.count {
    case 1: quoted[0]
    case 2: "\(quoted[0]) and \(quoted[1])"
    default: quoted.dropLast().joined(separator: ", ") + ", and \(quoted[quoted.count - 1])"
    }
  }
}
