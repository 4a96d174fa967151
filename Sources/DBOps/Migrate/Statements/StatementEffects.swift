/// What one statement does to the database and to those who use it.
public struct StatementEffects: Hashable, Sendable {
  /// A lock that it takes on a relation that was there before.
  public struct Lock: Hashable, Comparable, Sendable {
    /// The relation, with its schema.
    public var relation: ObjectName
    /// The strongest mode.
    public var mode: LockMode

    /// The strongest first.
    public static func < (a: Lock, b: Lock) -> Bool {
      (b.mode, a.relation) < (a.mode, b.relation)
    }
  }

  /// Work that takes the longer the larger a table is.
  public struct Work: Hashable, Sendable {
    /// What is done with the table.
    public enum Kind: String, Sendable {
      /// All rows and indexes are written anew.
      case rewrite
      /// All rows are read.
      case scan
      /// An index is built.
      case index
      /// All rows are changed by a statement about rows.
      case update
    }
    /// What is done.
    public var kind: Kind
    /// To which table.
    public var relation: ObjectName
    /// Why.
    public var reason: String
  }

  /// Something that no downgrade brings back.
  public struct Loss: Hashable, Sendable {
    /// What is lost.
    public enum Kind: String, Sendable {
      /// A table with its rows.
      case table
      /// A column with its values.
      case column
      /// Rows, by `DELETE` or `TRUNCATE`.
      case rows
      /// Values that are changed or cut.
      case values
      /// Everything in a schema or a database, or all that a role owns.
      case everything
    }
    /// What is lost.
    public var kind: Kind
    /// The table, schema or database.
    public var object: ObjectName
    /// The column, where one is meant.
    public var column: String?
    /// What happens, in a few words: `drops column "note"`.
    public var description: String
  }

  /// Whether it can run in a transaction.
  public enum TransactionUse: Hashable, Sendable {
    /// Anywhere.
    case anywhere
    /// Only outside of a transaction, for this reason.
    case outside(String)
  }

  /// The locks, the strongest first. What is made by the statement is not among them.
  public var locks: [Lock] = []
  /// What takes long.
  public var work: [Work] = []
  /// What is lost.
  public var losses: [Loss] = []
  /// Whether it can run in a transaction.
  public var transactionUse = TransactionUse.anywhere
  /// The relations that it makes.
  public var created: [ObjectName] = []
  /// What it does that nothing undoes, though no rows are lost: `adds a value to an enum`.
  public var irreversible: String?
  /// Why nothing more can be said; nil where all is known.
  public var unknown: String?

  /// The strongest lock.
  public var strongest: Lock? { locks.min() }

  mutating func lock(_ relation: ObjectName, _ mode: LockMode) {
    if let place = locks.firstIndex(where: { $0.relation == relation }) {
      locks[place].mode = max(locks[place].mode, mode)
    } else {
      locks.append(Lock(relation: relation, mode: mode))
    }
  }

  mutating func add(_ kind: Work.Kind, _ relation: ObjectName, _ reason: String) {
    // One rewrite does for all.
    if work.contains(where: { $0.relation == relation && $0.kind == .rewrite }), kind != .update {
      return
    }
    if kind == .rewrite { work.removeAll { $0.relation == relation } }
    let new = Work(kind: kind, relation: relation, reason: reason)
    if !work.contains(new) { work.append(new) }
  }

  mutating func lose(
    _ kind: Loss.Kind, _ object: ObjectName, column: String? = nil, _ description: String
  ) {
    losses.append(Loss(kind: kind, object: object, column: column, description: description))
  }
}
