internal import Archive

/// A foreign key that is made in two steps: as a promise, which locks both tables for a moment only,
/// and then by proving it of the rows that are there, beside which others can be proved.
struct ForeignKey: Sendable {
  /// The table that refers to another, as the statement has it.
  let table: String
  /// The statement that makes it without a look at the rows. Two at once could wait for each other's
  /// tables, hence the lock.
  let creation: String
  /// The statement that proves it.
  let validation: String

  /// Nil for other entries, and for keys that cannot be promised: those of partitioned
  /// tables, and those that are a promise for ever (`NOT ENFORCED`, since 18).
  init?(_ entry: ArchiveEntry) {
    guard entry.kind == "FK CONSTRAINT" else { return nil }
    let sql = entry.definition
    let tokens = SQLTokens.tokens(of: sql)
    guard let end = tokens.indices.last, sql[tokens[end].range] == ";",
      tokens.dropLast().allSatisfy({ sql[$0.range] != ";" }),
      tokens.starts(with: ["alter", "table", "only"], by: { $0.isKeyword($1) }),
      let add = tokens.firstIndex(where: { $0.isKeyword("add") }), add > 3, add + 3 < end,
      tokens[add + 1].isKeyword("constraint"), tokens[add + 3].isKeyword("foreign"),
      !tokens[end - 1].isKeyword("valid"), !tokens[end - 1].isKeyword("enforced")
    else { return nil }
    table = String(sql[tokens[3].range.lowerBound..<tokens[add - 1].range.upperBound])
    let name = sql[tokens[add + 2].range]
    creation =
      "SELECT pg_catalog.pg_advisory_xact_lock(\(ForeignKey.lock));\n"
      + sql[..<tokens[end].range.lowerBound] + " NOT VALID;"
    validation = "ALTER TABLE ONLY \(table) VALIDATE CONSTRAINT \(name)"
  }

  /// Any number does: the database is not anybody else's yet.
  private static let lock = 4711
}

extension Sequence {
  fileprivate func starts<Other: Sequence>(
    with other: Other, by isEqual: (Element, Other.Element) -> Bool
  ) -> Bool {
    var elements = makeIterator()
    return other.allSatisfy { wanted in elements.next().map { isEqual($0, wanted) } ?? false }
  }
}
