internal import Postgres

/// A table with rows of its own in a live database, as far as a comparison reads it.
struct LiveTable: Sendable {
  /// The name.
  var name: QualifiedName
  /// The columns that a backup would hold, in order, as SQL writes them: generated ones follow from
  /// the others.
  var columns: [String]
  /// The columns of the primary key; none without one, or where it has a generated column.
  var key: [String]
  /// What the table takes on the server's disk.
  var bytes: Int64
  /// Which rows are the user's, of a table that belongs to an extension: `WHERE ..`.
  var condition = ""
  /// Whether it is a partitioned table whose partitions' rows are read through it.
  var isPartitioned = false

  /// The statement that reads the rows, with the columns in this order.
  func copyOut(_ columns: [String]) -> String {
    let list = columns.joined(separator: ", ")
    if isPartitioned { return "COPY (SELECT \(list) FROM \(name)) TO STDOUT" }
    guard condition.isEmpty else {
      return "COPY (SELECT \(list) FROM ONLY \(name.sql) \(condition)) TO STDOUT"
    }
    // Of a table alone, COPY takes the rows that are its own, without those of its children.
    return "COPY \(name.sql)\(list.isEmpty ? "" : " (\(list))") TO STDOUT"
  }
}

extension Catalog {
  /// The tables whose rows a backup holds.
  var liveTables: [LiveTable] {
    var keys: [UInt32: [String]] = [:]
    for constraint in constraints where constraint.form == "p" {
      let columns = columns[constraint.relation] ?? []
      let key = constraint.columnNumbers.compactMap { number in
        columns.first { $0.number == number && !$0.isGenerated }?.sql
      }
      if key.count == constraint.columnNumbers.count { keys[constraint.relation] = key }
    }
    let unstable = UnstablePartitions(relations)
    let tables = relations.filter { unstable.hasOwnRows($0) }.map { relation in
      LiveTable(
        name: relation.name,
        columns: (columns[relation.oid] ?? []).filter { !$0.isGenerated }.map(\.sql),
        key: keys[relation.oid] ?? [], bytes: relation.bytes,
        isPartitioned: relation.form == .partitionedTable)
    }
    return tables
      + configurations.filter { $0.relationKind == "r" }.map { configuration in
        LiveTable(
          name: configuration.name, columns: CopyColumns.names(in: configuration.columns),
          key: [], bytes: configuration.bytes, condition: configuration.condition)
      }
  }
}

/// The columns that a COPY names.
enum CopyColumns {
  /// Those of a whole statement, `COPY schema.name (a, "b c") FROM stdin;`; none where it has no list.
  static func names(inStatement sql: String) -> [String] {
    let tokens = SQLTokens.tokens(of: sql)
    guard let start = tokens.firstIndex(where: { $0.isSymbol("(") }),
      let end = tokens[start...].firstIndex(where: { $0.isSymbol(")") })
    else { return [] }
    return names(tokens[(start + 1)..<end])
  }

  /// Those of a list, `a, "b c"`.
  static func names(in list: String) -> [String] { names(SQLTokens.tokens(of: list)[...]) }

  private static func names(_ tokens: ArraySlice<SQLToken>) -> [String] {
    tokens.compactMap { $0.name.map { quoteIdentifier($0) } }
  }
}
