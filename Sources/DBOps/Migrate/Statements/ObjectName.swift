internal import Postgres

/// The name of a table, index or another object as a statement has it.
public struct ObjectName: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The schema; nil where the statement leaves it to the search path.
  public var schema: String?
  /// The name in that schema, as the catalogs have it.
  public var name: String

  /// Names an object.
  public init(_ schema: String?, _ name: String) {
    self.schema = schema
    self.name = name
  }

  /// As SQL has it, quoted where needed.
  public var description: String {
    schema.map { quoteIdentifier($0, name) } ?? quoteIdentifier(name)
  }

  /// The same in a schema, where it names none itself.
  public func within(_ schema: String) -> ObjectName {
    ObjectName(self.schema ?? schema, name)
  }

  /// By schema, then by name.
  public static func < (a: ObjectName, b: ObjectName) -> Bool {
    (a.schema ?? "", a.name) < (b.schema ?? "", b.name)
  }
}
