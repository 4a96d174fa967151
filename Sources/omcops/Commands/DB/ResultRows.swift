internal import Postgres
internal import Terminal

extension RowSet {
  /// The rows of a query, each value as what its type is.
  init(_ result: QueryResult) {
    let columns = result.columns
    self.init(
      columns.map { Column($0.name, isNumeric: Cell.isNumber($0.typeOID)) },
      rows: result.rows.map { row in
        columns.indices.map { Cell(row[$0], typeOID: columns[$0].typeOID) }
      })
    showsLines = true
  }
}

extension Cell {
  /// A value in PostgreSQL's text form.
  init(_ text: String?, typeOID: UInt32) {
    guard let text else {
      self = .null
      return
    }
    switch typeOID {
    case 16: self = .bool(text == "t")
    case 114, 3802: self = .json(text)
    default: self = Cell.isNumber(typeOID) ? .number(text) : .text(text)
    }
  }

  /// int8, int2, int4, oid, float4, float8, numeric.
  static func isNumber(_ typeOID: UInt32) -> Bool {
    [20, 21, 23, 26, 700, 701, 1700].contains(typeOID)
  }
}
