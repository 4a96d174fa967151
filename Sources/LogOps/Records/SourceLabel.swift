/// What a source of records is called.
public struct SourceLabel: Hashable, Sendable {
  /// As it stands before its records: `backend-7f9-x2/app`, `app.log`.
  public var name: String
  /// The same as fields of JSON and of `--where`: `pod`, `container`, `namespace`, `file`.
  public var fields: [Field]
  /// Which generation of its program it is, as a pod's template hash; nil where nothing tells.
  public var generation: String?

  /// One name.
  public struct Field: Hashable, Sendable {
    /// What it names.
    public var key: String
    /// The name.
    public var value: String
  }

  /// Names a source.
  public init(_ name: String, fields: [(String, String)]) {
    self.name = name
    self.fields = fields.map { Field(key: $0.0, value: $0.1) }
  }

  /// A file, or standard input as `-`.
  public init(file: String) { self.init(file, fields: [("file", file)]) }

  subscript(key: String) -> String? { fields.first { $0.key == key }?.value }
}
