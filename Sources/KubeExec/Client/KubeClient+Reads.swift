public import JSON
internal import OrderedCollections

extension KubeClient {
  /// The kind that a word means: `deploy`, `deployments.apps`, `Deployment`.
  public func resource(named word: String) async throws -> KubeResource {
    try await catalog.resource(named: word, with: self)
  }

  /// The kinds that a word means: one, or those of a category such as `all`.
  public func resources(named word: String) async throws -> [KubeResource] {
    try await catalog.resources(named: word, with: self)
  }

  /// The kind of an object that says what it is; nil where the server has no such kind.
  public func resource(of object: KubeObject) async throws -> KubeResource? {
    try await catalog.resource(kind: object.kind, apiVersion: object.apiVersion, with: self)
  }

  /// One object.
  public func get(
    _ resource: KubeResource, _ name: String, in namespace: String?
  ) async throws -> KubeObject {
    let path = resource.path(namespace: namespace, name: name)
    return KubeObject(
      try await json(APIRequest(path, subject: "get \(resource.plural) \"\(name)\"")))
  }

  /// One object; nil where there is none.
  public func find(
    _ resource: KubeResource, _ name: String, in namespace: String?
  ) async throws -> KubeObject? {
    do {
      return try await get(resource, name, in: namespace)
    } catch let error as KubeError where error.code == .notFound {
      return nil
    }
  }

  /// All objects of a query, in one state of the cluster: page by page, and, when the pages end
  /// too soon because that state is forgotten (410), once more in one piece.
  ///
  /// - Parameter asRows: whether each is only its metadata and its cells of the server's table.
  public func list(_ query: ObjectQuery, asRows: Bool = false) async throws -> ObjectList {
    do {
      return try await pages(query, limit: 500, asRows)
    } catch let error as KubeError where error.code == .gone {
      return try await pages(query, limit: nil, asRows)
    }
  }

  private func pages(
    _ query: ObjectQuery, limit: Int?, _ asRows: Bool
  ) async throws -> ObjectList {
    var list = ObjectList(items: [], resourceVersion: "")
    var more: String?
    repeat {
      var request = request(query, limit: limit, continuing: more)
      if asRows { request.accept = ObjectTable.contentType }
      let page = try await json(request)
      guard let items = page[asRows ? "rows" : "items"] else {
        throw KubeError(.serverFailed, "list \(query.resource.plural): the answer is no list")
      }
      list.items += (items.array ?? []).map { item in
        asRows ? KubeObject(row: item) : KubeObject(ObjectList.named(item, query.resource))
      }
      let metadata = page["metadata"]
      list.resourceVersion = metadata?["resourceVersion"]?.string ?? list.resourceVersion
      more = metadata?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while more != nil
    return list
  }

  private func request(
    _ query: ObjectQuery, limit: Int?, continuing more: String?
  ) -> APIRequest {
    var request = APIRequest(query.path, subject: "list \(query.resource.plural)")
    request.query = query.parameters
    if let limit { request.query.append(("limit", String(limit))) }
    if let more { request.query.append(("continue", more)) }
    return request
  }

  /// The columns and rows that the server itself makes of objects, as `kubectl get` prints them.
  public func table(_ query: ObjectQuery, name: String? = nil) async throws -> ObjectTable {
    var table = ObjectTable()
    var more: String?
    repeat {
      var request = request(query, limit: name == nil ? 500 : nil, continuing: more)
      if let name {
        request.path = query.resource.path(namespace: query.namespace, name: name)
        request.query = []
        request.subject = "get \(query.resource.plural) \"\(name)\""
      }
      request.accept = ObjectTable.contentType
      let page: JSON
      do {
        page = try await json(request)
      } catch let error as KubeError where error.code == .gone && more != nil {
        // The pages' state of the cluster is forgotten: begin again, in one piece.
        table = ObjectTable()
        request.query = query.parameters
        page = try await json(request)
      }
      table.add(page)
      more = page["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while more != nil
    return table
  }
}

extension ObjectList {
  /// Items of lists do not say what they are: their list does.
  fileprivate static func named(_ item: JSON, _ resource: KubeResource) -> JSON {
    guard case .object(var members) = item, members["kind"] == nil else { return item }
    members.updateValue(.string(resource.apiVersion), forKey: "apiVersion", insertingAt: 0)
    members.updateValue(.string(resource.kind), forKey: "kind", insertingAt: 1)
    return .object(members)
  }
}

/// What the server would print of objects.
public struct ObjectTable: Sendable {
  /// What asks a server for it.
  static let contentType = "application/json;as=Table;g=meta.k8s.io;v=v1"

  /// One column.
  public struct Column: Hashable, Sendable {
    /// The heading.
    public var name: String
    /// Whether its values are numbers.
    public var isNumeric: Bool
    /// Whether it is shown only when much is asked for.
    public var isWide: Bool
  }

  /// The columns.
  public var columns: [Column] = []
  /// The rows: a cell for each column, and what the row is of.
  public var rows: [(cells: [JSON], object: KubeObject)] = []

  /// Nothing.
  public init() {}

  /// Adds a page; servers give the columns with the first one only.
  mutating func add(_ page: JSON) {
    if columns.isEmpty {
      columns = (page["columnDefinitions"]?.array ?? []).map {
        Column(
          name: $0["name"]?.string ?? "",
          isNumeric: ["integer", "number"].contains($0["type"]?.string),
          isWide: ($0["priority"]?.int ?? 0) > 0)
      }
    }
    rows += (page["rows"]?.array ?? []).map {
      ($0["cells"]?.array ?? [], KubeObject($0["object"] ?? .null))
    }
  }
}
