public import Diagnostics

/// Why a whole database cannot be compared, swapped or dropped.
public struct DatabaseError: Failure, Hashable {
  /// The class of error, for callers that decide by it.
  public struct Code: Hashable, Sendable {
    let raw: String

    /// There is no such database.
    public static let missing = Code(raw: "missing")
    /// There is a database of that name already.
    public static let exists = Code(raw: "exists")
    /// Clients kept the database in use until the deadline.
    public static let inUse = Code(raw: "in-use")
    /// It is a database that must not be dropped or renamed.
    public static let refused = Code(raw: "refused")
  }

  /// The class of error.
  public let code: Code
  /// What happened.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// Who is in the way.
  public var details: [String] = []
  /// Refused or failed.
  public var status: ExitStatus { code == .refused ? .refused : .failed }

  init(_ code: Code, _ message: String, hint: String? = nil, details: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.details = details
  }

  static func missing(_ name: String) -> DatabaseError {
    DatabaseError(.missing, "there is no database \"\(name)\"")
  }
}
