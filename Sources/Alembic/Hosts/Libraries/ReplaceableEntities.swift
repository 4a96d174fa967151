internal import OrderedCollections
internal import PythonSubset
internal import Text

/// alembic_utils: functions, views, triggers and the like as objects that `op.create_entity` and
/// its kin make, drop and replace.
final class ReplaceableEntity: PythonObject {
  /// What kind of object it is.
  enum Kind: String, CaseIterable {
    case function = "PGFunction"
    case view = "PGView"
    case materializedView = "PGMaterializedView"
    case trigger = "PGTrigger"
    case policy = "PGPolicy"
    case extensionModule = "PGExtension"
  }

  private let kind: Kind
  private let schema: String
  private let signature: String
  private let definition: String
  private let owner: String
  private let isConstraint: Bool
  private let hasData: Bool

  private init(_ kind: Kind, _ call: Call) throws {
    self.kind = kind
    schema = try call.string("schema")
    signature = try call.string("signature")
    definition = ReplaceableEntity.stripped(try call.optionalString("definition") ?? "")
    owner = try call.optionalString("on_entity") ?? ""
    isConstraint = try call.truth("is_constraint")
    hasData = try call.truth("with_data")
    super.init()
  }

  /// The classes, in the order of the kinds.
  nonisolated(unsafe) static let classes: [PythonClass] = Kind.allCases.map { kind in
    PythonClass(
      host: kind.rawValue, module: "alembic_utils",
      members: [
        "__new__": .new(
          "cls, schema, signature, definition=None, on_entity=None, is_constraint=False, "
            + "with_data=True"
        ) { call in .object(try ReplaceableEntity(kind, call)) },
        "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      ])
  }

  override var pythonClass: PythonClass {
    ReplaceableEntity.classes[Kind.allCases.firstIndex(of: kind) ?? 0]
  }

  private static func stripped(_ text: String) -> String {
    var text = text[...]
    while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
    return String(text)
  }

  private var name: String { "\"\(schema)\".\"\(signature)\"" }

  /// A function's name between quotes, with its parameters.
  private var quotedSignature: String {
    guard let parenthesis = signature.firstIndex(of: "(") else { return "\"\(signature)\"" }
    let name = signature[..<parenthesis].filter { !$0.isWhitespace && $0 != "\"" }
    return "\"\(name)\"\(signature[parenthesis...])"
  }

  /// A function's name with the types of its parameters, without their defaults.
  private var droppedSignature: String {
    guard let open = signature.firstIndex(of: "("), let close = signature.lastIndex(of: ")") else {
      return quotedSignature
    }
    let name = signature[..<open].filter { !$0.isWhitespace && $0 != "\"" }
    let parameters = signature[signature.index(after: open)..<close].split(separator: ",")
    let types = parameters.map { parameter in
      let words = parameter.split(whereSeparator: \.isWhitespace)
      return words.prefix { $0.lowercased() != "default" && $0 != "=" }.joined(separator: " ")
    }
    return "\"\(name)\"(\(types.joined(separator: ", ")))"
  }

  func create() throws -> String {
    switch kind {
    case .function: "CREATE FUNCTION \"\(schema)\".\(quotedSignature) \(definition)"
    case .view: "CREATE VIEW \(name) AS \(definition);"
    case .materializedView:
      "CREATE MATERIALIZED VIEW \(name) AS \(definition) WITH \(hasData ? "" : "NO ")DATA;"
    case .trigger:
      "CREATE \(isConstraint ? "CONSTRAINT " : "")TRIGGER \"\(signature)\" \(try onTable())"
    case .policy: "CREATE POLICY \(signature) on \(owner) \(definition)"
    case .extensionModule: "CREATE EXTENSION \"\(signature)\" WITH SCHEMA \"\(schema)\";"
    }
  }

  /// A trigger's definition with its table in the entity's schema.
  private func onTable() throws -> String {
    let words = definition.split(separator: " ", omittingEmptySubsequences: false)
    guard let place = words.firstIndex(where: { $0.uppercased() == "ON" }),
      let table = words[(place + 1)...].firstIndex(where: { !$0.isEmpty })
    else {
      throw PythonError(
        .valueError, "Failed to parse SQL into PGTrigger.definition \"\"\"\(definition)\"\"\"")
    }
    let unqualified = words[table].split(separator: ".").last.map(String.init) ?? ""
    var all = words.map(String.init)
    all[table] = "\(schema).\(unqualified)"
    return all.joined(separator: " ")
  }

  func drop(cascades: Bool) -> String {
    let cascade = cascades ? " CASCADE" : ""
    return switch kind {
    case .function: "DROP FUNCTION \"\(schema)\".\(droppedSignature)\(cascade)"
    case .view: "DROP VIEW \(name)\(cascade)"
    case .materializedView: "DROP MATERIALIZED VIEW \(name)\(cascade)"
    case .trigger: "DROP TRIGGER \"\(signature)\" ON \(owner)\(cascade)"
    case .policy: "DROP POLICY \(signature) on \(owner)\(cascade)"
    case .extensionModule: "DROP EXTENSION \"\(signature)\"\(cascade)"
    }
  }

  func replace() throws -> [String] {
    switch kind {
    case .function: ["CREATE OR REPLACE FUNCTION \"\(schema)\".\(quotedSignature) \(definition)"]
    case .view:
      [
        "do $$ begin CREATE OR REPLACE VIEW \(name) AS \(definition); exception when others then "
          + "DROP VIEW IF EXISTS \(name); CREATE VIEW \(name) AS \(definition); end; $$ "
          + "language 'plpgsql'"
      ]
    case .materializedView:
      ["DROP MATERIALIZED VIEW IF EXISTS \(name);", try create()]
    case .trigger: ["DROP TRIGGER IF EXISTS \"\(signature)\" ON \(owner);", try create()]
    case .policy: ["DROP POLICY IF EXISTS \(signature) on \(owner);", try create()]
    case .extensionModule: throw PythonError(.notImplementedError, "")
    }
  }

  override class var ownMethods: [String] {
    ["to_sql_statement_create", "to_sql_statement_drop", "to_sql_statement_create_or_replace"]
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "schema": .string(schema)
    case "signature": .string(signature)
    case "definition": .string(definition)
    case "on_entity": .string(owner)
    case "to_sql_statement_create":
      .function(name) { [self] _ in try ReplaceableEntity.clause(create()) }
    case "to_sql_statement_drop":
      .function(name, "cascade=False") { [self] call in
        try ReplaceableEntity.clause(drop(cascades: call.truth("cascade")))
      }
    case "to_sql_statement_create_or_replace":
      .function(name) { [self] _ in .list(try replace().map(ReplaceableEntity.clause)) }
    default: try super.attribute(name, python)
    }
  }

  private static func clause(_ sql: String) throws -> Value {
    .object(
      ExpressionObject(SQLExpression(.text(TextClause(sql.replacing(text: ":", with: "\\:"))))))
  }

  /// The class that the directives are registered with.
  nonisolated(unsafe) static let operations = PythonClass(
    host: "ReversibleOp", module: "alembic_utils.reversible_op",
    members: [
      "create_entity": directive("") { entity, _ in [try entity.create()] },
      "drop_entity": directive(", cascade=False") { entity, call in
        [entity.drop(cascades: try call.truth("cascade"))]
      },
      "replace_entity": directive("") { entity, _ in try entity.replace() },
    ])

  private static func directive(
    _ more: String, _ statements: @escaping (ReplaceableEntity, Call) throws -> [String]
  ) -> Value {
    .classMethod("cls, operations, target\(more)") { call in
      guard let run = call["operations"].object(as: OperationsObject.self)?.run,
        let entity = call["target"].object(as: ReplaceableEntity.self)
      else { throw call.mismatch(2, "a replaceable entity") }
      for sql in try statements(entity, call) {
        try translatingErrors { try run.operations.send(sql) }
      }
      return .null
    }
  }
}
