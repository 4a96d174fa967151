internal import ArgumentParser
internal import DBOps

/// Which objects are backed up or restored, in the words of pg_dump.
struct SelectionOptions: ParsableArguments {
  @OptionGroup(title: "Selection") var objects: ObjectOptions

  @Option(help: ArgumentHelp("This table without its rows.", valueName: "pattern"))
  var excludeTableData: [String] = []

  @Flag(help: "Definitions only, no rows and no places of sequences.")
  var schemaOnly = false

  @Flag(help: "Rows and places of sequences only.")
  var dataOnly = false

  @Option(
    help: ArgumentHelp(
      "pre-data, data or post-data; may be given again.", valueName: "section"))
  var section: [SelectedSection] = []

  func validate() throws {
    if schemaOnly, dataOnly {
      throw ValidationError("--schema-only and --data-only leave nothing")
    }
    if schemaOnly || dataOnly, !section.isEmpty {
      throw ValidationError("--section says by itself what --schema-only and --data-only say")
    }
  }

  /// The same as the library takes it; throws for a pattern that cannot be read.
  func selection() throws -> Selection {
    var selection = try objects.selection()
    selection.excludedData = try excludeTableData.map { try ObjectPattern($0, of: .relation) }
    if schemaOnly { selection.sections = [.preData, .postData] }
    if dataOnly { selection.sections = [.data] }
    if !section.isEmpty { selection.sections = Set(section.map(\.section)) }
    return selection
  }
}

/// Which schemas and tables are meant, in pg_dump's words.
struct ObjectOptions: ParsableArguments {
  @Option(
    name: [.customShort("n"), .long],
    help: ArgumentHelp(
      "Only this schema with all that is in it; may be given again. Patterns are psql's.",
      valueName: "pattern"))
  var schema: [String] = []

  @Option(
    name: [.customShort("t"), .long],
    help: ArgumentHelp(
      "Only this table, view or sequence, with what belongs to it; may be given again.",
      valueName: "pattern"))
  var table: [String] = []

  @Option(
    name: [.customShort("N"), .long],
    help: ArgumentHelp("Leave out this schema.", valueName: "pattern"))
  var excludeSchema: [String] = []

  @Option(
    name: [.customShort("T"), .long],
    help: ArgumentHelp("Leave out this table, view or sequence.", valueName: "pattern"))
  var excludeTable: [String] = []

  func validate() throws {
    if !schema.isEmpty, !table.isEmpty {
      throw ValidationError(
        "--schema and --table do not go together; --table 'SCHEMA.*' names a schema's tables")
    }
  }

  /// The same as the library takes it; throws for a pattern that cannot be read.
  func selection() throws -> Selection {
    var selection = Selection()
    selection.schemas = try schema.map { try ObjectPattern($0, of: .schema) }
    selection.tables = try table.map { try ObjectPattern($0, of: .relation) }
    selection.excludedSchemas = try excludeSchema.map { try ObjectPattern($0, of: .schema) }
    selection.excludedTables = try excludeTable.map { try ObjectPattern($0, of: .relation) }
    return selection
  }
}

/// A section as the command line names it.
enum SelectedSection: String, ExpressibleByArgument, CaseIterable {
  case preData = "pre-data"
  case data
  case postData = "post-data"

  var section: Selection.Section {
    switch self {
    case .preData: .preData
    case .data: .data
    case .postData: .postData
    }
  }
}
