public import Patterns

/// How records are printed.
public struct RecordStyle: Sendable {
  /// The ways.
  public enum Format: String, Sendable, CaseIterable {
    /// For people: where a record comes from, then its text.
    case text
    /// The record's own bytes, and nothing else.
    case raw
    /// An object a line, as `schemas/log-record-v1.schema.json` says.
    case json
  }

  /// The way.
  public var format = Format.text
  /// Whether a person looks at it: nothing may speak to the terminal.
  public var isTerminal = false
  /// Whether colours are written.
  public var isColoured = false
  /// Whether structured records are laid out for people: time, level, message, fields.
  public var isPretty = false
  /// Whether the source stands before each record.
  public var hasPrefix = false
  /// Whether the time stands before each record.
  public var hasTime = false
  /// A layout of the user's own, instead of that of `text`.
  public var template: RecordTemplate?
  /// Whether secrets are hidden.
  public var hidesSecrets = true
  /// What is made to stand out.
  public var highlights: [Pattern] = []
  /// Seconds east of UTC in which times are printed.
  public var zone = 0

  /// Text for a pipe.
  public init() {}
}
