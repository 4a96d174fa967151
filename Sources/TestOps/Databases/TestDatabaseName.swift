/// The names of the databases that tests are given: whoever sees one knows what it is, and later runs
/// find what a killed one left.
///
/// `omcops_test_` is followed by `t_` and the hash of what a template was made of, or by `r_`, the number
/// of a run and that of a database in the run. What tests make beside their database and name after it, as
/// Django's `test_` databases, is of the same run.
enum TestDatabaseName {
  static let prefix = "omcops_test_"

  static func template(_ key: String) -> String { "\(prefix)t_\(key.prefix(24))" }

  static func clone(run: Int32, _ number: Int) -> String { "\(prefix)r_\(run)_\(number)" }

  static func isTemplate(_ name: String) -> Bool { name.hasPrefix(prefix + "t_") }

  /// The run that a database was made for; nil for all others.
  ///
  /// - Parameter name: its name, or what of it begins with `prefix`.
  static func run(of name: String) -> Int32? {
    guard name.hasPrefix(prefix + "r_") else { return nil }
    let numbers = name.dropFirst(prefix.count + 2).split(separator: "_")
    return numbers.count >= 2 && numbers[1].first?.isNumber == true ? Int32(numbers[0]) : nil
  }

  /// Whether a name, or what of it begins with `prefix`, is that of a worker's database or made after it.
  static func bears(_ name: String, _ own: String) -> Bool {
    name.hasPrefix(own) && name.dropFirst(own.count).first?.isNumber != true
  }
}
