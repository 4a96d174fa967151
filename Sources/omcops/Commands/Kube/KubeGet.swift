internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube get`.
struct KubeGet: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Show objects of a cluster.",
    discussion: discussion(
      """
      KIND is a kind, plural or short name, several of them with commas, or a category such as \
      'all'; KIND/NAME names single objects. For people the columns are the server's own. With \
      '--output json' or yaml one named object is that object, everything else a List. --watch goes on \
      with each change, through broken connections and states that the server has forgotten, until you \
      interrupt it; json is then one object a line.
      """, exits: [.done, .failed, .usage, .interrupted]))

  @Argument(help: ArgumentHelp("KIND [NAME...], or KIND/NAME...", valueName: "what"))
  var words: [String]

  @Flag(name: [.customShort("A"), .long], help: "The objects of all namespaces.")
  var allNamespaces = false

  @Option(name: [.customShort("l"), .long], help: "Only objects with these labels.")
  var selector: String?

  @Option(help: "Only objects with these fields, such as status.phase=Running.")
  var fieldSelector: String?

  @Flag(help: "A column with all labels.")
  var showLabels = false

  @Flag(name: .shortAndLong, help: "Go on with each change.")
  var watch = false

  @Flag(help: "With --watch, say of each object what happened: ADDED, MODIFIED, DELETED.")
  var outputWatchEvents = false

  @Flag(help: "With json and yaml, also who manages which field.")
  var showManagedFields = false

  @Option(
    name: .shortAndLong, help: ArgumentHelp("How to print.", valueName: "format"))
  var output = ListFormat.table

  @OptionGroup var kube: KubeOptions

  func validate() throws {
    if watch, output == .csv || output == .markdown {
      throw ValidationError("--watch prints as table, wide, json, yaml or name")
    }
    if outputWatchEvents, !watch {
      throw ValidationError("--output-watch-events is about --watch")
    }
    let isNamed = words.count > 1 || words.contains { $0.contains("/") }
    if isNamed, selector != nil || fieldSelector != nil {
      throw ValidationError("names do not go together with --selector and --field-selector")
    }
    if isNamed, allNamespaces {
      throw ValidationError("a name is of one namespace: --all-namespaces cannot be meant")
    }
    if words.count > 1, words.contains(where: { $0.contains("/") }),
      !words.allSatisfy({ $0.contains("/") })
    {
      throw ValidationError("write each object as KIND/NAME, or all as KIND NAME...")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let requests = try await requests(session)
    if watch { return try await follow(requests, session, context) }
    switch output {
    case .json, .yaml:
      let objects = try await each(requests, session).flatMap(\.1).map {
        showManagedFields ? $0 : $0.withoutManagedFields
      }
      let isOne = requests.count == 1 && requests[0].name != nil
      let json: JSON =
        isOne
        ? objects[0].json
        : ["apiVersion": "v1", "kind": "List", "items": .array(objects.map(\.json))]
      context.output.write(
        output == .yaml ? YAMLText.document(json) : json.text(.pretty) + "\n")
    case .name:
      for (request, objects) in try await each(requests, session) {
        for object in objects {
          context.output.write(
            "\(ObjectReference(request.query.resource, object.name, in: nil))\n")
        }
      }
    case .table, .wide, .csv, .markdown: try await printTables(requests, session, context)
    }
  }

  private func follow(
    _ requests: [Request], _ session: KubeSession, _ context: Context
  ) async throws {
    guard requests.count == 1, let request = requests.first else {
      throw ValidationError("--watch follows one kind, or one object")
    }
    var query = request.query
    if let name = request.name {
      // One that is not there is no reason to wait.
      _ = try await session.client.get(query.resource, name, in: query.namespace)
      query.fieldSelector = "metadata.name=\(name)"
    }
    let view = ObjectTableView(
      table: ObjectTable(), prefix: nil, isWide: output == .wide,
      showsNamespace: allNamespaces && query.resource.isNamespaced, showsLabels: showLabels)
    try await KubeGetWatch(
      session: session, query: query, format: output, showsEvents: outputWatchEvents, view: view,
      showsManagedFields: showManagedFields
    ).run(context)
  }

  /// One question to the server.
  private struct Request {
    var query: ObjectQuery
    var name: String?
  }

  private func requests(_ session: KubeSession) async throws -> [Request] {
    var requests: [Request] = []
    func add(_ resource: KubeResource, _ name: String?) {
      let place = resource.isNamespaced && !allNamespaces ? session.namespace : nil
      requests.append(
        Request(
          query: ObjectQuery(
            resource, namespace: place, labelSelector: selector, fieldSelector: fieldSelector),
          name: name))
    }
    if words.contains(where: { $0.contains("/") }) {
      for word in words {
        let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw ValidationError("\"\(word)\" is no KIND/NAME") }
        add(try await session.client.resource(named: parts[0]), parts[1])
      }
      return requests
    }
    for word in words[0].split(separator: ",").map(String.init) {
      for resource in try await session.client.resources(named: word) {
        if words.count == 1 { add(resource, nil) }
        for name in words.dropFirst() { add(resource, name) }
      }
    }
    return requests
  }

  private func each(
    _ requests: [Request], _ session: KubeSession
  ) async throws -> [(Request, [KubeObject])] {
    var all: [(Request, [KubeObject])] = []
    for request in requests {
      if let name = request.name {
        let object = try await session.client.get(
          request.query.resource, name, in: request.query.namespace)
        all.append((request, [object]))
      } else {
        all.append((request, try await session.client.list(request.query).items))
      }
    }
    return all
  }

  private func printTables(
    _ requests: [Request], _ session: KubeSession, _ context: Context
  ) async throws {
    // Objects of one kind belong into one table, also when they were named one by one.
    var tables: [(resource: KubeResource, table: ObjectTable)] = []
    for request in requests {
      let table = try await session.client.table(request.query, name: request.name)
      if let index = tables.firstIndex(where: { $0.resource == request.query.resource }) {
        tables[index].table.rows += table.rows
      } else {
        tables.append((request.query.resource, table))
      }
    }
    let full = tables.filter { !$0.table.rows.isEmpty }
    if full.isEmpty {
      let place = allNamespaces ? "any namespace" : "namespace \"\(session.namespace)\""
      let isNamespaced = requests.contains { $0.query.resource.isNamespaced }
      context.error.write("nothing found\(isNamespaced ? " in \(place)" : "")\n")
    }
    for (index, entry) in full.enumerated() {
      if index > 0 { context.output.write("\n") }
      let view = ObjectTableView(
        table: entry.table, prefix: full.count > 1 ? entry.resource : nil,
        isWide: output == .wide, showsNamespace: allNamespaces && entry.resource.isNamespaced,
        showsLabels: showLabels)
      context.output.write(
        view.rowSet.text(as: output.tableFormat, width: context.output.columns))
    }
  }
}

/// How `kube get` prints.
enum ListFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
  case table, wide, json, yaml, name, csv, markdown

  /// The format of the rows.
  var tableFormat: OutputFormat {
    switch self {
    case .csv: .csv
    case .markdown: .markdown
    case .json: .json
    case .table, .wide, .name, .yaml: .table
    }
  }
}

/// The server's columns as rows of ours.
struct ObjectTableView {
  var table: ObjectTable
  /// The kind, where several tables stand below each other.
  let prefix: KubeResource?
  let isWide: Bool
  let showsNamespace: Bool
  let showsLabels: Bool

  var rowSet: RowSet {
    RowSet(columns, rows: table.rows.map { row(cells: $0.cells, object: $0.object) })
  }

  /// The columns that are shown.
  var columns: [RowSet.Column] {
    var columns = shown.map {
      RowSet.Column(table.columns[$0].name.lowercased(), isNumeric: table.columns[$0].isNumeric)
    }
    if showsNamespace { columns.insert("namespace", at: 0) }
    if showsLabels { columns.append("labels") }
    return columns
  }

  private var shown: [Int] {
    table.columns.indices.filter { isWide || !table.columns[$0].isWide }
  }

  /// The cells that are shown.
  func row(cells all: [JSON], object: KubeObject) -> [Cell] {
    var cells = shown.map { index in
      all.indices.contains(index) ? cell(all[index]) : Cell.null
    }
    if let prefix, let first = cells.first?.text {
      cells[0] = .text(
        "\(ObjectReference(prefix, first, in: nil))")
    }
    if showsNamespace { cells.insert(Cell(object.namespace), at: 0) }
    if showsLabels {
      let labels = object["metadata", "labels"]?.object ?? [:]
      cells.append(
        .text(labels.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ",")))
    }
    return cells
  }

  private func cell(_ json: JSON) -> Cell {
    switch json {
    case .null: .null
    case .string(let text): .text(text)
    case .int(let value): Cell(value)
    case .bool(let flag): .bool(flag)
    default: .text(json.text())
    }
  }
}
