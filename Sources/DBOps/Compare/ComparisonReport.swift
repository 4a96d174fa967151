/// A table whose rows are not what they ought to be.
public struct TableDifference: Hashable, Sendable {
  /// Columns that are not the same on both sides, so that rows cannot be compared.
  public struct Columns: Hashable, Sendable {
    /// Those that ought to be there, in order.
    public var expected: [String]
    /// Those that are there.
    public var actual: [String]

    init(_ expected: [String], _ actual: [String]) {
      self.expected = expected
      self.actual = actual
    }
  }

  /// The table, as SQL writes it.
  public var table: String
  /// What ought to be in it; nil where the columns differ.
  public var expected: TableContent?
  /// What is in it; nil where the columns differ.
  public var actual: TableContent?
  /// The columns, where they differ.
  public var columns: Columns?
  /// The keys of differing rows; nil where there is no primary key, or nobody asked.
  public var keys: DifferingKeys?

  init(table: String, expected: TableContent, actual: TableContent) {
    self.table = table
    self.expected = expected
    self.actual = actual
  }

  init(table: String, columns: Columns) {
    self.table = table
    self.columns = columns
  }
}

/// What a comparison found.
public struct ComparisonReport: Sendable {
  /// Objects that are defined in another way.
  public var definitions: [DefinitionDifference] = []
  /// Tables with other rows.
  public var tables: [TableDifference] = []
  /// Sequences, the revision, large objects, and tables that are on one side only.
  public var others: [Difference] = []
  /// How many objects were compared.
  public var comparedObjects = 0
  /// How many tables' rows were compared.
  public var comparedTables = 0
  /// How many rows they ought to have.
  public var comparedRows: Int64 = 0
  /// How many large objects were compared.
  public var comparedLargeObjects = 0
  /// What a reader should know.
  public var notes: [String] = []

  /// Whether both are the same as far as was looked.
  public var isEqual: Bool { definitions.isEmpty && tables.isEmpty && others.isEmpty }
  /// How many differences there are.
  public var count: Int { definitions.count + tables.count + others.count }

  /// Takes differences of definitions, but for those that the server only words differently.
  mutating func add(_ found: [DefinitionDifference]) {
    definitions += found.filter { !$0.isRewording }
    let reworded = found.filter(\.isRewording)
    guard let first = reworded.first else { return }
    notes.append(
      "\(reworded.count) definition\(reworded.count == 1 ? " is" : "s are") the same but for casts "
        + "that the server words anew when a definition is restored, as \(first.object.identity)")
  }
}
