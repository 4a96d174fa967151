internal import Diagnostics
public import OrderedCollections
internal import YAML

/// What `omcops.yaml` says about the project of revisions: it stands above the project's own
/// files, and below the options of a command.
public struct AlembicConfiguration: Sendable {
  /// The project's `alembic.ini` or `pyproject.toml`, absolute.
  public var config: Located<String>?
  /// The section of the `.ini` file.
  public var section: Located<String>?
  /// The folder with `env.py` and the revisions: absolute, or `package:folder`.
  public var scriptLocation: Located<String>?
  /// The table with the applied revisions.
  public var versionTable: Located<String>?
  /// Its schema.
  public var versionTableSchema: Located<String>?
  /// Whether each revision has a transaction of its own.
  public var isTransactionPerMigration: Located<Bool>?
  /// How unnamed constraints are named, by the kind of constraint; empty for no convention.
  public var namingConvention: Located<OrderedDictionary<String, String>>?
  /// What scripts get from `context.get_x_argument()`, by key.
  public var arguments: OrderedDictionary<String, Located<String>> = [:]
  /// What `env.py` does beside the migrations and need not be done, by its subject.
  public var accepted: [Located<String>] = []

  init() {}

  /// The subjects that `accept` may name.
  public static let subjects = ["search-path", "loop", "schema-translation", "options"]

  /// The keys of `naming-convention`: SQLAlchemy's.
  static let constraintKinds = ["pk", "fk", "uq", "ck", "ix"]
}

/// Reads the `alembic` section.
struct AlembicReader {
  let texts: TextSourceReader

  private var problems: YAMLProblems { texts.problems }

  func read(_ reader: MappingReader) -> AlembicConfiguration {
    var found = AlembicConfiguration()
    found.config = texts.path("config", reader)
    found.section = reader.word("section")
    found.scriptLocation = reader.word("script-location").map {
      !$0.value.hasPrefix("/") && $0.value.contains(":") ? $0 : texts.path($0)
    }
    found.versionTable = reader.word("version-table")
    found.versionTableSchema = reader.word("version-table-schema")
    if let flag = reader.bool("transaction-per-migration") {
      found.isTransactionPerMigration = Located(
        flag, at: reader.location(of: "transaction-per-migration"))
    }
    found.namingConvention = naming(reader)
    found.arguments = arguments(reader)
    found.accepted = accepted(reader)
    reader.finish()
    return found
  }

  private func naming(
    _ reader: MappingReader
  ) -> Located<OrderedDictionary<String, String>>? {
    guard let inner = reader.mapping("naming-convention") else { return nil }
    var templates: OrderedDictionary<String, String> = [:]
    for kind in AlembicConfiguration.constraintKinds { templates[kind] = inner.string(kind) }
    inner.finish()
    return Located(templates, at: reader.location(of: "naming-convention"))
  }

  private func arguments(_ reader: MappingReader) -> OrderedDictionary<String, Located<String>> {
    var arguments: OrderedDictionary<String, Located<String>> = [:]
    for entry in reader.entries("x") ?? [] {
      if entry.key.isEmpty || entry.key.contains("=") {
        problems.report("\"\(entry.key)\" cannot be the name of a value", at: entry.location)
      }
      guard let scalar = entry.value.scalar, !entry.value.isNull else {
        problems.report(
          "\"\(entry.key)\" must be text, but is \(entry.value.kind)", at: entry.value.location)
        continue
      }
      arguments[entry.key] = Located(scalar.text, at: entry.value.location)
    }
    return arguments
  }

  private func accepted(_ reader: MappingReader) -> [Located<String>] {
    (reader.sequence("accept") ?? []).compactMap { node in
      guard let text = node.string else {
        problems.report("an entry of \"accept\" must be text", at: node.location)
        return nil
      }
      if !AlembicConfiguration.subjects.contains(text) {
        problems.report(
          "\"\(text)\" is nothing that can be accepted"
            + Suggestion.phrase(for: text, among: AlembicConfiguration.subjects),
          at: node.location,
          hint: "It can be \(AlembicConfiguration.subjects.joined(separator: ", ")).")
      }
      return Located(text, at: node.location)
    }
  }
}
