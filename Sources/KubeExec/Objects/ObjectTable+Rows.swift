public import JSON
internal import OrderedCollections

extension KubeObject {
  private static let cellsKey = "omcops.cells"

  /// A row of the server's table as an object: its metadata, and its cells.
  init(row: JSON) {
    guard case .object(var members) = row["object"] ?? .null else {
      self.init(.null)
      return
    }
    members[Self.cellsKey] = row["cells"] ?? []
    self.init(.object(members))
  }

  /// The cells of the server's table, where the object is a row of it.
  public var cells: [JSON] { json[Self.cellsKey]?.array ?? [] }
}

extension KubeClient {
  /// The columns of the server's table of a kind.
  public func columns(of query: ObjectQuery) async throws -> [ObjectTable.Column] {
    var request = APIRequest(query.path, subject: "list \(query.resource.plural)")
    request.query = query.parameters + [("limit", "1")]
    request.accept = ObjectTable.contentType
    var table = ObjectTable()
    table.add(try await json(request))
    return table.columns
  }
}
