internal import Archive
internal import Diagnostics

/// Which of a database's objects are wanted, as the options of pg_dump say it.
public struct Selection: Hashable, Sendable {
  /// The part of a restore.
  public enum Section: String, Hashable, Sendable, CaseIterable {
    /// What must be there before rows.
    case preData = "pre-data"
    /// Rows, and the places of sequences.
    case data
    /// Indexes, keys, triggers.
    case postData = "post-data"
  }

  /// These schemas with all that is in them; empty for all.
  public var schemas: [ObjectPattern] = []
  /// These tables, views and sequences; empty for all.
  public var tables: [ObjectPattern] = []
  /// Schemas left out with all that is in them.
  public var excludedSchemas: [ObjectPattern] = []
  /// Tables, views and sequences left out.
  public var excludedTables: [ObjectPattern] = []
  /// Tables without their rows.
  public var excludedData: [ObjectPattern] = []
  /// The sections wanted.
  public var sections = Set(Section.allCases)

  /// Selects everything.
  public init() {}

  /// Whether nothing is left out.
  public var isEverything: Bool { self == Selection() }

  /// Whether single tables or schemas are wanted rather than all but some.
  var namesObjects: Bool { !schemas.isEmpty || !tables.isEmpty }

  /// The selection in the words of the command line.
  public var words: [String] {
    var words = schemas.map { "--schema=\($0)" } + tables.map { "--table=\($0)" }
    words += excludedSchemas.map { "--exclude-schema=\($0)" }
    words += excludedTables.map { "--exclude-table=\($0)" }
    words += excludedData.map { "--exclude-table-data=\($0)" }
    if sections != Set(Section.allCases) {
      words += Section.allCases.filter { sections.contains($0) }
        .map { "--section=\($0.rawValue)" }
    }
    return words
  }

  /// Whether a relation is among those wanted, by its name alone.
  func wants(_ schema: String, _ name: String) -> Bool {
    if excludedSchemas.contains(where: { $0.matches(schema: schema) }) { return false }
    if excludedTables.contains(where: { $0.matches(schema, name) }) { return false }
    if !tables.isEmpty { return tables.contains { $0.matches(schema, name) } }
    return schemas.isEmpty || schemas.contains { $0.matches(schema: schema) }
  }

  /// Whether what is in a schema, and is no relation, is wanted.
  func wants(schema name: String) -> Bool {
    !excludedSchemas.contains { $0.matches(schema: name) }
      && (schemas.isEmpty || schemas.contains { $0.matches(schema: name) })
  }

  /// Throws `SelectionError` for the first pattern that fits nothing of what there is (it is a typing
  /// error, or the database is not the one that was meant), or that names no schema and fits tables
  /// in several: pg_dump would take what the search path finds, which nobody sees from here.
  func requireMatches(relations: [(schema: String, name: String)], schemas names: [String]) throws {
    for pattern in schemas + excludedSchemas {
      guard names.contains(where: { pattern.matches(schema: $0) }) else {
        throw SelectionError(pattern: pattern, subject: "schema", names: names)
      }
    }
    for pattern in tables + excludedTables + excludedData {
      let fitting = relations.filter { pattern.matches($0.schema, $0.name) }
      guard !fitting.isEmpty else {
        throw SelectionError(
          pattern: pattern, subject: "table",
          names: relations.map { pattern.hasSchema ? "\($0.schema).\($0.name)" : $0.name })
      }
      let found = Set(fitting.map(\.schema)).sorted()
      guard pattern.hasSchema || found.count == 1 else {
        throw DBError(
          .invalidRequest,
          "\"\(pattern)\" fits tables in \(found.count) schemas: \(found.joined(separator: ", "))",
          hint: "say which schema: \(found[0]).\(pattern), or *.\(pattern) for all")
      }
    }
  }
}

/// A pattern that fits nothing.
struct SelectionError: Failure {
  var pattern: ObjectPattern
  var subject: String
  var names: [String]

  var message: String {
    "no \(subject) fits \"\(pattern)\""
      + Suggestion.phrase(for: pattern.description, among: names)
  }
  var hint: String? {
    names.isEmpty ? nil : "patterns are psql's: * and ? stand for characters, quotes keep case"
  }
  var status: ExitStatus { .usage }
}
