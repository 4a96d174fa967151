internal import PythonSubset

extension ScriptDirectory {
  /// The text of a revision's file.
  ///
  /// - Throws: `ProjectError` when it cannot be read any more.
  public func text(of revision: Revision) throws -> String { try Folder.text(of: revision.path) }

  /// Whether a revision says how to go down.
  public enum Downgrade: Sendable {
    /// It does something.
    case present
    /// It does nothing.
    case empty
    /// There is none, or it does nothing but refuse.
    case missing
  }

  /// Looks into a revision's file for its way down; runs nothing.
  public func downgrade(of revision: Revision) throws -> Downgrade {
    if revision.language == .sql {
      guard let section = try statements(of: revision).downgrade else { return .missing }
      return section.text.contains { !$0.isWhitespace } ? .present : .empty
    }
    let body = try module(of: revision).body.compactMap { statement -> [Statement]? in
      guard case .function(let function) = statement.kind, function.name == "downgrade" else {
        return nil
      }
      return function.body
    }
    guard let last = body.last else { return .missing }
    let work = last.filter { !$0.isIdle }
    guard let first = work.first else { return .empty }
    if case .raise = first.kind { return .missing }
    return .present
  }
}

extension Statement {
  /// `pass`, a docstring, an ellipsis.
  fileprivate var isIdle: Bool {
    switch kind {
    case .pass: return true
    case .return(nil): return true
    case .expression(let expression):
      switch expression.kind {
      case .string, .ellipsis: return true
      default: return false
      }
    default: return false
    }
  }
}

extension ScriptDirectory {
  /// The lines at which the statements of a revision in Python begin, those inside others too, in
  /// order.
  public func statementLines(of revision: Revision) throws -> [Int] {
    var lines: Set<Int> = []
    var rest = try module(of: revision).body
    while let statement = rest.popLast() {
      lines.insert(Int(statement.position.line))
      rest += statement.statements
    }
    return lines.sorted()
  }
}
