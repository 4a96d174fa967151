/// A type as a column has it, in the words that the catalogs use.
struct TypeName: Hashable, Sendable, CustomStringConvertible {
  /// The canonical name, as `character varying`; of another schema's type with that before it.
  var base: String
  /// Length, precision and scale.
  var modifiers: [Int] = []
  var isArray = false
  /// Whether it stands for an integer with a sequence of its own.
  var isSerial = false

  /// As `format_type` writes it.
  var description: String {
    var parts = base.split(separator: " ", maxSplits: 1).map(String.init)
    let list =
      modifiers.isEmpty ? "" : "(" + modifiers.map(String.init).joined(separator: ",") + ")"
    let isTime = ["time", "timestamp"].contains(parts[0])
    if isTime, parts.count == 2 {
      parts[0] += list
    } else {
      parts[parts.count - 1] += list
    }
    return parts.joined(separator: " ") + (isArray ? "[]" : "")
  }

  /// Other spellings of built-in types.
  private static let synonyms = [
    "varchar": "character varying", "char varying": "character varying", "char": "character",
    "nchar": "character", "bpchar": "character", "national character": "character",
    "national char": "character", "national character varying": "character varying",
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint",
    "decimal": "numeric", "dec": "numeric", "bool": "boolean", "float4": "real",
    "float8": "double precision", "float": "double precision",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    "time": "time without time zone", "timetz": "time with time zone", "varbit": "bit varying",
  ]

  private static let serials = [
    "serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint",
    "smallserial": "smallint", "serial2": "smallint",
  ]

  /// Makes the canonical name of a spelling: lower case, single blanks, without `pg_catalog`.
  init(spelled name: String, modifiers: [Int] = [], isArray: Bool = false) {
    var name = name
    if name.hasPrefix("pg_catalog.") { name.removeFirst("pg_catalog.".count) }
    if let base = TypeName.serials[name] {
      self.init(base: base, modifiers: modifiers, isArray: isArray, isSerial: true)
      return
    }
    var modifiers = modifiers
    var base = TypeName.synonyms[name] ?? name
    if name == "float", let precision = modifiers.first {
      base = precision <= 24 ? "real" : "double precision"
      modifiers = []
    }
    // `char` alone is one character long; `numeric(10)` has no decimals.
    if base == "character", modifiers.isEmpty, name != "bpchar" { modifiers = [1] }
    if base == "numeric", modifiers.count == 1 { modifiers.append(0) }
    self.init(base: base, modifiers: modifiers, isArray: isArray)
  }

  private init(base: String, modifiers: [Int], isArray: Bool, isSerial: Bool = false) {
    self.base = base
    self.modifiers = modifiers
    self.isArray = isArray
    self.isSerial = isSerial
  }
}

/// What changing a column's type costs.
struct TypeChange: Hashable, Sendable {
  /// Whether every row is written anew.
  var rewrites: Bool
  /// Whether rows may lose what they hold.
  var narrows: Bool

  /// Judges a change, as `ATColumnChangeRequiresRewrite` does: nothing is rewritten where the old
  /// values are the new ones, byte for byte.
  init(from old: TypeName, to new: TypeName) {
    guard old != new else {
      self.init(rewrites: false, narrows: false)
      return
    }
    if old.isArray || new.isArray {
      // Elements are checked one by one whatever they are, unless the array type stays the same.
      let isWidened =
        old.isArray && new.isArray && old.base == new.base
        && new.modifiers.isEmpty && TypeChange.keeps(old, new) == true
      self.init(rewrites: !isWidened, narrows: TypeChange.loses(old, new))
      return
    }
    self.init(
      rewrites: !(TypeChange.keeps(old, new) ?? false), narrows: TypeChange.loses(old, new))
  }

  private init(rewrites: Bool, narrows: Bool) {
    self.rewrites = rewrites
    self.narrows = narrows
  }

  private static let texts: Set<String> = ["text", "character varying", "citext"]

  /// Whether values stay as they are; nil where nothing is known of the pair.
  private static func keeps(_ old: TypeName, _ new: TypeName) -> Bool? {
    switch (old.base, new.base) {
    case ("character varying", "character varying"), ("bit varying", "bit varying"):
      return new.modifiers.isEmpty || isAtLeast(new.modifiers[0], old.modifiers.first)
    case (let a, "text") where texts.contains(a): return true
    case (let a, "citext") where texts.contains(a): return true
    case ("text", "character varying"), ("citext", "character varying"):
      return new.modifiers.isEmpty
    case ("numeric", "numeric"):
      guard new.modifiers.count == 2 else { return true }
      guard old.modifiers.count == 2 else { return false }
      return old.modifiers[1] == new.modifiers[1] && new.modifiers[0] >= old.modifiers[0]
    case ("timestamp without time zone", "timestamp without time zone"),
      ("timestamp with time zone", "timestamp with time zone"),
      ("time without time zone", "time without time zone"),
      ("time with time zone", "time with time zone"), ("interval", "interval"):
      return (new.modifiers.first ?? 6) >= (old.modifiers.first ?? 6)
    case ("cidr", "inet"): return true
    case ("xml", "text"), ("xml", "character varying"): return new.modifiers.isEmpty
    default: return nil
    }
  }

  /// The old length must be known and not the greater.
  private static func isAtLeast(_ length: Int, _ old: Int?) -> Bool {
    old.map { length >= $0 } ?? false
  }

  private static let integers = ["smallint": 2, "integer": 4, "bigint": 8]

  /// Whether a value may be cut, rounded or refused.
  private static func loses(_ old: TypeName, _ new: TypeName) -> Bool {
    if old.isArray != new.isArray { return old.isArray }
    if keeps(old, new) == true { return false }
    if let a = integers[old.base] {
      if let b = integers[new.base] { return b < a }
      return !["numeric", "double precision", "text", "character varying"].contains(new.base)
        || (new.base == "numeric" && !new.modifiers.isEmpty)
        || (new.base == "double precision" && a == 8)
        || (new.base == "character varying" && (new.modifiers.first ?? 20) < 20)
    }
    switch (old.base, new.base) {
    case ("json", "jsonb"), ("json", "text"), ("jsonb", "text"), ("jsonb", "json"),
      ("uuid", "text"), ("boolean", "text"), ("boolean", "integer"), ("date", "text"),
      ("character", "text"), ("real", "double precision"), ("numeric", "text"),
      ("date", "timestamp without time zone"), ("date", "timestamp with time zone"),
      ("timestamp without time zone", "timestamp with time zone"),
      ("timestamp with time zone", "timestamp without time zone"):
      return false
    case ("character", "character"):
      return (new.modifiers.first ?? 1) < (old.modifiers.first ?? 1)
    case ("numeric", "numeric"):
      guard new.modifiers.count == 2 else { return false }
      guard old.modifiers.count == 2 else { return true }
      let whole = (old.modifiers[0] - old.modifiers[1], new.modifiers[0] - new.modifiers[1])
      return whole.1 < whole.0 || new.modifiers[1] < old.modifiers[1]
    default: return true
    }
  }
}
