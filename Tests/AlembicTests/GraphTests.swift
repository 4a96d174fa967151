import JSON
import SystemPackage
import Testing

@testable import Alembic

/// Two hundred random graphs, and what Alembic 1.20 says about commands on them.
///
/// Each line of `Data/graphs.jsonl` is a graph (`revs`: identifier, predecessors, dependencies,
/// labels, in the order of the files), its heads and bases, and cases: a command, its arguments and
/// what came of it. What Alembic leaves to chance (the order of Python's sets) is not among them.
@Suite("revision graphs against Alembic's")
struct GraphTests {
  static let graphs: [JSON] = {
    let bytes = (try? dataFile("graphs.jsonl")) ?? ""
    return bytes.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
  }()

  @Test("all graphs were read") func count() { #expect(GraphTests.graphs.count == 200) }

  @Test("heads, bases and labels", arguments: 0..<200)
  func structure(_ number: Int) throws {
    let graph = GraphTests.graphs[number]
    let map = try map(of: graph)
    #expect(map.headIDs == words(graph["heads"]))
    #expect(map.effectiveHeadIDs == words(graph["real"]))
    #expect(map.baseIDs == words(graph["bases"]))
    for (index, revision) in map.revisions.enumerated() {
      let expected = graph["labels"]?[revision.id]?.string ?? ""
      #expect(map.nodes[index].labels.sorted().joined(separator: " ") == expected)
    }
  }

  @Test("commands", arguments: 0..<200)
  func commands(_ number: Int) throws {
    let graph = GraphTests.graphs[number]
    let map = try map(of: graph)
    for item in graph["cases"]?.array ?? [] {
      let item = item.array ?? []
      let command = item.dropLast().compactMap(\.string)
      let outcome = Outcome { try run(command, on: map) }
      let expected = Outcome(item.last ?? nil)
      #expect(outcome == expected, "graph \(number + 1): \(command)")
    }
  }

  private func run(_ command: [String], on map: RevisionMap) throws -> Outcome {
    switch command[0] {
    case "up":
      return try applied(map, command[2]) { try map.upgradeSteps(to: command[1], from: $0) }
    case "down":
      return try applied(map, command[2]) { try map.downgradeSteps(to: command[1], from: $0) }
    case "stamp":
      return try applied(map, command[2]) {
        try map.stampSteps(to: list(command[1]), from: $0)
      }
    case "hist":
      return .list(
        try map.history(from: .one(command[1]), to: .one(command[2])).map(\.revision.id))
    case "get":
      return .list(
        try map.worded {
          try map.landings(command[1]).map {
            switch $0 {
            case .revision(let index)?: map.revisions[index].id
            case .base?: "base"
            case nil: "None"
            }
          }
        })
    default:
      return .list(try map.currentViews(of: list(command[1])).map(\.revision.id).sorted())
    }
  }

  /// Runs the steps on the version rows.
  private func applied(
    _ map: RevisionMap, _ heads: String, _ steps: ([String]) throws -> [MigrationStep]
  ) throws -> Outcome {
    let steps = try steps(list(heads))
    var rows = VersionHeads(list(heads), in: map)
    var states: [String] = []
    do {
      for step in steps {
        _ = try rows.apply(step)
        states.append(rows.heads.sorted().joined(separator: " "))
      }
    } catch { states = ["crash"] }
    return .steps(
      steps.map { $0.revision?.id ?? $0.description }, rows: states.joined(separator: ","))
  }

  private func map(of graph: JSON) throws -> RevisionMap {
    func names(_ field: Substring) -> [String] {
      field == "-" ? [] : field.split(separator: ",").map(String.init)
    }
    return try RevisionMap(
      (graph["revs"]?.array ?? []).compactMap(\.string).map { line in
        let fields = line.split(separator: " ")
        return Revision(
          id: String(fields[0]), downRevisions: names(fields[1]), dependencies: names(fields[2]),
          branchLabels: names(fields[3]), longDoc: "m")
      })
  }

  private func words(_ json: JSON?) -> [String] { json?.array?.compactMap(\.string) ?? [] }

  private func list(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
}

/// What came of a command.
private enum Outcome: Equatable {
  case list([String])
  case steps([String], rows: String)
  case error(String)
  /// Alembic dies of an assertion; an error of ours is as good as its traceback.
  case crash

  init(_ body: () throws -> Outcome) {
    do { self = try body() } catch let error as RevisionError { self = .error(error.message) } catch
    {
      self = .error("\(error)")
    }
  }

  init(_ json: JSON) {
    if let text = json.string {
      self = .list(text.split(separator: " ").map(String.init))
    } else if let steps = json["steps"] {
      let names = steps.string.map { $0.split(separator: " ").map(String.init) }
      let rows = json["rows"]?.string ?? "crash"
      self = .steps(names ?? steps.array?.compactMap(\.string) ?? [], rows: rows)
    } else if json["crash"] != nil {
      self = .crash
    } else {
      self = .error(Outcome.message(json))
    }
  }

  private static func message(_ json: JSON) -> String {
    let (kind, argument) =
      json.object?.elements.first.map { ($0.key, $0.value.string ?? "") } ?? ("", "")
    return switch kind {
    case "heads":
      "Multiple head revisions are present for given argument '\(argument)'; please specify a "
        + "specific target revision, '<branchname>@\(argument)' to narrow to a specific head, or "
        + "'heads' for all heads"
    case "upgrade", "downgrade":
      "Destination \(argument) is not a valid \(kind) target from current head(s)"
    case "locate": "Can't locate revision identified by '\(argument)'"
    case "range":
      "Requested range \(argument) does not refer to ancestor/descendant revisions along the same "
        + "branch"
    default: argument
    }
  }

  static func == (a: Outcome, b: Outcome) -> Bool {
    switch (a, b) {
    case (.list(let a), .list(let b)): a == b
    case (.steps(let a, let aRows), .steps(let b, let bRows)): a == b && aRows == bRows
    case (.error(let a), .error(let b)): a == b
    case (.error, .crash), (.crash, .error): true
    default: false
    }
  }
}

/// A file of the test data.
func dataFile(_ name: String) throws -> String {
  let path = FilePath(#filePath).removingLastComponent().appending("Data").appending(name)
  let file = try FileDescriptor.open(path, .readOnly)
  return try file.closeAfter {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
