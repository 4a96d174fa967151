/// A target that is told by a distance: `+2`, `-1`, `abc+1`, `label@head-2`, `label@+1`.
struct RelativeRevision: Hashable {
  /// What stands before `@`.
  var branch: String?
  /// What the distance is counted from; nil is the database's own state.
  var symbol: String?
  /// The distance as it is written.
  var text: String
  /// The distance.
  var steps: Int

  /// Nil where the words hold no distance, even if a sign is in them.
  ///
  /// As in Alembic what follows the digits is not looked at, and `@` belongs to the first part as
  /// long as a distance follows it.
  init?(_ words: String) {
    let text = Array(words.unicodeScalars)
    for at in text.indices.dropFirst() where text[at] == "@" {
      if let (symbol, distance) = RelativeRevision.parse(text[(at + 1)...]) {
        self.init(RelativeRevision.string(text[..<at]), symbol, distance)
        return
      }
    }
    guard let (symbol, distance) = RelativeRevision.parse(text[...]) else { return nil }
    self.init(nil, symbol, distance)
  }

  private init(_ branch: String?, _ symbol: String, _ distance: String) {
    self.branch = branch
    self.symbol = symbol.isEmpty ? nil : symbol
    text = distance
    // A number too big for the machine is farther than any graph is high.
    steps = Int(distance) ?? (distance.hasPrefix("-") ? Int.min : Int.max)
  }

  private static func parse(
    _ text: ArraySlice<Unicode.Scalar>
  ) -> (symbol: String, distance: String)? {
    let symbol = text.prefix {
      $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
    }
    let rest = text[symbol.endIndex...]
    guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
    let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) }
    if digits.isEmpty { return nil }
    return (string(symbol), string([sign]) + string(digits))
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
