public import Postgres

/// How the database is made that those of all workers are copies of.
public struct TemplateRecipe: Sendable {
  /// Stands for all that goes into it: another key, another template.
  public var key: String
  /// Fills an empty database: migrations, then the seed. It may not leave a session open.
  public var fill: @Sendable (ConnectionSettings) async throws -> Void

  /// Describes a template.
  public init(key: String, fill: @escaping @Sendable (ConnectionSettings) async throws -> Void) {
    self.key = key
    self.fill = fill
  }
}
