internal import Text

/// How constraints and indexes without names of their own are named.
public struct ConstraintNaming {
  /// The pattern for each kind, with `%(token)s` in it.
  public var patterns: [ConstraintKind: String]
  /// Tokens that a script computes.
  public var tokens: [String: (NamedObject, Table) throws -> String]

  /// What is named: a constraint or an index.
  public enum NamedObject {
    case constraint(Constraint)
    case index(Index)
  }

  /// Describes a convention.
  public init(
    _ patterns: [ConstraintKind: String],
    tokens: [String: (NamedObject, Table) throws -> String] = [:]
  ) {
    self.patterns = patterns
    self.tokens = tokens
  }

  /// SQLAlchemy's own: only indexes get names.
  public static var standard: ConstraintNaming {
    ConstraintNaming([.index: "ix_%(column_0_label)s"])
  }

  /// The name that a constraint gets when it joins a table; nil leaves it as it is.
  func name(for constraint: Constraint, in table: Table) throws -> SQLName? {
    try name(
      .constraint(constraint), kind: constraint.kind, given: constraint.name,
      isTypeBound: constraint.isTypeBound, in: table)
  }

  /// The name that an index gets when it joins a table; nil leaves it as it is.
  func name(for index: Index, in table: Table) throws -> SQLName? {
    try name(.index(index), kind: .index, given: index.name, isTypeBound: false, in: table)
  }

  private func name(
    _ object: NamedObject, kind: ConstraintKind, given: SQLName?, isTypeBound: Bool,
    in table: Table
  ) throws -> SQLName? {
    guard let pattern = patterns[kind], given?.origin != .final else { return nil }
    guard given == nil || pattern.contains(text: "%(constraint_name)s") else { return nil }
    let scope = NamingScope(object: object, given: given, table: table, tokens: tokens)
    return .final(try scope.expand(pattern))
  }
}

/// The values of a convention's tokens for one constraint or index.
private struct NamingScope {
  let object: ConstraintNaming.NamedObject
  let given: SQLName?
  let table: Table
  let tokens: [String: (ConstraintNaming.NamedObject, Table) throws -> String]

  /// Replaces `%(token)s` and `%%` as Python's `%` does.
  func expand(_ pattern: String) throws -> String {
    var result = ""
    var rest = pattern[...]
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[rest.index(after: percent)...]
      if rest.first == "%" {
        result += "%"
        rest = rest.dropFirst()
      } else if rest.first == "(", let end = rest.firstRange(ofText: ")s") {
        result += try value(String(rest[rest.index(after: rest.startIndex)..<end.lowerBound]))
        rest = rest[end.upperBound...]
      } else {
        throw SchemaError(.invalidRequest, "naming convention '\(pattern)' is not a format")
      }
    }
    return result + rest
  }

  private func value(_ token: String) throws -> String {
    if let custom = tokens[token] { return try custom(object, table) }
    switch token {
    case "table_name": return table.name.text
    case "constraint_name":
      guard let given else {
        throw SchemaError(
          .invalidRequest,
          "Naming convention including %(constraint_name)s token requires that constraint is "
            + "explicitly named.")
      }
      return given.text
    case "referred_table_name": return foreignKey?.targets.first?.table ?? ""
    default: return try columnValue(token)
    }
  }

  private var foreignKey: ForeignKeyConstraint? {
    if case .constraint(let constraint) = object {
      constraint as? ForeignKeyConstraint
    } else {
      nil
    }
  }

  private var columns: [Column] {
    switch object {
    case .constraint(let constraint): constraint.namedColumns
    case .index(let index): index.columns
    }
  }

  /// `column_0_name`, `column_0N_key`, `column_0_N_label`, `referred_column_0_name`...
  private func columnValue(_ token: String) throws -> String {
    let isReferred = token.hasPrefix("referred_")
    let bare = isReferred ? token.dropFirst("referred_".count) : token[...]
    guard bare.hasPrefix("column_"), let last = bare.lastIndex(of: "_") else {
      throw SchemaError(
        .invalidRequest, "Naming convention has no value for token '\(token)'")
    }
    let attribute = bare[bare.index(after: last)...]
    let place = bare[bare.index(bare.startIndex, offsetBy: "column_".count)..<last]
    let values = isReferred ? referredNames : try columns.map { try name($0, attribute) }
    if place.hasSuffix("_N") { return values.joined(separator: "_") }
    if place.hasSuffix("N") { return values.joined() }
    guard let number = Int(place) else {
      throw SchemaError(
        .invalidRequest, "Naming convention has no value for token '\(token)'")
    }
    return values.indices.contains(number) ? values[number] : ""
  }

  private var referredNames: [String] {
    guard let foreignKey else { return [] }
    return foreignKey.targets.enumerated().map { place, target in
      target.column
        ?? (foreignKey.columns.indices.contains(place) ? foreignKey.columns[place].key : "")
    }
  }

  private func name(_ column: Column, _ attribute: Substring) throws -> String {
    let name = column.name?.text ?? ""
    switch attribute {
    case "name": return name
    case "key": return column.key
    case "label":
      let schema = table.schema.map { $0.text.replacing(text: ".", with: "_") + "_" } ?? ""
      return "\(schema)\(table.name.text)_\(name)"
    default:
      throw SchemaError(.invalidRequest, "Naming convention has no value for '\(attribute)'")
    }
  }
}
